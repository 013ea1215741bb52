/**
 * What fails is run again before it is told. What fails twice is a fail; what does not is unsteady: neither a fail nor a pass,
 * and the reader gets the records of all attempts.
 */
import type { ReasonCode, Verdict } from '../result/terms.js'
import type { AudioLoss } from '../result/audio.js'
import type { CheckResult, ScenarioResult } from '../result/scenario-result.js'
import { lossInWords, verdictByRelay } from './loss.js'
import { sumOfAudio } from './relays.js'
import { judgeScenario, type StoryEnd } from './scenario.js'
import { distinct } from '../result/texts.js'

/** A scenario is run so often at most. */
const MOST_ATTEMPTS = 3
/** On a path that loses packets it is a fail only where it never held in so many. */
const MOST_BY_LOSS = 4
/** So often, where more packets may tell whether too many are lost. */
const MOST_COUNTS = 6
/** So often, with those in which this machine was too slow to tell anything. */
const MOST_WITH_LATE = 6

/** Why something was not decided that another attempt may decide: loss, timing, or chance. */
const CHANCE: readonly ReasonCode[] = ['packet-lost', 'harness-late', 'timed-out', 'no-answer', 'call-not-arrived']

/**
 * Whether one more attempt may change what is told.
 * @param attempts of one execution, in their order; settled
 * @param loses whether the path to the target loses packets: then twice may be chance
 */
export function wantsAgain(attempts: readonly ScenarioResult[], loses = false): boolean {
  // What says nothing about the target takes no other's place.
  const telling = attempts.filter(({ reasonCode }) => reasonCode !== 'harness-late').length
  if (attempts.length === 0 || attempts.length >= MOST_WITH_LATE) return false
  if (telling >= (loses ? MOST_BY_LOSS : MOST_ATTEMPTS)) return false
  if (attempts.some(({ verdict }) => verdict === 'error')) return false
  if (attempts.every(({ verdict }) => verdict === 'inconclusive'))
    return attempts.every((one) => isByChance(one) && !isOpenForLosses(one))
  // What is known of the target and lived with needs no confirmation.
  const known = attempts.flatMap(({ checks }) =>
    checks.flatMap((one) => (one.expectedFailure === undefined ? [] : one.id)),
  )
  return rulesOf(attempts).some((id) => {
    if (known.includes(id) || lossesOf(id, attempts).length > 0) return false
    const verdicts = verdictsOf(id, attempts)
    const failed = verdicts.filter((verdict) => verdict === 'fail').length
    return failed > 0 && failed < (loses ? MOST_BY_LOSS : 2) && !verdicts.some(hasHeld)
  })
}

/** Whether more packets may decide what is open over the whole run. @param settled what all attempts came to, beside all others */
export const wantsMorePackets = (attempts: number, settled: ScenarioResult): boolean =>
  attempts < MOST_COUNTS && settled.verdict === 'inconclusive' && isOpenForLosses(settled)

/** Whether what a first attempt came to is told only when the run is over. @param settled */
export const mayChange = (settled: ScenarioResult): boolean =>
  wantsAgain([settled]) || settled.checks.some(({ losses, verdict }) => losses !== undefined && verdict !== 'pass')

/** Whether nothing but the share of lost packets is open. */
function isOpenForLosses({ checks }: ScenarioResult): boolean {
  const open = checks.filter(({ verdict }) => verdict === 'inconclusive')
  return open.length > 0 && open.every(({ losses, reasonCode }) => losses !== undefined && reasonCode === 'packet-lost')
}

const isByChance = ({ reasonCode }: ScenarioResult) => reasonCode !== undefined && CHANCE.includes(reasonCode)

/**
 * What several attempts at one execution come to.
 * @param attempts at least one, as performed
 * @param known checks that are known to fail: once is enough of them, where they never held
 */
export function confirmed(
  attempts: readonly [ScenarioResult, ...ScenarioResult[]],
  known: readonly string[] = [],
): ScenarioResult {
  const [first, ...more] = attempts
  if (more.length === 0) return first
  const recordings = attempts.find((one) => one.recordings !== undefined)?.recordings
  const extras = {
    evidence: distinct(attempts.flatMap(({ evidence }) => evidence)),
    ...(recordings === undefined ? {} : { recordings }),
    ...(attempts.some(({ audio }) => audio !== undefined)
      ? { audio: sumOfAudio(attempts.flatMap(({ audio = [] }) => audio)) }
      : {}),
    attempts: attempts.map(({ verdict, reason, reasonCode, durationMs, evidence }) => ({
      verdict,
      reason,
      ...(reasonCode === undefined ? {} : { reasonCode }),
      durationMs,
      evidence,
    })),
  }
  const defective = attempts.find(({ verdict }) => verdict === 'error')
  if (defective !== undefined) return { ...defective, ...extras }
  const ids = rulesOf(attempts)
  const base = tellingOf(attempts, ids)
  const checks = ids.flatMap((id) => mergedCheck(id, { attempts, base, needed: known.includes(id) ? 1 : 2 }) ?? [])
  const judgement = judgeScenario(checks, endOf(base), [])
  const unsteady = checks.filter(({ reasonCode }) => reasonCode === 'unsteady')
  if (judgement.verdict === 'fail' || unsteady.length === 0) return { ...base, ...extras, checks, ...judgement }
  const what = unsteady.map(({ paraphrase, id, actual }) => `${paraphrase ?? id} – ${actual}`).join('. ')
  const lead = unsteady.some(({ heldOnce }) => heldOnce === true)
    ? `did not hold in every one of ${attempts.length} attempts`
    : `failed in one of ${attempts.length} attempts, and was not decided in the others`
  const reason = `${lead}: ${what}`
  return { ...base, ...extras, checks, verdict: 'inconclusive', reason, reasonCode: 'unsteady' }
}

