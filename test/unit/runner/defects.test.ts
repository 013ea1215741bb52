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
    defect: { message: expect.stringMatching(/^TypeError: /), file: FILE, line: LINE },
  })
  expect(found).toEqual([
    { id: 'proxy/clean', verdict: 'pass', reasonCode: undefined, defect: undefined },
    broken('proxy/loses'),
    broken('proxy/request'),
  ])
})
