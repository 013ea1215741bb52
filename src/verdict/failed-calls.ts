/** Calls of a load that failed: how many, for which reason above all, and what to look at. */
import type { Gravity } from '../result/terms.js'
import type { LoadResult } from '../result/load-result.js'
import { AUDIO } from './limits.js'
import { nameOf } from './relay-troubles.js'
import { counted } from '../result/texts.js'
import type { TroubleWords } from './trouble.js'

type Refusal = NonNullable<LoadResult['refusals']>[number]
type Failure = NonNullable<LoadResult['failures']>[number]

interface FailedCalls extends TroubleWords {
  readonly follows?: readonly string[]
  readonly count: number
  readonly relays?: readonly string[]
  readonly ofRelays?: number
}

/** One reason: `were rejected with 503`, of so many calls; or why, as a sentence of its own. */
interface Reason {
  readonly calls: number
  readonly of: number
  readonly how?: string
  readonly why?: string
  readonly gravity?: Gravity
  readonly harm?: string
  readonly advice?: string
}

/** Where more calls than this share fail, those concerned have no service. */
const OUTAGE = 0.1
const ADVICE = 'Look at the answers below, and at what the servers were short of when the first of them came.'

/** Undefined where none failed. */
export function callsFailed(load: LoadResult): FailedCalls | undefined {
  const { failed, started, byStatus = {}, failedByStatus = byStatus } = load.calls
  if (failed === 0) return undefined
  const statuses = Object.entries(failedByStatus).filter(([status]) => !status.startsWith('2'))
  const { refusals: [refusal] = [], failures = [] } = load
  const [failure] = failures
  const isRefusal = refusal !== undefined && refusal.calls >= (failure?.calls ?? 0)
  const reason = isRefusal ? ofRefusal(load, refusal) : failure && ofFailure(failure)
  const relay = isRefusal ? refusal.beyond?.relay : undefined
  const told = [
    ...statuses.map(([status, many]) => `${status}: ${many}`),
    ...failures.map(({ why, calls }) => `${why}: ${calls}`),
  ]
  return {
    // What has no audio is told with the relay; who hangs up does not do it for want of audio.
    ...(statuses.length === 0 && failure?.end !== FAR_END ? { follows: [...AUDIO, 'audio-ends-early'] } : {}),
    gravity: failed > started * OUTAGE ? gravest(failed, reason) : 'harm',
    title: titleOf(load.calls, reason),
    harm: reason?.harm ?? 'Callers get an error or silence instead of their call.',
    advice: reason?.advice ?? ADVICE,
    count: failed,
    expected: 'every call is answered with 200 and lasts until it is hung up',
    actual: told.length > 0 ? told.join(', ') : 'broken off',
    ...(relay === undefined ? {} : { relays: [relay], ofRelays: load.relays.length }),
  }
}

/** Who had his call, but for its end, had his service. */
const gravest = (failed: number, reason: Reason | undefined): Gravity =>
  reason?.gravity !== undefined && reason.calls === failed ? reason.gravity : 'outage'

function titleOf({ failed, started }: LoadResult['calls'], reason: Reason | undefined): string {
  const all = `${failed} of ${counted(started, 'call')} failed under load`
  if (reason === undefined) return all
  const { calls, of, how, why = '' } = reason
  if (how === undefined) return calls < failed ? `${all}, ${calls} of them: ${why}` : `${all}: ${why}`
  return calls < failed ? `${all}: ${calls} ${how}` : `${calls} of ${counted(of, 'call')} ${how}`
}

/** What to look at where a final response says no more than its number. */
const BY_STATUS: Readonly<Record<number, string>> = {
  401: 'Look at the password of the accounts, and at what they may dial.',
  403: 'Look at what the accounts may dial, and at limits of calls for each of them.',
  404: 'Look at the numbers in the target file (accounts, services.echo), and whether the called devices were registered then.',
  407: 'Look at the password of the accounts, and at what they may dial.',
  408: 'Look at whether the servers were up and reached then, and at what they were short of.',
  480: 'Look at whether the called devices were registered then.',
  486: 'Somebody is busy: look whether an account, or the echo test, may have so few calls at a time. More accounts share the load (target file, --accounts).',
  488: 'Look at codecs and encryption in the target file (media), and at what the servers accept.',
}

/** Calls that were refused, for the most frequent reason. */
function ofRefusal(load: LoadResult, { status, calls, of, retryAfterS, beyond, only }: Refusal): Reason {
  const relay = load.relays.find(({ name }) => name === beyond?.relay)
  const parts = [
    status === 408 ? 'were not answered' : `were rejected with ${status}`,
    retryAfterS === undefined ? '' : ` (Retry-After: ${retryAfterS} s)`,
    only === undefined ? '' : ` ${only}`,
    beyond === undefined ? '' : ` beyond ${beyondInWords(beyond)}`,
    relay === undefined ? '' : ` through ${nameOf(relay)}`,
  ]
  const advice =
    relay !== undefined
      ? `It has no room for more: look at its range of ports and its limit of sessions. Calls should go to another relay then.`
      : beyond !== undefined && status !== 486
        ? `Look at what limits the servers there: licences, worker processes, a rate limit. Is it as many as were to be carried?`
        : BY_STATUS[status]
  return { calls, of, how: parts.join(''), ...(advice === undefined ? {} : { advice }) }
}

const FAR_END = 'bye-from-far-side'

/** Calls that failed otherwise, for the most frequent reason. */
function ofFailure({ why, end, calls, of, afterMs }: Failure): Reason {
  if (end === 'bye-refused' || end === 'bye-unanswered')
    return { calls, of, why, gravity: 'harm', harm: 'A call that was hung up may go on at the server, and be charged.' }
  if (end !== FAR_END) return { calls, of, why }
  const after = afterMs === undefined ? '' : `, after ${(afterMs / 1000).toFixed(0)} s`
  return {
    calls,
    of,
    how: `were cut off: ${why} before the caller did${after}`,
    harm: 'Callers are cut off in the middle of their call.',
    advice:
      'Look at what ends calls there: a limit of their length, session timers, a watch on media, the echo test itself. Where it is meant to, use a shorter --hold.',
  }
}

/** The load beyond which something happens: `10 calls at a time`. */
export const beyondInWords = ({ what, upTo, orAtATime }: NonNullable<LoadResult['slow']>['beyond']): string =>
  `${upTo} ${what}${orAtATime === undefined ? '' : `, or ${orAtATime} at a time`}`
