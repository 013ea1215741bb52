/** Reception statistics of one source (RFC 3550 §6.4.1, A.1, A.3, A.8). */
import { Jitter, Schedule, Transit } from './arrival-timing.js'
import { ntpMiddle } from './rtcp.js'
import type { NtpTime, ReportBlock } from './rtcp.js'

export type Arrival =
  /** The first, or ahead of the highest number (gaps allowed). */
  | 'in-order'
  /** Behind the highest number, and not had before. */
  | 'reordered'
  | 'duplicate'
  /** Too far from the sequence: not counted, unless the next one follows it (A.1). */
  | 'suspect'
  /** Second of two packets after such a jump: the sender has started anew. */
  | 'restarted'

/** What is known of a source; all counts since the first packet, restarts included. */
export interface SourceSnapshot {
  readonly ssrc: number
  /** Whether MIN_SEQUENTIAL packets have come in sequence (A.1). */
  readonly valid: boolean
  /** Packets counted, duplicates included. */
  readonly received: number
  /** Without those that were overtaken a moment ago and may still come. */
  readonly expected: number
  /** Sequence numbers that never came: expected less the distinct ones that did. */
  readonly lost: number
  /** Runs of lost packets, or fewer where late ones filled them. */
  readonly gaps: number
  /** lost / expected; 0 where nothing was expected. */
  readonly lossRatio: number
  /** expected − received, as RTCP has it: duplicates make up for losses, so it may be negative (A.3). */
  readonly cumulativeLost: number
  readonly duplicates: number
  readonly reordered: number
  /** Came more than `lateAfterMs` behind the schedule that the timestamps set: too late for a jitter buffer of that depth. */
  readonly late: number
  /** Jumped too far to belong to the sequence, and nothing followed (A.1). */
  readonly strays: number
  readonly restarts: number
  /** Extended by the cycles (A.1). */
  readonly highestSequence: number
  /** As RTCP reports it: over all packets (A.8, RFC 4733 §2.5.2.2). */
  readonly jitterTicks: number
  /** Over the packets whose timestamp is a sampling instant: the same, as long as there are no telephone events. */
  readonly jitterMs: number
  readonly maxJitterMs: number
  /** Longest time between two arrivals. */
  readonly maxGapMs: number
  readonly firstAt: number
  readonly lastAt: number
}

const SEQUENCE_RANGE = 0x10000
// RFC 3550 A.1.
const MAX_DROPOUT = 3000
const MAX_MISORDER = 100
/** Bits of memory behind the highest number: a power of two over MAX_MISORDER. */
const HISTORY = 128
/** Who is overtaken by more packets than these is lost. */
const OVERTAKING = 16

/**
 * Times are ms of any steady clock, stamped in the socket callback. A sender that starts anew goes on being counted
 * here; what RTCP reports starts anew with it, as A.1 has it.
 */
export class SourceStatistics {
  readonly ssrc: number
  readonly #ticksPerMs: number
  readonly #history = new Int32Array(HISTORY / 32)

  #started = false
  #valid = false
  /** Extended numbers. */
  #base = 0
  #highest = 0
  /** The number that would confirm a restart; -1 = none. */
  #bad = -1
  #badTimestamp = 0
  #badAt = 0

  #received = 0
  #distinct = 0
  #receivedEarlier = 0
  #expectedEarlier = 0
  #distinctEarlier = 0
  #duplicates = 0
  #reordered = 0
  #late = 0
  #gaps = 0
  #strays = 0
  #restarts = 0
  #expectedPrior = 0
  #receivedPrior = 0

  #firstAt = 0
  #lastAt = 0
  #maxGap = 0
  readonly #allJitter: Jitter
  readonly #jitter: Jitter
  #maxJitter = 0
  readonly #schedule: Schedule
  readonly #transit: Transit

  #lastSr = 0
  #lastSrAt = 0

  /** @param o.lateAfterMs depth of the jitter buffer assumed; 60 ms by default */
  constructor(o: { ssrc: number; clockRate: number; lateAfterMs?: number }) {
    this.ssrc = o.ssrc
    this.#ticksPerMs = o.clockRate / 1000
    this.#allJitter = new Jitter(this.#ticksPerMs, { skipsBreaks: false })
    this.#jitter = new Jitter(this.#ticksPerMs, { skipsBreaks: true })
    this.#transit = new Transit(this.#ticksPerMs)
    this.#schedule = new Schedule(this.#ticksPerMs, o.lateAfterMs ?? 60)
  }

