/** Everything that can be explained: scenarios, standing checks, vital signs, causes, promises, purposes and faults, from where the report has them. */
import { STANDING_CHECKS } from '../../examiner/standing-checks.js'
import { type Fault, faultCatalogue } from '../../provider/faults.js'
import { type Cause, CAUSES } from '../../result/causes.js'
import type { Gravity } from '../../result/terms.js'
import type { LoadedScenario } from '../../runner/plan.js'
import type { Rule } from '../../scenario/rule.js'
import type { SignText } from '../../survey/sign.js'
import { SIGN_TEXTS } from '../../survey/sign-texts.js'
import { scenariosWith } from '../own-scenarios.js'
import { PROVIDER_ROWS } from '../provider-rows.js'

/** A check over everything that the target sends, in all scenarios and under load. */
export interface StandingText {
  readonly id: string
  readonly gravity: Gravity
  readonly cause?: Cause
  readonly title: string
  readonly rule: string
  readonly provider: readonly string[]
  readonly harm: string
  readonly advice: string
}

export interface ProviderRow {
  readonly id: string
  readonly text: string
}

export interface Catalogue {
  readonly scenarios: readonly LoadedScenario[]
  readonly standing: readonly StandingText[]
  readonly signs: readonly SignText[]
  readonly rows: readonly ProviderRow[]
  readonly faults: readonly Fault[]
}

/** A rule and the scenario that it is of. */
export interface OwnedRule {
  readonly scenario: LoadedScenario
  readonly rule: Rule
}

/** @param folders of the user's own scenarios @throws ScenarioFolderError */
export async function loadCatalogue(folders?: readonly string[]): Promise<Catalogue> {
  const { all: scenarios } = await scenariosWith(folders)
  const standing = STANDING_CHECKS.map(({ id, text }): StandingText => ({ id, ...text }))
  return { scenarios, standing, signs: SIGN_TEXTS, rows: PROVIDER_ROWS, faults: faultCatalogue }
}

export const isCause = (id: string): id is Cause => Object.hasOwn(CAUSES, id)

/** The rules that see what a cause names. */
export function rulesOf(cause: Cause, { scenarios }: Catalogue): OwnedRule[] {
  return scenarios.flatMap((scenario) =>
    Object.values(scenario.definition.rules).flatMap((rule) => (rule.cause === cause ? [{ scenario, rule }] : [])),
  )
}

/** Every id that can be asked for. */
export function idsOf({ scenarios, standing, signs, rows, faults }: Catalogue): string[] {
  return [
    ...scenarios.flatMap(({ definition }) => [definition.id, ...definition.purposes]),
    ...standing.map(({ id }) => id),
    ...signs.map(({ id }) => id),
    ...Object.keys(CAUSES),
    ...rows.map(({ id }) => id),
    ...faults.map(({ name }) => name),
  ]
}
