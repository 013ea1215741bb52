/** Packet times for many media sessions from one timer of the clock. */
import type { Clock, Timer } from '../clock/clock.js'
import { Lateness } from './lateness.js'

/** Whose time comes. An object and not a function: of hundreds that tick in a millisecond, each is one look into memory less. */
export interface Ticking {
  /** Called at each packet time. `dueAt` is the time it was due, `now` the time it is, ms of the clock. */
  tick(dueAt: number, now: number): void
}

/** A session's place on the wheel. */
export interface Ticker {
  readonly intervalMs: number
  cancel(): void
}

/** One millisecond: fine enough for 20 ms packets, coarse enough that a timer serves many sessions. */
const SLOT_MS = 1
/** What sums of fractional milliseconds may be wrong by. */
const ROUNDING_MS = 1e-6

/**
 * A timer wheel for each packet time in use: sessions hang in slots of one millisecond, and one timer of the clock goes
 * from one slot in use to the next. The schedule is absolute: what is served late delays nothing that follows, and no
 * tick is left out; a stalled process catches up, and `lateness` tells.
 */
export class MediaClock {
  readonly #clock: Clock
  readonly #wheels = new Map<number, Wheel>()
  /** Over all sessions. */
  readonly lateness = new Lateness()
  /** Called after each round of ticks, for wires that send in batches. */
  afterRound: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The one that all sessions of a clock share. */
  static of(clock: Clock): MediaClock {
    let shared = SHARED.get(clock)
    if (shared === undefined) {
      shared = new MediaClock(clock)
      SHARED.set(clock, shared)
    }
    return shared
  }

  /** Sessions on the wheels. */
  get size(): number {
    let size = 0
    for (const wheel of this.#wheels.values()) size += wheel.size
    return size
  }

  /**
   * Lets it tick every `intervalMs` (whole milliseconds), the first time within one interval: `phase`, 0 to 1, says
   * where in the interval, so that not all sessions send at once.
   */
  every(intervalMs: number, phase: number, who: Ticking): Ticker {
    if (!Number.isInteger(intervalMs) || intervalMs < 1) throw new RangeError(`a packet time of ${intervalMs} ms`)
    let wheel = this.#wheels.get(intervalMs)
    if (wheel === undefined) {
      wheel = new Wheel(this.#clock, intervalMs, this.lateness, () => this.afterRound?.())
      this.#wheels.set(intervalMs, wheel)
    }
    return wheel.add(phase, who)
  }
}

const SHARED = new WeakMap<Clock, MediaClock>()

const NOBODY: Ticking = { tick: () => {} }

/** Those that tick in the same millisecond, and since when: nobody owes a tick from before. */
class Slot {
  readonly who: Ticking[] = []
  readonly since: number[] = []
  readonly tickers: Ticker[] = []

  add(ticker: Ticker, who: Ticking, since: number): void {
    this.who.push(who)
    this.since.push(since)
    this.tickers.push(ticker)
  }

  remove(at: number): void {
    this.who.splice(at, 1)
    this.since.splice(at, 1)
    this.tickers.splice(at, 1)
  }
}

class Wheel {
  readonly #clock: Clock
  readonly #slots: Slot[]
  readonly #lateness: Lateness
  readonly #afterRound: () => void
  size = 0
  /** Time of slot number 0, turn 0. */
  #origin = 0
  /** Number of the next slot to serve, counted from the origin on. */
  #next = 0
  #timer: Timer | undefined
  #serving = false
  /** Some were cancelled while they were served. */
  #hasNobodies = false

  constructor(clock: Clock, intervalMs: number, lateness: Lateness, afterRound: () => void) {
    this.#clock = clock
    this.#lateness = lateness
    this.#afterRound = afterRound
    this.#slots = Array.from({ length: intervalMs / SLOT_MS }, () => new Slot())
  }

  add(phase: number, who: Ticking): Ticker {
    const slots = this.#slots.length
    const since = this.#clock.now()
    if (this.size === 0 && !this.#serving) {
      this.#origin = since
      this.#next = 0
    }
    const slot = this.#slot(Math.min(slots - 1, Math.floor(phase * slots)))
    const ticker: Ticker = { intervalMs: slots * SLOT_MS, cancel: () => this.#cancel(slot, ticker) }
    slot.add(ticker, who, since - ROUNDING_MS)
    this.size++
    if (!this.#serving) this.#arm()
    return ticker
  }

  #cancel(slot: Slot, ticker: Ticker): void {
    const at = slot.tickers.indexOf(ticker)
    if (at < 0 || slot.who[at] === NOBODY) return
    this.size--
    // While slots are being served, they are left as they are; the server clears them up.
    if (this.#serving) {
      slot.who[at] = NOBODY
      this.#hasNobodies = true
    } else {
      slot.remove(at)
    }
    if (this.size === 0) this.#disarm()
  }

  #arm(): void {
    this.#disarm()
    if (this.size === 0) return
    const now = this.#clock.now()
    // Empty slots that are past stay past; then the next slot in use, which one turn finds.
    while (this.#due(this.#next) < now && this.#slot(this.#next).who.length === 0) this.#next++
    let slot = this.#next
    for (let i = 0; i < this.#slots.length && this.#slot(slot).who.length === 0; i++) slot++
    this.#timer = this.#clock.after(this.#due(slot) - now, () => {
      this.#timer = undefined
      this.#serve()
    })
  }

  #due(slot: number): number {
    return this.#origin + slot * SLOT_MS
  }

  #slot(slot: number): Slot {
    const found = this.#slots[slot % this.#slots.length]
    if (found === undefined) throw new RangeError(`a wheel of ${this.#slots.length} has no slot ${slot}`)
    return found
  }

  #disarm(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #serve(): void {
    this.#serving = true
    // The time is read once for a slot: reading it for every packet would cost more than it tells.
    let now = this.#clock.now()
    while (this.size > 0 && this.#due(this.#next) <= now + ROUNDING_MS) {
      const due = this.#due(this.#next)
      const slot = this.#slot(this.#next)
      this.#next++
      if (slot.who.length === 0) continue
      this.#serveSlot(slot, due, now)
      now = this.#clock.now()
    }
    this.#serving = false
    if (this.#hasNobodies) this.#clearUp()
    this.#afterRound()
    this.#arm()
  }

  #serveSlot({ who, since }: Slot, due: number, now: number): void {
    let ticked = 0
    // Those that a tick adds are served in the next turn.
    for (let i = 0, length = who.length; i < length; i++) {
      const one = who[i]
      if (one === undefined || one === NOBODY || due < (since[i] ?? 0)) continue
      ticked++
      one.tick(due, now)
    }
    this.#lateness.add(now - due, ticked)
  }

  #clearUp(): void {
    this.#hasNobodies = false
    for (const slot of this.#slots)
      for (let i = slot.who.length - 1; i >= 0; i--) if (slot.who[i] === NOBODY) slot.remove(i)
  }
}
