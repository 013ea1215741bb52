/**
 * Each fault of the catalogue alone: which scenarios notice it, and where its own finding stands in the report. `npm test` runs those that
 * are recorded to notice it and a share of the others, another one for each fault; `npm run trust` runs all.
 */
import { expect, it } from 'vitest'
import { type FaultName, faultCatalogue } from '../../src/provider/embedded-provider.js'
import { conclude } from '../../src/verdict/conclude.js'
import { asInARun } from './cards.js'
import { ownCards, placeOfOwn } from './cards-of-faults.js'
import { allScenarios, inFirstVariant, recorded, runVirtually, turnedRed } from './detection.js'
import { isInShare, isWhole } from './share.js'

const ENOUGH = 0.95
/** Whole, it is some hundred scenarios a test. */
const TIMEOUT_MS = isWhole ? 600_000 : 120_000

/** A share of lost packets is held against the signalling of a whole run. */
const NEEDS_ALL: readonly FaultName[] = ['relay-drops-every-50th']

function isTried(id: string, fault: FaultName): boolean {
  return NEEDS_ALL.includes(fault) || recorded[id]?.includes(fault) === true || isInShare(640, `${id} ${fault}`)
}

/** Tests the nth of several shares of the fault catalogue, so that two cores can work at once. */
export function testShare(nth: number, of: number): void {
  /** Where a fault's own finding stands in the report on it alone. */
  const places = new Map<FaultName, number | undefined>()
  for (const fault of faultCatalogue.filter((_, index) => index % of === nth)) {
    it(
      `${fault.name} turns red what it may, and nothing else`,
      async () => {
        const scenarios = inFirstVariant(
          (await allScenarios()).filter(({ definition }) => isTried(definition.id, fault.name)),
        )
        const outcome = await runVirtually(scenarios, [fault.name])
        const errors = outcome.scenarios.filter((scenario) => scenario.verdict === 'error')
        expect(errors.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([])
        const red = turnedRed(outcome)
        const allowed = new Set<string>(fault.mayTurnRed)
        // Scenarios are run without a survey here: what that finds, and keeps from them, hits any of them.
        const isOfSurvey = allowed.has('SURVEY')
        const strangers = [...red].filter(([id]) => {
          if (isOfSurvey) return false
          const purposes = scenarios.find((one) => one.definition.id === id)?.definition.purposes ?? []
          return !purposes.some((purpose) => allowed.has(purpose))
        })
        expect(strangers, 'scenarios of purposes that the fault does not declare').toEqual([])
        const told = new Set(outcome.scenarios.map(({ id }) => id))
        const lost = [...told].filter((id) => recorded[id]?.includes(fault.name) && !red.has(id))
        expect(lost, 'scenarios that no longer catch it, though detection.json says so').toEqual([])
        if (ownCards[fault.name]) {
          const { findings } = conclude(await asInARun(scenarios, [fault.name], outcome))
          places.set(fault.name, placeOfOwn(fault.name, findings))
        }
      },
      TIMEOUT_MS,
    )
  }

  it(`heads its report in ${ENOUGH * 100} % of the faults, or is second to what it brings about`, () => {
    const elsewhere = [...places].filter(([, place]) => place === undefined || place > 1)
    const second = [...places].filter(([, place]) => place === 1)
    const told = [...elsewhere, ...second].map(([name, place]) => `${name}: ${place ?? 'not there'}`)
    expect(elsewhere.length, told.join('\n')).toBeLessThanOrEqual(places.size * (1 - ENOUGH))
  })
}
