/** Virtual time: 32 s of protocol in milliseconds, in the same order each time. */
import type { Clock, Timer } from './clock.js'

/** 2000-01-01T00:00:00Z in Unix milliseconds: where virtual time begins. */
export const VIRTUAL_EPOCH_MS = 946_684_800_000

/** So many timers in a row at one instant mean that time will never move again. */
const MOST_EVENTS_AT_ONE_INSTANT = 1_000_000

/** Immediates that are queued at a time; see `VirtualClock`. */
const BATCH = 64

class VirtualTimer implements Timer {
  readonly time: number
  readonly sequence: number
  readonly fire: () => void
  /** Where it stands in the heap; -1 when it has fired or was cancelled. */
  index = -1
  readonly #queue: TimerQueue

  constructor(time: number, sequence: number, fire: () => void, queue: TimerQueue) {
    this.time = time
    this.sequence = sequence
    this.fire = fire
    this.#queue = queue
  }

  cancel(): void {
    this.#queue.remove(this)
  }
}

/** A binary heap by (time, sequence) from which a timer in the middle can be taken. */
class TimerQueue {
  readonly #heap: VirtualTimer[] = []

  push(timer: VirtualTimer): void {
    this.#heap.push(timer)
    this.#rise(timer, this.#heap.length - 1)
  }

  get size(): number {
    return this.#heap.length
  }

  peek(): VirtualTimer | undefined {
    return this.#heap[0]
  }

  remove(timer: VirtualTimer): void {
    const at = timer.index
    if (at < 0) return
    timer.index = -1
    const last = this.#heap.pop()
    if (last === undefined || last === timer) return
    this.#rise(last, at)
    if (last.index === at) this.#sink(last, at)
  }

  #rise(timer: VirtualTimer, from: number): void {
    let at = from
    while (at > 0) {
      const up = (at - 1) >> 1
      const parent = this.#heap[up]
      if (parent === undefined || before(parent, timer)) break
      this.#heap[at] = parent
      parent.index = at
      at = up
    }
    this.#heap[at] = timer
    timer.index = at
  }

  #sink(timer: VirtualTimer, from: number): void {
    let at = from
    for (;;) {
      let down = 2 * at + 1
      let child = this.#heap[down]
      if (child === undefined) break
      const other = this.#heap[down + 1]
      if (other !== undefined && before(other, child)) {
        down += 1
        child = other
      }
      if (before(timer, child)) break
      this.#heap[at] = child
      child.index = at
      at = down
    }
    this.#heap[at] = timer
    timer.index = at
  }
}

function before(a: VirtualTimer, b: VirtualTimer): boolean {
  return a.time < b.time || (a.time === b.time && a.sequence < b.sequence)
}

/**
 * Time that moves only when everything runnable has run. Timers fire by (time, order in which they were set), one by
 * one: what a timer sets going in microtasks and ticks is finished before the next one fires, also at the same
 * instant, so that the order of events depends on the program alone.
 *
 * Each timer fires in an immediate of its own, because the runtime drains ticks and microtasks completely between two
 * immediates. They are queued by the batch: the immediates of a batch run within one turn of the event loop, which
 * saves a poll of the kernel for each timer.
 *
 * Only microtasks, ticks and the timers of this clock count as runnable. Work that waits for the machine (files,
 * `import()`, crypto.subtle) must go through `outside`, or time would move on without it.
 */
export class VirtualClock implements Clock {
  readonly kind = 'virtual'
  readonly #queue = new TimerQueue()
  #time = 0
  #sequence = 0
  #firedAtThisInstant = 0
  #running = false
  #outsideWork = 0
  #resume: (() => void) | undefined

  readonly #epochMs: number

  /** @param epochMs Unix ms at which it begins */
  constructor(epochMs = VIRTUAL_EPOCH_MS) {
    this.#epochMs = epochMs
  }

  now(): number {
    return this.#time
  }

  unixMs(): number {
    return this.#epochMs + this.#time
  }

  /** Throws RangeError where the delay is not a number. */
  after(delayMs: number, fire: () => void): Timer {
    if (Number.isNaN(delayMs)) throw new RangeError('A timer was set to fire after NaN milliseconds')
    const timer = new VirtualTimer(this.#time + (delayMs > 0 ? delayMs : 0), this.#sequence++, fire, this.#queue)
    if (timer.time !== Number.POSITIVE_INFINITY) this.#queue.push(timer)
    return timer
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve)
    })
  }

  /** Timers that are set and have neither fired nor been cancelled. */
  get pendingTimers(): number {
    return this.#queue.size
  }

  /** Lets time stand still until work that waits for the machine has settled. */
  async outside<T>(work: () => Promise<T>): Promise<T> {
    this.#outsideWork += 1
    try {
      return await work()
    } finally {
      this.#outsideWork -= 1
      // The one who awaits this result goes on first: `resume` only queues an immediate.
      if (this.#outsideWork === 0) this.#resume?.()
    }
  }

  /**
   * Runs `main` and moves time on until it settles; then time stands still again, with the timers that are still set
   * kept for the next run. Rejects with what `main` rejects with, with what a timer throws, or with an Error where
   * `main` waits for something that can no longer happen. One run at a time.
   */
  run<T>(main: () => Promise<T>): Promise<T> {
    if (this.#running) {
      return Promise.reject(
        new Error('This virtual clock is running already: call run() once and start the rest inside'),
      )
    }
    this.#running = true
    return new Promise<T>((resolve, reject) => {
      let over = false
      const end = (settle: () => void) => {
        if (over) return
        over = true
        this.#running = false
        this.#resume = undefined
        settle()
      }
      const step = () => {
        if (over || this.#outsideWork > 0) return
        try {
          this.#fireNext()
        } catch (error) {
          end(() => reject(error))
        }
      }
      const lastOfBatch = () => {
        step()
        if (over) return
        // Whoever works outside wakes the clock up; until then there is nothing to poll for.
        if (this.#outsideWork > 0) this.#resume = wake
        else queueBatch()
      }
      const queueBatch = () => {
        for (let i = 1; i < BATCH; i++) setImmediate(step)
        setImmediate(lastOfBatch)
      }
      const wake = () => {
        this.#resume = undefined
        queueBatch()
      }
      main().then(
        (value) => end(() => resolve(value)),
        (error: unknown) => end(() => reject(error)),
      )
      queueBatch()
    })
  }

  #fireNext(): void {
    const timer = this.#queue.peek()
    if (timer === undefined) throw new Error(this.#stuck())
    this.#queue.remove(timer)
    if (timer.time > this.#time) {
      this.#time = timer.time
      this.#firedAtThisInstant = 0
    } else if (++this.#firedAtThisInstant > MOST_EVENTS_AT_ONE_INSTANT) {
      throw new Error(
        `Virtual time stands still at ${this.#time} ms: ${MOST_EVENTS_AT_ONE_INSTANT} timers fired there, each setting another one without delay`,
      )
    }
    timer.fire()
  }

  #stuck(): string {
    return (
      `Virtual time stands at ${this.#time} ms and nothing is left to happen, but the run has not ended: it awaits a ` +
      'promise that no timer and no runnable code will settle. Either a wait has no time limit, or it waits for the ' +
      'machine (a file, import(), a real socket), which has to go through VirtualClock.outside()'
    )
  }
}
