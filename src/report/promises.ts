/** The provider's promises, row by row: whether each holds, on which lines, and which findings say that it does not. */
import type { Finding, NotRun } from '../result/finding.js'
import { problemsOf } from '../result/problems.js'
import type { RunResult } from '../result/result.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import { type Variant, variantsOf } from '../result/variants.js'
import { executionsOf, isPlaceOf } from './places.js'

/**
 * `broken`: a rule of its own does not hold. `affected`: it cannot be kept where something else is broken. `reserved`: nothing that
 * customers feel. `partly told`: what was decided held, and something could not be decided. The gravest first.
 */
export type PromiseState =
  | 'broken'
  | 'affected'
  | 'reserved'
  | 'undecided'
  | 'partly told'
  | 'not tested'
  | 'not offered'
  | 'holds'

export interface PromiseRow {
  /** `EP-1` */
  readonly id: string
  readonly text: string
  readonly state: PromiseState
  /** What says that it does not hold, or not entirely, the gravest first. */
  readonly problems: readonly Finding[]
  /** Lines on which all that was tried held. */
  readonly holdsOn: readonly Variant[]
  /** Why nothing is said of it, or not all; empty where all is, or a finding says why. */
  readonly why: string
  /** Tests that were not run because of a finding, and that finding: why not all is said. */
  readonly kept?: { readonly by: Finding; readonly on: readonly Variant[] } | undefined
}

/** A test or a vital sign, on a line. */
type Execution = Pick<ScenarioResult, 'id' | 'variant' | 'provider' | 'verdict' | 'reason'>

/** In the order of the provider's own list. */
export function promisesOf(result: RunResult): PromiseRow[] {
  const problems = problemsOf(result.findings)
  return (result.providerRows ?? []).map(({ id, text }) => {
    const tried = executionsOf(result).filter(({ provider }) => provider.includes(id))
    const own = problems.filter((finding) => finding.provider.includes(id) || bringsAbout(finding, tried))
    const left = result.notRun.filter(({ provider = [] }) => provider.includes(id))
    const state = stateOf(id, own, tried, left)
    const why = whyOpen(state, tried, left)
    const kept = why === '' ? undefined : keptBy(left.filter(wasKeptOut), problems, tried)
    return { id, text, state, problems: own, holdsOn: heldOn(tried), why: kept === undefined ? why : '', kept }
  })
}

/** Whether a test failed because of the finding. */
function bringsAbout({ consequences = [] }: Finding, tried: readonly Execution[]): boolean {
  const places = consequences.flatMap(({ scenarios }) => scenarios)
  return tried.some((one) => one.verdict === 'fail' && places.some((place) => isPlaceOf(place, one)))
}

function stateOf(
  id: string,
  problems: readonly Finding[],
  tried: readonly Execution[],
  left: readonly NotRun[],
): PromiseState {
  const felt = problems.filter(({ severity, gravity }) => severity === 'fail' && gravity !== 'letter')
  if (felt.length > 0) return felt.some((finding) => isOf(id, finding)) ? 'broken' : 'affected'
  // What failed and has no finding of its own is known, or failed once.
  if (problems.length > 0 || tried.some(({ verdict }) => verdict === 'fail')) return 'reserved'
  const isOpen = tried.some(wasOpen) || left.some(wasKeptOut)
  if (tried.some(wasDecided)) return isOpen ? 'partly told' : 'holds'
  if (isOpen) return 'undecided'
  return tried.length === 0 ? 'not tested' : 'not offered'
}

/** A missing vital sign is what its promises are about; of rules, those that cite the promise are. */
function isOf(id: string, { kind, broken, provider }: Finding): boolean {
  if (kind === 'vital-sign' || broken === undefined) return provider.includes(id)
  return broken.some(({ rule }) => rule === id)
}

const wasDecided = ({ verdict }: Execution): boolean => verdict === 'pass' || verdict === 'warn' || verdict === 'fail'

const wasOpen = ({ verdict }: Execution): boolean => verdict === 'inconclusive' || verdict === 'error'

/** Not run though the target offers it: what it rests on is missing. */
const wasKeptOut = ({ kind }: NotRun): boolean => kind === 'blocked' || kind === 'unreachable'

/** Lines on which something was decided, and nothing failed. */
export function heldOn(tried: readonly Execution[]): Variant[] {
  const key = ({ transport, family }: Variant) => `${transport}/${family}`
  const failed = new Set(tried.filter(({ verdict }) => verdict === 'fail').map(({ variant }) => key(variant)))
  return variantsOf(tried.filter(wasDecided).map(({ variant }) => variant)).filter((one) => !failed.has(key(one)))
}

/** The finding that kept tests out, where it alone leaves the promise open. */
function keptBy(
  left: readonly NotRun[],
  problems: readonly Finding[],
  tried: readonly Execution[],
): PromiseRow['kept'] {
  if (tried.some(wasOpen)) return undefined
  const by = problems.find(({ id }) => left[0]?.blockedBy === id)
  return (
    by && {
      by,
      on: variantsOf(left.filter(({ blockedBy }) => blockedBy === by.id).flatMap(({ variants = [] }) => variants)),
    }
  )
}

function whyOpen(state: PromiseState, tried: readonly Execution[], left: readonly NotRun[]): string {
  if (state === 'not tested') return left[0]?.why ?? 'no test of this run is about it'
  if (state === 'not offered') return tried.find(({ reason }) => reason !== '')?.reason ?? ''
  if (state !== 'undecided' && state !== 'partly told') return ''
  return tried.find(wasOpen)?.reason ?? left.find(wasKeptOut)?.why ?? ''
}
