/** What arrival times against timestamps tell: interarrival jitter (RFC 3550 A.8) and lateness for playing out. */

/** A change of transit beyond this is a new timestamp base, not a delay. */
const TIMESTAMP_BREAK_MS = 3000

/** Interarrival jitter, the smoothed mean deviation of the packet spacing, kept in fractions of a tick. */
export class Jitter {
  /** In timestamp ticks. */
  ticks = 0
  readonly #ticksPerMs: number
  readonly #breakTicks: number
  #timestamp = 0
  #at = Number.NaN

  /** @param o.skipsBreaks whether a new timestamp base leaves the estimate alone; RTCP's formula knows no such thing */
  constructor(ticksPerMs: number, o: { skipsBreaks: boolean }) {
    this.#ticksPerMs = ticksPerMs
    this.#breakTicks = o.skipsBreaks ? TIMESTAMP_BREAK_MS * ticksPerMs : Infinity
  }

  update(timestamp: number, at: number): void {
    if (this.#at === this.#at) {
      // D(i-1, i) = (R_i - R_i-1) - (S_i - S_i-1), the timestamps modulo 2^32.
      const spacing = (at - this.#at) * this.#ticksPerMs - ((timestamp - this.#timestamp) | 0)
      const d = spacing < 0 ? -spacing : spacing
      if (d < this.#breakTicks) this.ticks += (d - this.ticks) / 16
    }
    this.#timestamp = timestamp
    this.#at = at
  }

  /** The sender has started anew with this packet. */
  restart(timestamp: number, at: number): void {
    this.ticks = 0
    this.#timestamp = timestamp
    this.#at = at
  }
}

/**
 * Whether packets come in time for a jitter buffer of a fixed depth. The schedule is that of the earliest packet; it
 * gives way by 1 ms a second, more than any clock drifts and less than anybody hears.
 */
export class Schedule {
  readonly #ticksPerMs: number
  readonly #depthMs: number
  #timestamp = 0
  #at = Number.NaN

  constructor(ticksPerMs: number, depthMs: number) {
    this.#ticksPerMs = ticksPerMs
    this.#depthMs = depthMs
  }

  isLate(timestamp: number, at: number): boolean {
    const elapsed = at - this.#at
    const behind = elapsed - ((timestamp - this.#timestamp) | 0) / this.#ticksPerMs
    const drift = elapsed > 0 ? elapsed / 1000 : 0
    // The first packet (NaN), one as early as any before, or a new timestamp base sets the schedule.
    if (!(behind > drift) || behind > TIMESTAMP_BREAK_MS) {
      this.restart(timestamp, at)
      return false
    }
    return behind - drift > this.#depthMs
  }

  restart(timestamp: number, at: number): void {
    this.#timestamp = timestamp
    this.#at = at
  }
}

/** How long packets take on average, against the clock of who numbers them: for a sender on this very machine. */
export class Transit {
  readonly #ticksPerMs: number
  #timestamp = 0
  #at = Number.NaN
  #count = 0
  /** Of the packets since the first, how much more each took than that one, ms. */
  #meanMs = 0

  constructor(ticksPerMs: number) {
    this.#ticksPerMs = ticksPerMs
  }

  update(timestamp: number, at: number): void {
    const more = at - this.#at - ((timestamp - this.#timestamp) | 0) / this.#ticksPerMs
    // The first packet (NaN), or a new timestamp base.
    if (!(Math.abs(more) < TIMESTAMP_BREAK_MS)) {
      this.#timestamp = timestamp
      this.#at = at
      this.#count = 1
      this.#meanMs = 0
      return
    }
    this.#count++
    this.#meanMs += (more - this.#meanMs) / this.#count
  }

  /** @param timestampAt what the sender's clock said at a moment (ms); undefined where there is none, or it is not the sender's */
  delayMs(timestampAt: (at: number) => number): number | undefined {
    if (this.#count === 0) return undefined
    const delay = ((timestampAt(this.#at) - this.#timestamp) | 0) / this.#ticksPerMs + this.#meanMs
    return delay > -1 && delay < TIMESTAMP_BREAK_MS ? Math.max(0, delay) : undefined
  }
}