/** The attempt whose record a reader should see: one that shows what is confirmed, else what failed once, else the one that decided. */
function tellingOf(attempts: readonly [ScenarioResult, ...ScenarioResult[]], ids: readonly string[]): ScenarioResult {
  const failing = (counts: (id: string) => boolean) =>
    attempts.findLast(({ checks }) =>
      checks.some(({ id, verdict }) => verdict === 'fail' && ids.includes(id) && counts(id)),
    )
  return (
    failing((id) => isConfirmed(id, attempts)) ??
    failing(() => true) ??
    attempts.findLast(({ verdict }) => verdict !== 'inconclusive') ??
    attempts.find(({ reasonCode }) => reasonCode !== 'harness-late') ??
    attempts[0]
  )
}

interface Merging {
  readonly attempts: readonly ScenarioResult[]
  readonly base: ScenarioResult
  /** So many failures are a fail. */
  readonly needed: number
}

function mergedCheck(id: string, { attempts, base, needed }: Merging): CheckResult | undefined {
  const all = attempts.flatMap((attempt) =>
    attempt.checks.flatMap((check) => (check.id === id ? [attempt === base ? check : withoutArrow(check)] : [])),
  )
  const ofBase = base.checks.find((check) => check.id === id)
  const counted = all.find(({ losses }) => losses !== undefined)
  if (counted !== undefined && all.every((one) => one.losses !== undefined || one.verdict !== 'fail'))
    return countedCheck(ofBase ?? counted, lossesOf(id, attempts))
  const failed = all.filter(({ verdict }) => verdict === 'fail')
  const [failure] = failed
  if (failure === undefined)
    return ofBase?.verdict === 'inconclusive' ? (all.find(isDecided) ?? ofBase) : (ofBase ?? all[0])
  const shown = ofBase?.verdict === 'fail' ? ofBase : failure
  if (isConfirmed(id, attempts, needed)) return shown
  const other = all.find((check) => check !== shown && check.verdict !== 'fail')
  const then = other === undefined ? '' : `; in another attempt: ${other.actual}`
  const heldOnce = all.some(({ verdict }) => hasHeld(verdict))
  return { ...shown, verdict: 'inconclusive', reasonCode: 'unsteady', heldOnce, actual: `${shown.actual}${then}` }
}

/** Packets add up. */
function countedCheck(check: CheckResult, losses: AudioLoss[]): CheckResult {
  const { reasonCode: _code, ...rest } = check
  const verdict = verdictByRelay(losses)
  const actual = lossInWords(losses)
  if (verdict === 'pass') return { ...rest, losses, verdict, actual }
  if (verdict === 'fail') return { ...rest, losses, verdict, actual, reasonCode: 'rule-broken' }
  return { ...rest, losses, verdict: 'inconclusive', actual, reasonCode: 'packet-lost' }
}

const lossesOf = (id: string, attempts: readonly ScenarioResult[]): AudioLoss[] =>
  attempts.flatMap(({ checks }) => checks.flatMap((check) => (check.id === id ? (check.losses ?? []) : [])))

/** The ladder that it points into is another attempt's. */
function withoutArrow(check: CheckResult): CheckResult {
  const { arrow: _arrow, ...rest } = check
  return rest
}

const rulesOf = (attempts: readonly ScenarioResult[]): string[] =>
  distinct(attempts.flatMap(({ checks }) => checks.map(({ id }) => id)))

const verdictsOf = (id: string, attempts: readonly ScenarioResult[]): Verdict[] =>
  attempts.flatMap(({ checks }) => checks.flatMap((check) => (check.id === id ? check.verdict : [])))

/** Whether it failed so often at least, and never held. */
function isConfirmed(id: string, attempts: readonly ScenarioResult[], needed = 2): boolean {
  const verdicts = verdictsOf(id, attempts)
  return verdicts.filter((verdict) => verdict === 'fail').length >= needed && !verdicts.some(hasHeld)
}

const hasHeld = (verdict: Verdict) => verdict === 'pass' || verdict === 'warn'
const isDecided = ({ verdict }: CheckResult) => hasHeld(verdict) || verdict === 'fail'

/** How the story of an attempt ended, read off its result. Where nothing but the share of lost packets was open, it was told to its end. */
function endOf(result: ScenarioResult): StoryEnd {
  const { verdict, reason, reasonCode } = result
  const isOpen = verdict === 'inconclusive' || verdict === 'unsupported' || verdict === 'not applicable'
  if (!isOpen || (reasonCode === 'packet-lost' && isOpenForLosses(result))) return { verdict: 'pass', reason: '' }
  return { verdict, reason, ...(reasonCode === undefined ? {} : { code: reasonCode }) }
}
