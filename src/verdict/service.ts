/** Whether customers can telephone, and over what: the first thing that anybody wants to know of a run. */
import type { Step } from '../result/terms.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import type { SurveyResult } from '../result/survey-result.js'
import {
  familiesOf,
  familyName,
  transportName,
  transportsOf,
  type Variant,
  variantsInWords,
} from '../result/variants.js'
import { listed } from '../result/texts.js'

export interface Service {
  /** Where calls with audio were made and nothing of the everyday path is out. */
  readonly works: readonly Variant[]
  /** Where it was tried and does not, with the steps of an everyday call that are out there. */
  readonly fails: readonly (Variant & { readonly steps: readonly Step[] })[]
  /** Where telephones can log in, nothing is out as far as it was tried, and no call was made. */
  readonly open: readonly Variant[]
}

/** By the vital signs where there was a survey; otherwise by the scenarios that make calls. */
export function serviceOf(survey: SurveyResult | undefined, scenarios: readonly ScenarioResult[]): Service {
  const signs = (survey?.vitalSigns ?? []).filter(({ verdict }) => wasDecided(verdict))
  const told =
    signs.length > 0 ? signs : scenarios.filter(({ verdict, step }) => step !== undefined && wasDecided(verdict))
  const variants = new Map(told.map(({ variant }) => [`${variant.transport}/${variant.family}`, variant]))
  const works: Variant[] = []
  const fails: Service['fails'][number][] = []
  const open: Variant[] = []
  for (const variant of variants.values()) {
    const here = told.filter(
      (one) => one.variant.transport === variant.transport && one.variant.family === variant.family,
    )
    const isHeard = here.some(({ step, verdict }) => step === 'talk' && verdict !== 'fail')
    if (isHeard && !here.some((one) => ON_THE_WAY.has(one.step) && isOut(one))) works.push(variant)
    else if (here.some(isOut)) fails.push({ ...variant, steps: here.filter(isOut).flatMap(({ step }) => step ?? []) })
    else if (here.some(({ step, verdict }) => step === 'register' && verdict !== 'fail')) open.push(variant)
  }
  return { works, fails, open }
}

/** Steps without which two people do not talk. A call that cannot be hung up is one all the same. */
const ON_THE_WAY: ReadonlySet<ScenarioResult['step']> = new Set(['register', 'call', 'talk'])

const wasDecided = (verdict: ScenarioResult['verdict']) =>
  verdict === 'pass' || verdict === 'warn' || verdict === 'fail'

/** Signs of what some telephones meet on a line where others talk: those that pick the address that is dead. */
const OF_SOME: ReadonlySet<string> = new Set(['survey/every-address'])

/** What takes the service from all on a line; what one account, or one address, lacks says nothing of the others. */
function isOut({ checks, ...result }: ScenarioResult): boolean {
  if (('account' in result && result.account !== undefined) || OF_SOME.has(result.id)) return false
  return checks.some(
    ({ verdict, gravity, expectedFailure }) =>
      verdict === 'fail' && gravity === 'outage' && expectedFailure === undefined,
  )
}

/** Variants in contrast to others: `over TLS`, `over IPv6`; `on TLS over IPv6` where neither alone tells them apart. */
export function variantsBesides(variants: readonly Variant[], others: readonly Variant[]): string {
  const differ = (of: (some: readonly Variant[]) => string[]) => !of(variants).some((one) => of(others).includes(one))
  if (differ(transportsOf)) return `over ${listed(transportsOf(variants).map(transportName))}`
  if (differ(familiesOf)) return `over ${listed(familiesOf(variants).map(familyName))}`
  return `on ${variantsInWords(variants)}`
}
