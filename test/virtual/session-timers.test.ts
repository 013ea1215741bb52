/** Session timers at providers whose house rules want them (RFC 4028 §8): inserted, shortened, and a least interval of their own. */
import { expect, it } from 'vitest'
import { runConformance } from '../../src/runner/run.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { allScenarios, inFirstVariant } from './detection.js'

const scenarios = inFirstVariant(await allScenarios()).filter(({ definition }) =>
  /^dialog\/session-(?:of|422)/.test(definition.id),
)

async function verdictsAt(policy: { longestSession?: number; minSessionExpires?: number }) {
  const { stages, document } = await virtualStages({ seed: 1, faults: [], policy })
  const outcome = await runConformance({ scenarios, document, stages, selection: { slow: true }, brief: true })
  return outcome.scenarios.map(({ id, verdict, reason }) => `${id} ${verdict} ${reason}`.trim())
}

const passed = scenarios.map(({ definition: { id } }) => `${id} pass`).sort()

it('a proxy that asks for a session timer in every call, and for no more than 100 s, is right', async () => {
  expect((await verdictsAt({ longestSession: 100 })).sort()).toEqual(passed)
})

it('so is one whose least interval is two minutes: 422, and the call with that', async () => {
  expect((await verdictsAt({ minSessionExpires: 120 })).sort()).toEqual(passed)
})

it('one whose least interval is half an hour is not waited for', async () => {
  const told = await verdictsAt({ minSessionExpires: 1800 })
  expect(told.filter((line) => / (?:fail|warn|error) /.test(`${line} `))).toEqual([])
  expect(told.filter((line) => line.includes(' inconclusive '))).toHaveLength(4)
})
