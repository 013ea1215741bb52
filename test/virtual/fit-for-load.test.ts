/** Scenarios that say that they are fit for load are: one call at a time, soon over, passed on the clean provider. */
import { expect, test } from 'vitest'
import { AccountPool } from '../../src/runner/account-pool.js'
import { runScenario } from '../../src/runner/run-scenario.js'
import { whyNotAsLoad } from '../../src/scenario/fit-for-load.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { allScenarios, inFirstVariant, sharedCredentialsOf } from './detection.js'

const fit = inFirstVariant(await allScenarios()).filter(({ definition }) => whyNotAsLoad(definition) === undefined)

test('there are many of them, of most areas', () => {
  expect(fit.length).toBeGreaterThanOrEqual(60)
  expect(new Set(fit.map(({ definition }) => definition.area)).size).toBeGreaterThanOrEqual(10)
})

// A run takes one place of the target's limits: a second call at the same time would be one too many.
test.each(fit.map((one) => [one.definition.id, one] as const))('%s makes one call at a time', async (_id, one) => {
  const { definition, file } = one
  const policy = { sharedCredentials: sharedCredentialsOf(definition) }
  const { stages, document } = await virtualStages({ seed: 1, faults: [], policy })
  const [variant] = definition.variants ?? []
  const lease = new AccountPool(document).take(definition)
  if (variant === undefined || lease === undefined) throw new Error(`${definition.id} cannot be run`)
  let [calls, most] = [0, 0]
  const told = await stages.on(definition.id, (world) => {
    const admitCall = async () => {
      const giveBack = await world.admitCall()
      calls += 1
      most = Math.max(most, calls)
      return () => {
        calls -= 1
        giveBack()
      }
    }
    return runScenario({ entry: { definition, file, variant }, world: { ...world, admitCall }, lease, runStartMs: 0 })
  })
  expect([told.result.verdict, told.result.reason]).toEqual(['pass', ''])
  expect(most).toBeLessThanOrEqual(1)
})
