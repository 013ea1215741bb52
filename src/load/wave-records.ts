/**
 * The records of a wave's calls as k6 gets them: an array for each field instead of an object for each call, and the
 * tags of k6's metrics once for all calls that share them, so that k6 reads and books thousands a second.
 */
import { type CallRecord, isInterrupted, type LegRecord, lossRatioOf } from './call-record.js'
import { type Tags, tagsOfCall, tagsOfLeg } from './call-tags.js'
import { rounded } from './distribution.js'
import type { AgentCounts } from './reconciliation.js'

/** What was not measured is null. */
type Column = (number | null)[]

/** Answer to `POST /v1/waves`. */
export interface WaveAnswer {
  /** Calls that were made. */
  readonly count: number
  /** Calls that began later than ordered, since the target's limits did not allow them yet. */
  readonly heldBack: number
  /** Why calls failed, and how many. */
  readonly failed: Readonly<Record<string, number>>
  readonly tags: readonly Tags[]
  /** A row for each call: `tags` is the index of its tags; booleans are 0 and 1. */
  readonly calls: Columns<'tags' | 'success' | 'twoWay' | 'setupMs' | 'disconnectMs'>
  /** A row for each end of a call that was ours. */
  readonly legs: Columns<'tags' | 'sent' | 'received' | 'lost' | 'lossRatio' | 'jitterMs' | 'roundTripMs' | 'mos'>
}
type Columns<Name extends string> = Readonly<Record<Name, Column>>

const NOTHING: AgentCounts = { started: 0, completed: 0, packetsSent: 0, packetsReceived: 0, packetsLost: 0 }

export class WaveRecords {
  readonly #tags: Tags[] = []
  readonly #tagNumbers = new Map<string, number>()
  readonly #failed: Record<string, number> = {}
  readonly #calls: WaveAnswer['calls'] = { tags: [], success: [], twoWay: [], setupMs: [], disconnectMs: [] }
  readonly #legs: WaveAnswer['legs'] = {
    tags: [],
    sent: [],
    received: [],
    lost: [],
    lossRatio: [],
    jitterMs: [],
    roundTripMs: [],
    mos: [],
  }
  /** Of calls that nobody interrupted. */
  counts: AgentCounts = NOTHING

  add(record: CallRecord): void {
    const { status, legs, success, setupMs, disconnectMs, end } = record
    if (!isInterrupted(record)) this.#count(record)
    if (!success) this.#fail(record)
    const calls = this.#calls
    calls.tags.push(this.#tagsOf(tagsOfCall(record)))
    calls.success.push(Number(success))
    calls.twoWay.push(record.outcome === undefined ? Number(record.twoWay) : null)
    // RFC 6076 §4.3: delays of failed requests must not be mixed with those of successful ones.
    calls.setupMs.push(status < 300 ? figure(setupMs) : null)
    calls.disconnectMs.push(end === 'normal' ? figure(disconnectMs) : null)
    for (const leg of legs) this.#addLeg(leg, record)
  }

  answer(heldBack: number): WaveAnswer {
    return {
      count: this.#calls.tags.length,
      heldBack,
      failed: this.#failed,
      tags: this.#tags,
      calls: this.#calls,
      legs: this.#legs,
    }
  }

  #addLeg(leg: LegRecord, record: CallRecord): void {
    const legs = this.#legs
    legs.tags.push(this.#tagsOf(tagsOfLeg(record, leg)))
    legs.sent.push(leg.packetsSent)
    legs.received.push(leg.packetsReceived)
    legs.lost.push(leg.packetsLost)
    legs.lossRatio.push(figure(lossRatioOf(leg), 6))
    legs.jitterMs.push(figure(leg.jitterMs))
    legs.roundTripMs.push(figure(leg.roundTripMs))
    legs.mos.push(figure(leg.mos))
  }

  #count({ success, packetsSent, packetsReceived, packetsLost }: CallRecord): void {
    const { counts } = this
    this.counts = {
      started: counts.started + 1,
      completed: counts.completed + Number(success),
      packetsSent: counts.packetsSent + packetsSent,
      packetsReceived: counts.packetsReceived + packetsReceived,
      packetsLost: counts.packetsLost + packetsLost,
    }
  }

  #fail({ reason, end }: CallRecord): void {
    const why = reason ?? end
    this.#failed[why] = (this.#failed[why] ?? 0) + 1
  }

  #tagsOf(tags: Tags): number {
    const key = Object.values(tags).join('\n')
    const known = this.#tagNumbers.get(key)
    if (known !== undefined) return known
    this.#tagNumbers.set(key, this.#tags.push(tags) - 1)
    return this.#tags.length - 1
  }
}

function figure(value: number | undefined, digits = 3): number | null {
  if (value === undefined) return null
  return digits === 3 ? rounded(value) : Number(value.toFixed(digits))
}