  get valid(): boolean {
    return this.#valid
  }

  /** Extended by the cycles (A.1). */
  get highestSequence(): number {
    return this.#highest
  }

  get lastAt(): number {
    return this.#lastAt
  }

  /**
   * Takes in one packet.
   * @param at arrival, ms
   * @param timing false for telephone events, whose timestamp stands still while time goes on (RFC 4733 §2.5.1.2)
   */
  receive(sequenceNumber: number, timestamp: number, at: number, timing = true): Arrival {
    const arrival = this.#place(sequenceNumber, timestamp, at)
    if (arrival === 'suspect') return arrival
    this.#received++
    if (arrival === 'duplicate') this.#duplicates++
    else this.#distinct++
    if (arrival === 'reordered') this.#reordered++
    if (at - this.#lastAt > this.#maxGap) this.#maxGap = at - this.#lastAt
    this.#lastAt = at
    this.#allJitter.update(timestamp, at)
    if (timing) {
      this.#jitter.update(timestamp, at)
      if (this.#jitter.ticks > this.#maxJitter) this.#maxJitter = this.#jitter.ticks
      if (arrival !== 'duplicate') this.#transit.update(timestamp, at)
      if (arrival !== 'duplicate' && this.#schedule.isLate(timestamp, at)) this.#late++
    }
    return arrival
  }

  /** How long its packets took on average, ms. @param timestampAt what its own clock says at a moment of ours */
  delayMs(timestampAt: (at: number) => number): number | undefined {
    return this.#transit.delayMs(timestampAt)
  }

  /** An SR of this source came: basis of LSR and DLSR. */
  senderReport(ntp: NtpTime, at: number): void {
    this.#lastSr = ntpMiddle(ntp)
    this.#lastSrAt = at
  }

  /** The report block for the next SR or RR; ends the interval of `fractionLost`. */
  reportBlock(at: number): ReportBlock {
    // RFC 3550 A.3.
    const expected = this.#expected()
    const expectedInterval = expected - this.#expectedPrior
    const lostInterval = expectedInterval - (this.#received - this.#receivedPrior)
    this.#expectedPrior = expected
    this.#receivedPrior = this.#received
    const fractionLost =
      expectedInterval <= 0 || lostInterval <= 0
        ? 0
        : Math.min(255, Math.floor((lostInterval * 256) / expectedInterval))
    return {
      ssrc: this.ssrc,
      fractionLost,
      // RFC 3550 A.3: clamped to 24 signed bits, not wrapped.
      cumulativeLost: Math.min(0x7fffff, Math.max(-0x800000, expected - this.#received)),
      highestSequence: this.#highest % 2 ** 32,
      jitter: Math.floor(this.#allJitter.ticks),
      lastSr: this.#lastSr,
      // RFC 3550 §6.4.1: in 1/65536 s, zero if no SR came.
      delaySinceLastSr: this.#lastSr === 0 ? 0 : Math.min(2 ** 32 - 1, Math.round((at - this.#lastSrAt) * 65.536)),
    }
  }

  /** Of `snapshot`, what is looked at every second. */
  counts(): Pick<SourceSnapshot, 'expected' | 'lost' | 'reordered' | 'late' | 'jitterMs'> {
    const expected = this.#expectedEarlier + this.#expected() - this.#underWay()
    const lost = expected - this.#distinctEarlier - this.#distinct
    return {
      expected,
      lost,
      reordered: this.#reordered,
      late: this.#late,
      jitterMs: this.#jitter.ticks / this.#ticksPerMs,
    }
  }

  snapshot(): SourceSnapshot {
    const whole = this.#expectedEarlier + this.#expected()
    const expected = whole - this.#underWay()
    const received = this.#receivedEarlier + this.#received
    const lost = expected - this.#distinctEarlier - this.#distinct
    return {
      ssrc: this.ssrc,
      valid: this.#valid,
      received,
      expected,
      lost,
      gaps: Math.min(this.#gaps, lost),
      lossRatio: expected === 0 ? 0 : lost / expected,
      cumulativeLost: whole - received,
      duplicates: this.#duplicates,
      reordered: this.#reordered,
      late: this.#late,
      strays: this.#strays,
      restarts: this.#restarts,
      highestSequence: this.#highest,
      jitterTicks: this.#allJitter.ticks,
      jitterMs: this.#jitter.ticks / this.#ticksPerMs,
      maxJitterMs: this.#maxJitter / this.#ticksPerMs,
      maxGapMs: this.#maxGap,
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
    }
  }

  /** Packets that were overtaken a moment ago, of a source whose packets overtake one another: they are not lost yet. */
  #underWay(): number {
    if (this.#reordered === 0) return 0
    let missing = 0
    for (let number = Math.max(this.#base, this.#highest - OVERTAKING); number < this.#highest; number++)
      if (!this.#has(number)) missing++
    return missing
  }

  #expected(): number {
    return this.#started ? this.#highest - this.#base + 1 : 0
  }

  /** RFC 3550 A.1, update_seq. */
  #place(sequence: number, timestamp: number, at: number): Arrival {
    if (!this.#started) {
      this.#started = true
      this.#firstAt = at
      this.#lastAt = at
      this.#begin(sequence)
      return 'in-order'
    }
    const delta = (sequence - this.#highest) & 0xffff
    // DEVIATION: A.1 drops the packets of the probation, and allows to keep them until the source is found valid. They
    // are kept: a call's first packet is as good as its last, and one in two lost would never end the probation.
    if (delta === 1) this.#valid = true
    if (delta === 0) return 'duplicate'
    if (delta < MAX_DROPOUT) {
      if (delta > 1) this.#gaps++
      // In order, with a permissible gap; the extended number takes the cycle along.
      this.#advance(this.#highest + delta)
      this.#bad = -1
      return 'in-order'
    }
    if (delta <= SEQUENCE_RANGE - MAX_MISORDER) return this.#jump(sequence, timestamp, at)

    const extended = this.#highest - (SEQUENCE_RANGE - delta)
    if (this.#has(extended)) return 'duplicate'
    this.#mark(extended)
    // DEVIATION: A.1 keeps the first number *received* as the base, which makes the loss negative when the first two
    // packets change places. The base goes back with the packet.
    if (extended < this.#base) this.#base = extended
    return 'reordered'
  }

  /** A very large jump: a restart if two packets follow one another there (A.1). */
  #jump(sequence: number, timestamp: number, at: number): Arrival {
    if (sequence !== this.#bad) {
      this.#bad = (sequence + 1) & 0xffff
      this.#badTimestamp = timestamp
      this.#badAt = at
      this.#strays++
      return 'suspect'
    }
    this.#expectedEarlier += this.#expected()
    this.#receivedEarlier += this.#received
    this.#distinctEarlier += this.#distinct
    this.#restarts++
    // The first of the two belongs to the new sequence after all.
    this.#strays--
    this.#begin((sequence - 1) & 0xffff)
    this.#received = 1
    this.#distinct = 1
    this.#expectedPrior = 0
    this.#receivedPrior = 0
    this.#allJitter.restart(this.#badTimestamp, this.#badAt)
    this.#jitter.restart(this.#badTimestamp, this.#badAt)
    this.#schedule.restart(this.#badTimestamp, this.#badAt)
    this.#valid = true
    this.#advance(this.#highest + 1)
    return 'restarted'
  }

  #begin(sequence: number): void {
    this.#base = sequence
    this.#highest = sequence
    this.#bad = -1
    this.#received = 0
    this.#distinct = 0
    this.#history.fill(0)
    this.#mark(sequence)
  }

  #advance(extended: number): void {
    if (extended - this.#highest >= HISTORY) {
      this.#history.fill(0)
    } else {
      for (let skipped = this.#highest + 1; skipped < extended; skipped++) {
        const bit = skipped & (HISTORY - 1)
        this.#history[bit >> 5] = (this.#history[bit >> 5] ?? 0) & ~(1 << (bit & 31))
      }
    }
    this.#highest = extended
    this.#mark(extended)
  }

  #mark(extended: number): void {
    const bit = extended & (HISTORY - 1)
    this.#history[bit >> 5] = (this.#history[bit >> 5] ?? 0) | (1 << (bit & 31))
  }

  #has(extended: number): boolean {
    const bit = extended & (HISTORY - 1)
    return (((this.#history[bit >> 5] ?? 0) >>> (bit & 31)) & 1) === 1
  }
}
