import { expect, it } from 'vitest'
import { faultCatalogue } from '../../src/provider/embedded-provider.js'
import { allScenarios, inFirstVariant, recorded, runVirtually, turnedRed } from './detection.js'

/** Tests the nth of several shares of the fault catalogue, so that two cores can work at once. */
export function testShare(nth: number, of: number): void {
  for (const fault of faultCatalogue.filter((_, index) => index % of === nth)) {
    it(`${fault.name} turns red what it may, and nothing else`, async () => {
      const scenarios = inFirstVariant(await allScenarios())
      const outcome = await runVirtually(scenarios, [fault.name])
      const errors = outcome.scenarios.filter((scenario) => scenario.verdict === 'error')
      expect(errors.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([])
      const red = turnedRed(outcome)
      const allowed = new Set<string>(fault.mayTurnRed)
      const strangers = [...red].filter(([id]) => {
        const purposes = scenarios.find((one) => one.definition.id === id)?.definition.purposes ?? []
        return !purposes.some((purpose) => allowed.has(purpose))
      })
      expect(strangers, 'scenarios of purposes that the fault does not declare').toEqual([])
      const told = new Set(outcome.scenarios.map(({ id }) => id))
      const lost = [...told].filter((id) => recorded[id]?.includes(fault.name) && !red.has(id))
      expect(lost, 'scenarios that no longer catch it, though scenarios/detection.json says so').toEqual([])
    }, 120_000)
  }
}
