/** Writes down while a load runs what its incidents are told from. */
import { unixNow } from '../clock/wall-clock.js'
import type { CallFact } from './call-facts.js'
import type { CallRecord } from './call-record.js'
import type { LoadFacts } from './incident-context.js'
import { type FailedCall, type Incident, incidentsOf, type LossSecond } from './incidents.js'
import { type RelaySecond, silencesIn, unansweredIn } from './outages.js'
import type { RelaySample } from './worker-protocol.js'

/** Failed calls that are told one by one. */
const MOST_FAILED = 10_000
/** Seconds of relays that are kept: 20 relays for an hour and more. */
const MOST_SECONDS = 100_000

export class IncidentBook {
  readonly #startedAt: number
  readonly #failures: FailedCall[] = []
  readonly #losses: LossSecond[] = []
  readonly #seconds: RelaySecond[] = []
  readonly #happenings: Incident[] = []

  /** @param startedAt Unix ms */
  constructor(startedAt: number) {
    this.#startedAt = startedAt
  }

  /** Something that explains what is seen. @param at Unix ms; default: now */
  happened(text: string, at = unixNow()): void {
    this.#happenings.push({ atMs: Math.max(0, Math.round(at - this.#startedAt)), text })
  }

  /** What it died of, and how many calls were going on in it. */
  threadDied(what: string, calls: number): void {
    const lost = calls === 0 ? '' : `: ${calls} ${calls === 1 ? 'call' : 'calls'} of its own lost`
    this.happened(`a thread of the call agent died (${what.split('\n')[0] ?? ''})${lost}`)
  }

  failed({ endedAt, relay, transport, reason, end }: CallRecord): void {
    if (this.#failures.length >= MOST_FAILED) return
    this.#failures.push({ atMs: Math.round(endedAt - this.#startedAt), relay, transport, why: reason ?? end })
  }

  /** What went through a relay within the second that ends now. */
  second(atMs: number, relay: string, { calls, received, lost, missed }: RelaySample): void {
    if (this.#seconds.length < MOST_SECONDS) this.#seconds.push({ atMs, relay, calls, received, missed })
    if (lost > 0) this.#losses.push({ atMs, relay, received, lost })
  }

  incidents(calls: readonly CallFact[], facts: LoadFacts): Incident[] {
    return incidentsOf(this.#losses, this.#failures, facts, [
      ...this.#happenings,
      ...silencesIn(this.#seconds),
      ...unansweredIn(calls, this.#startedAt),
    ])
  }
}
