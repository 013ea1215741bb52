/** All timers of a layer behind one timer of the clock: a heap of transactions, ordered by when they are due. */
import type { Clock, Timer } from '../clock/clock.js'

/** Something that waits. The three fields belong to the heap. */
export interface Waiting {
  /** ms; Infinity while it is not in the heap. */
  dueAt: number
  order: number
  place: number
  /** Its moment has come. It has been taken out of the heap and may be put in again. */
  expire(now: number): void
}

/** The clock may fire a rounding error before the moment it was armed for; a microsecond counts as on time. */
const ROUNDING = 0.001

export class Deadlines {
  readonly #clock: Clock
  readonly #heap: Waiting[] = []
  #timer: Timer | undefined
  #armedFor = Number.POSITIVE_INFINITY
  #order = 0
  #running = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#heap.length
  }

  /** Sets when `waiting` is due; Infinity takes it out. Those due at the same moment come in the order they were set. */
  set(waiting: Waiting, due: number): void {
    if (due === waiting.dueAt) return
    if (due === Number.POSITIVE_INFINITY) {
      this.#remove(waiting)
    } else {
      waiting.order = this.#order++
      const place = waiting.dueAt === Number.POSITIVE_INFINITY ? this.#heap.push(waiting) - 1 : waiting.place
      waiting.dueAt = due
      this.#heap[place] = waiting
      waiting.place = place
      this.#up(waiting)
      this.#down(waiting)
    }
    if (!this.#running) this.#arm()
  }

  #remove(waiting: Waiting): void {
    const last = this.#heap.pop()
    waiting.dueAt = Number.POSITIVE_INFINITY
    if (last === undefined || last === waiting) return
    this.#heap[waiting.place] = last
    last.place = waiting.place
    this.#up(last)
    this.#down(last)
  }

  #arm(): void {
    const first = this.#heap[0]
    const due = first === undefined ? Number.POSITIVE_INFINITY : first.dueAt
    // A timer that is too early costs one empty call; one that is too late would be wrong.
    if (due >= this.#armedFor && first !== undefined) return
    this.#timer?.cancel()
    this.#timer = undefined
    this.#armedFor = due
    if (first !== undefined) this.#timer = this.#clock.after(Math.max(0, due - this.#clock.now()), this.#fire)
  }

  readonly #fire = (): void => {
    this.#timer = undefined
    this.#armedFor = Number.POSITIVE_INFINITY
    this.#running = true
    const now = this.#clock.now()
    try {
      for (let first = this.#heap[0]; first !== undefined && first.dueAt <= now + ROUNDING; first = this.#heap[0]) {
        const at = Math.max(now, first.dueAt)
        this.#remove(first)
        first.expire(at)
      }
    } finally {
      this.#running = false
      this.#arm()
    }
  }

  #up(waiting: Waiting): void {
    let place = waiting.place
    while (place > 0) {
      const parentPlace = (place - 1) >> 1
      const parent = this.#heap[parentPlace]
      if (parent === undefined || !before(waiting, parent)) break
      this.#heap[place] = parent
      parent.place = place
      place = parentPlace
    }
    this.#heap[place] = waiting
    waiting.place = place
  }

  #down(waiting: Waiting): void {
    let place = waiting.place
    for (;;) {
      let childPlace = 2 * place + 1
      let child = this.#heap[childPlace]
      if (child === undefined) break
      const right = this.#heap[childPlace + 1]
      if (right !== undefined && before(right, child)) {
        child = right
        childPlace++
      }
      if (!before(child, waiting)) break
      this.#heap[place] = child
      child.place = place
      place = childPlace
    }
    this.#heap[place] = waiting
    waiting.place = place
  }
}

function before(a: Waiting, b: Waiting): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order)
}
