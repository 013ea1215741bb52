/** Whether customers can telephone, and over what: the first thing that anybody wants to know of a run. */
import type { Step } from '../result/terms.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import type { SurveyResult } from '../result/survey-result.js'
import { familiesOf, familyName, transportName, transportsOf } from './place.js'
import { listed } from './texts.js'

export interface Service {
  /** Where calls with audio were made and nothing of the everyday path is out. */
  readonly works: readonly Variant[]
  /** Where it was tried and does not, with the steps of an everyday call that are out there. */
  readonly fails: readonly (Variant & { readonly steps: readonly Step[] })[]
}

interface Variant {
  readonly transport: string
  readonly family: string
}

/** By the vital signs where there was a survey; otherwise by the scenarios that make calls. */
export function serviceOf(survey: SurveyResult | undefined, scenarios: readonly ScenarioResult[]): Service {
  const signs = (survey?.vitalSigns ?? []).filter(({ verdict }) => wasDecided(verdict))
  const told =
    signs.length > 0 ? signs : scenarios.filter(({ verdict, step }) => step !== undefined && wasDecided(verdict))
  const variants = new Map(told.map(({ variant }) => [`${variant.transport}/${variant.family}`, variant]))
  const works: Variant[] = []
  const fails: Service['fails'][number][] = []
  for (const variant of variants.values()) {
    const here = told.filter(
      (one) => one.variant.transport === variant.transport && one.variant.family === variant.family,
    )
    const isHeard = here.some(({ step, verdict }) => step === 'talk' && verdict !== 'fail')
    if (isHeard && !here.some((one) => ON_THE_WAY.has(one.step) && isOut(one))) works.push(variant)
    else if (here.some(isOut)) fails.push({ ...variant, steps: here.filter(isOut).flatMap(({ step }) => step ?? []) })
  }
  return { works, fails }
}

/** Steps without which two people do not talk. A call that cannot be hung up is one all the same. */
const ON_THE_WAY: ReadonlySet<ScenarioResult['step']> = new Set(['register', 'call', 'talk'])

const wasDecided = (verdict: ScenarioResult['verdict']) =>
  verdict === 'pass' || verdict === 'warn' || verdict === 'fail'

/** What takes the service from those concerned; what one account lacks says nothing of the others. */
function isOut({ checks, ...result }: ScenarioResult): boolean {
  if ('account' in result && result.account !== undefined) return false
  return checks.some(
    ({ verdict, gravity, expectedFailure }) =>
      verdict === 'fail' && gravity === 'outage' && expectedFailure === undefined,
  )
}

/** `UDP, TCP and TLS over IPv4 and IPv6`; where not each of those transports has each of those families, one by one. */
export function variantsInWords(variants: readonly Variant[]): string {
  const [transports, families] = [transportsOf(variants), familiesOf(variants)]
  if (variants.length === transports.length * families.length)
    return `${listed(transports.map(transportName))} over ${listed(families.map(familyName))}`
  return listed(
    transports.map((transport) => {
      const own = familiesOf(variants.filter((one) => one.transport === transport))
      return `${transportName(transport)} over ${listed(own.map(familyName))}`
    }),
  )
}

/** Variants in contrast to others: `over TLS`, `over IPv6`; `on TLS over IPv6` where neither alone tells them apart. */
export function variantsBesides(variants: readonly Variant[], others: readonly Variant[]): string {
  const differ = (of: (some: readonly Variant[]) => string[]) => !of(variants).some((one) => of(others).includes(one))
  if (differ(transportsOf)) return `over ${listed(transportsOf(variants).map(transportName))}`
  if (differ(familiesOf)) return `over ${listed(familiesOf(variants).map(familyName))}`
  return `on ${variantsInWords(variants)}`
}
