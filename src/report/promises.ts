/** The provider's promises, row by row: whether each holds, on which lines, and which findings say that it does not. */
import type { Finding, NotRun } from '../result/finding.js'
import { problemsOf } from '../result/problems.js'
import type { RunResult } from '../result/result.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import { type Variant, variantsOf } from '../result/variants.js'
import { isPlaceOf } from './places.js'

/** `broken`: a rule of its own does not hold. `affected`: it cannot be kept where something else is broken. The gravest first. */
export type PromiseState = 'broken' | 'affected' | 'reserved' | 'undecided' | 'not tested' | 'not offered' | 'holds'

export interface PromiseRow {
  /** `EP-1` */
  readonly id: string
  readonly text: string
  readonly state: PromiseState
  /** What says that it does not hold, or not entirely, the gravest first. */
  readonly problems: readonly Finding[]
  /** Lines on which all that was tried held. */
  readonly holdsOn: readonly Variant[]
  /** Why nothing is said of it; empty where something is. */
  readonly why: string
}

/** In the order of the provider's own list. */
export function promisesOf(result: RunResult): PromiseRow[] {
  const problems = problemsOf(result.findings)
  return (result.providerRows ?? []).map(({ id, text }) => {
    const tried = result.scenarios.filter(({ provider }) => provider.includes(id))
    const own = problems.filter((finding) => finding.provider.includes(id) || bringsAbout(finding, tried))
    const left = result.notRun.filter(({ provider = [] }) => provider.includes(id))
    const state = stateOf(id, own, tried)
    return { id, text, state, problems: own, holdsOn: heldOn(tried), why: whyOpen(state, tried, left) }
  })
}

/** Whether a test failed because of the finding. */
function bringsAbout({ consequences = [] }: Finding, tried: readonly ScenarioResult[]): boolean {
  const places = consequences.flatMap(({ scenarios }) => scenarios)
  return tried.some((one) => one.verdict === 'fail' && places.some((place) => isPlaceOf(place, one)))
}

function stateOf(id: string, problems: readonly Finding[], tried: readonly ScenarioResult[]): PromiseState {
  const felt = problems.filter(({ severity, gravity }) => severity === 'fail' && gravity !== 'letter')
  const isOwn = ({ broken, provider }: Finding) => broken?.some(({ rule }) => rule === id) ?? provider.includes(id)
  if (felt.length > 0) return felt.some(isOwn) ? 'broken' : 'affected'
  if (problems.length > 0) return 'reserved'
  if (tried.length === 0) return 'not tested'
  if (tried.some(wasDecided)) return 'holds'
  return tried.some(({ verdict }) => verdict === 'inconclusive' || verdict === 'error') ? 'undecided' : 'not offered'
}

const wasDecided = ({ verdict }: ScenarioResult): boolean =>
  verdict === 'pass' || verdict === 'warn' || verdict === 'fail'

/** Lines on which something was decided, and nothing failed. */
export function heldOn(tried: readonly ScenarioResult[]): Variant[] {
  const key = ({ transport, family }: Variant) => `${transport}/${family}`
  const failed = new Set(tried.filter(({ verdict }) => verdict === 'fail').map(({ variant }) => key(variant)))
  return variantsOf(tried.filter(wasDecided).map(({ variant }) => variant)).filter((one) => !failed.has(key(one)))
}

function whyOpen(state: PromiseState, tried: readonly ScenarioResult[], left: readonly NotRun[]): string {
  if (state === 'not tested') return left[0]?.why ?? 'no test of this run is about it'
  if (state !== 'undecided' && state !== 'not offered') return ''
  return tried.find(({ reason }) => reason !== '')?.reason ?? ''
}
