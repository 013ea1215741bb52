import { expect, it } from 'vitest'
import { runConformance } from '../../../src/runner/run.js'
import { must, scenario } from '../../../src/scenario/index.js'
import { virtualStages } from '../../../src/worlds/virtual-stages.js'

/** A story whose check holds at these attempts only. */
const story = (id: string, holds: readonly boolean[]) => {
  let attempt = 0
  return {
    file: `scenarios/proxy/${id}.ts`,
    definition: scenario({
      id: `proxy/${id}`,
      title: 'Holds now and then',
      area: 'proxy',
      purposes: ['PRX-ROUTE'],
      rules: { holds: must('RFC 3261 §16.6', 'it holds', { gravity: 'harm' }) },
      devices: { alice: { audio: false } },
      seconds: 1,
      harm: 'Customers notice.',
      advice: 'None.',
      async run({ expect: expects, waits }) {
        await waits(10)
        expects('holds', holds[attempt++] ?? null).toBe(true)
      },
    }),
  }
}

const performed = async (...scenarios: ReturnType<typeof story>[]) => {
  const { stages, document } = await virtualStages({ seed: 1, faults: [] })
  const captures: string[] = []
  const told: string[] = []
  const outcome = await runConformance({
    scenarios,
    document,
    stages,
    selection: {},
    writeEvidence: (key) => {
      captures.push(key)
      return { evidence: [key] }
    },
    reporter: {
      confirms: (count) => told.push(`${count} again`),
      confirmed: (entry, { verdict }) => told.push(`${entry.definition.id} ${verdict}`),
    },
  })
  return { verdicts: outcome.scenarios.map(({ id, verdict, reasonCode }) => [id, verdict, reasonCode]), captures, told }
}

it('what fails is run again: fails twice, a fail; does not, unsteady; the captures of both are kept', async () => {
  const { verdicts, captures, told } = await performed(
    story('always', [false, false]),
    story('once', [false, true]),
    story('never', [true]),
  )
  expect(verdicts).toEqual([
    ['proxy/always', 'fail', 'rule-broken'],
    ['proxy/once', 'inconclusive', 'unsteady'],
    ['proxy/never', 'pass', undefined],
  ])
  expect(told).toEqual(['2 again', 'proxy/always fail', 'proxy/once inconclusive'])
  expect(captures).toContain('proxy/always udp/ipv4 attempt 2')
})
