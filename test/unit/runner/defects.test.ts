import { expect, it } from 'vitest'
import { runConformance } from '../../../src/runner/run.js'
import { type Device, must, scenario } from '../../../src/scenario/index.js'
import { virtualStages } from '../../../src/worlds/virtual-stages.js'

const FILE = 'test/unit/runner/defects.test.ts'
/** Of the mistake below. */
const LINE = 13

/** Where a mistake is made on purpose. */
const mistake = (): boolean => {
  const nothing: { missing?: { there: boolean } } = {}
  return nothing.missing!.there
}

const story = (id: string, prepare: (bob: Device) => void) => ({
  file: FILE,
  definition: scenario({
    id: `proxy/${id}`,
    title: 'Calls somebody',
    area: 'proxy',
    purposes: ['PRX-ROUTE'],
    rules: { rung: must('RFC 3261 §16.6', 'the call arrives', { gravity: 'outage' }) },
    devices: { alice: { audio: false }, bob: { audio: false } },
    seconds: 10,
    harm: 'None.',
    advice: 'None.',
    async run({ alice, bob, expect: holds, waits }) {
      await bob.registers()
      prepare(bob)
      const { arrived } = await alice.tries(bob)
      await waits(1_000)
      holds('rung', arrived ?? null).toBePresent()
    },
  }),
})

it('a mistake in what a scenario leaves to a device is the scenario’s, with its line, and nobody else suffers', async () => {
  const { stages, document } = await virtualStages({ seed: 1, faults: [] })
  const scenarios = [
    story('request', (bob) => bob.answersRequests(() => (mistake() ? 'nothing' : undefined))),
    story('loses', (bob) => bob.loses(mistake)),
    story('clean', () => {}),
  ]
  const { scenarios: results } = await runConformance({ scenarios, document, stages, selection: {} })
  const found = results
    .map(({ id, verdict, reasonCode, defect }) => ({ id, verdict, reasonCode, defect }))
    .sort((a, b) => a.id.localeCompare(b.id))
  const broken = (id: string) => ({
    id,
    verdict: 'error',
    reasonCode: 'scenario-defect',
    defect: { message: expect.stringMatching(/^TypeError: /), file: FILE, line: LINE, column: expect.any(Number) },
  })
  expect(found).toEqual([
    { id: 'proxy/clean', verdict: 'pass', reasonCode: undefined, defect: undefined },
    broken('proxy/loses'),
    broken('proxy/request'),
  ])
})

it('a rule that the story never looked at is a mistake of the file', async () => {
  const { stages, document } = await virtualStages({ seed: 1, faults: [] })
  const forgetful = story('forgetful', () => {})
  const scenarios = [{ ...forgetful, definition: { ...forgetful.definition, run: () => Promise.resolve() } }]
  const { scenarios: results } = await runConformance({ scenarios, document, stages, selection: {} })
  expect(results).toMatchObject([
    {
      verdict: 'error',
      reasonCode: 'scenario-defect',
      defect: { message: 'the scenario ended without checking: rung', file: FILE },
    },
  ])
})

it('undefined handed to expect is a mistake with its line, also where the story catches what is thrown', async () => {
  const { stages, document } = await virtualStages({ seed: 1, faults: [] })
  const caught = story('caught', () => {})
  const run: (typeof caught.definition)['run'] = async ({ expect: holds }) => {
    const answer: { status?: number } = {}
    try {
      // @ts-expect-error -- that is the mistake
      holds('rung', answer.status).toBePresent()
    } catch {
      holds('rung', true).toBeTrue()
    }
  }
  const scenarios = [{ ...caught, definition: { ...caught.definition, run } }]
  const { scenarios: results } = await runConformance({ scenarios, document, stages, selection: {} })
  expect(results).toMatchObject([
    {
      verdict: 'error',
      reasonCode: 'scenario-defect',
      defect: { message: expect.stringMatching(/undefined/), file: FILE, line: expect.any(Number) },
    },
  ])
})
