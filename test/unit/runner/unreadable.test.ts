import { expect, it } from 'vitest'
import { virtualStages } from '../../../src/worlds/virtual-stages.js'
import { runConformance } from '../../../src/runner/run.js'
import { must, parseUri, scenario } from '../../../src/scenario/index.js'

const story = (id: string, reads: () => void) => ({
  file: 'x.ts',
  definition: scenario({
    id: `registrar/${id}`,
    title: 'Reads something',
    area: 'registrar',
    purposes: ['REG-ADD'],
    rules: {
      read: must('RFC 3261 §10.3', 'it can be read', { gravity: 'letter' }),
      later: must('RFC 3261 §10.3', 'and what comes later', { gravity: 'letter' }),
    },
    devices: { alice: {} },
    seconds: 2,
    harm: 'None.',
    advice: 'None.',
    async run({ alice, expect: holds }) {
      await alice.registers()
      holds('read', 1).toBe(1)
      reads()
      holds('later', 1).toBe(1)
    },
  }),
})

it('what the target sent and cannot be read is no defect of ours; what else goes wrong in a story is', async () => {
  const { stages, document } = await virtualStages({ seed: 1, faults: [] })
  const scenarios = [
    story('unreadable', () => parseUri('sip:a b@c d')),
    story('broken', () => {
      throw new TypeError('undefined is not a function')
    }),
  ]
  const { scenarios: results } = await runConformance({ scenarios, document, stages, selection: {} })
  const told = results.map(({ id, verdict, reason }) => [id, verdict, reason.split('\n')[0]])
  expect(told.sort(([a = ''], [b = '']) => a.localeCompare(b))).toEqual([
    ['registrar/broken', 'error', 'TypeError: undefined is not a function'],
    ['registrar/unreadable', 'inconclusive', expect.stringMatching(/^a message of the target could not be read: \S/)],
  ])
})
