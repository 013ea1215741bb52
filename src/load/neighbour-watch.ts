/** Whether a target on this machine gets its turns on the cores while calls are up: what other programs take from it is not its delay. */
import type { Neighbour } from '../verdict/load-validity.js'

/** How long its threads ran, and how long they were ready to run and had no core, ms since it began; undefined: not known. */
export type CoreTimes = () => Pick<Neighbour, 'ranMs' | 'waitedMs'> | undefined

export class NeighbourWatch {
  readonly #read: CoreTimes
  #before: { readonly at: number; readonly calls: number; readonly times: ReturnType<CoreTimes> } | undefined
  #sum: Neighbour | undefined

  constructor(read: CoreTimes) {
    this.#read = read
  }

  /** To be called about once a second. @param now ms @param calls that are up or being set up */
  look(now: number, calls: number): void {
    const times = this.#read()
    const before = this.#before
    this.#before = { at: now, calls, times }
    if (times === undefined || before?.times === undefined || calls + before.calls === 0) return
    const { ms = 0, ranMs = 0, waitedMs = 0 } = this.#sum ?? {}
    this.#sum = {
      ms: ms + now - before.at,
      ranMs: ranMs + times.ranMs - before.times.ranMs,
      waitedMs: waitedMs + times.waitedMs - before.times.waitedMs,
    }
  }

  /** Over the time in which calls were up; undefined where nothing is known. */
  get facts(): Neighbour | undefined {
    return this.#sum
  }
}
