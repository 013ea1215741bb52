/** Packet times for many media sessions from one timer of the clock. */
import type { Clock, Timer } from '../clock/clock.js'
import { Lateness } from './lateness.js'

/** Called at each packet time. `dueAt` is the time it was due, `now` the time it is, ms of the clock. */
export type Tick = (dueAt: number, now: number) => void

/** A session's place on the wheel. */
export interface Ticker {
  readonly intervalMs: number
  cancel(): void
}

interface Entry extends Ticker {
  readonly tick: Tick
  /** When it was added: it owes no tick from before. */
  readonly since: number
  cancelled: boolean
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
   * Calls `tick` every `intervalMs` (whole milliseconds), the first time within one interval: `phase`, 0 to 1, says
   * where in the interval, so that not all sessions send at once.
   */
  every(intervalMs: number, phase: number, tick: Tick): Ticker {
    if (!Number.isInteger(intervalMs) || intervalMs < 1) throw new RangeError(`a packet time of ${intervalMs} ms`)
    let wheel = this.#wheels.get(intervalMs)
    if (wheel === undefined) {
      wheel = new Wheel(this.#clock, intervalMs, this.lateness, () => this.afterRound?.())
      this.#wheels.set(intervalMs, wheel)
    }
    return wheel.add(phase, tick)
  }
}

const SHARED = new WeakMap<Clock, MediaClock>()

class Wheel {
  readonly #clock: Clock
  readonly #slots: Entry[][]
  readonly #lateness: Lateness
  readonly #afterRound: () => void
  size = 0
  /** Time of slot number 0, turn 0. */
  #origin = 0
  /** Number of the next slot to serve, counted from the origin on. */
  #next = 0
  #timer: Timer | undefined
  #serving = false

  constructor(clock: Clock, intervalMs: number, lateness: Lateness, afterRound: () => void) {
    this.#clock = clock
    this.#lateness = lateness
    this.#afterRound = afterRound
    this.#slots = Array.from({ length: intervalMs / SLOT_MS }, () => [])
  }

  add(phase: number, tick: Tick): Ticker {
    const slots = this.#slots.length
    const since = this.#clock.now()
    if (this.size === 0 && !this.#serving) {
      this.#origin = since
      this.#next = 0
    }
    const slot = Math.min(slots - 1, Math.floor(phase * slots))
    const entry: Entry = {
      intervalMs: slots * SLOT_MS,
      tick,
      since: since - ROUNDING_MS,
      cancelled: false,
      cancel: () => {
        if (entry.cancelled) return
        entry.cancelled = true
        this.size--
        const list = this.#slots[slot] ?? []
        // While its slot is being served, the list is left as it is; the server clears it up.
        if (!this.#serving) list.splice(list.indexOf(entry), 1)
        if (this.size === 0) this.#disarm()
      },
    }
    this.#slots[slot]?.push(entry)
    this.size++
    if (!this.#serving) this.#arm()
    return entry
  }

  #arm(): void {
    this.#disarm()
    if (this.size === 0) return
    const now = this.#clock.now()
    // Empty slots that are past stay past; then the next slot in use, which one turn finds.
    while (this.#due(this.#next) < now && this.#slot(this.#next).length === 0) this.#next++
    let slot = this.#next
    for (let i = 0; i < this.#slots.length && this.#slot(slot).length === 0; i++) slot++
    this.#timer = this.#clock.after(this.#due(slot) - now, () => {
      this.#timer = undefined
      this.#serve()
    })
  }

  #due(slot: number): number {
    return this.#origin + slot * SLOT_MS
  }

  #slot(slot: number): Entry[] {
    return this.#slots[slot % this.#slots.length] ?? []
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
      const list = this.#slot(this.#next)
      this.#next++
      if (list.length === 0) continue
      this.#serveSlot(list, due, now)
      now = this.#clock.now()
    }
    this.#serving = false
    this.#afterRound()
    this.#arm()
  }

  #serveSlot(list: Entry[], due: number, now: number): void {
    // Those that a tick adds are served in the next turn.
    const length = list.length
    let kept = 0
    for (let i = 0; i < length; i++) {
      const entry = list[i]
      if (entry === undefined) continue
      if (!entry.cancelled && due >= entry.since) {
        this.#lateness.add(now - due)
        entry.tick(due, now)
      }
      if (!entry.cancelled) list[kept++] = entry
    }
    for (let i = length; i < list.length; i++) {
      const entry = list[i]
      if (entry !== undefined && !entry.cancelled) list[kept++] = entry
    }
    list.length = kept
  }
}
