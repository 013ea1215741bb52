/** A worker's side of waves: begins each call at its moment, and tells what becomes of them in few messages. */
import type { Clock, Timer } from '../clock/clock.js'
import type { CallOrder } from './call-order.js'
import type { EndCause } from './call-record.js'
import type { CallEvent, CallOfWave } from './worker-protocol.js'

export interface WaveStarterOptions {
  readonly clock: Clock
  readonly begin: (id: string, order: CallOrder) => void
  readonly end: (id: string, why: EndCause) => void
  readonly send: (events: readonly CallEvent[]) => void
}

/** Events are gathered for so long, ms. */
const GATHER_MS = 25
/** Calls that are due within this are begun together, ms: a timer of its own is not worth less. */
const TOGETHER_MS = 1

export class WaveStarter {
  readonly #o: WaveStarterOptions
  /** Calls that have not begun, of each wave, ascending. */
  readonly #coming = new Map<string, { calls: CallOfWave[]; timer: Timer | undefined }[]>()
  /** Waves of the calls that are not over. */
  readonly #waves = new Map<string, string>()
  #events: CallEvent[] = []
  #gathering: Timer | undefined

  constructor(o: WaveStarterOptions) {
    this.#o = o
  }

  add(wave: string, calls: readonly CallOfWave[]): void {
    const part = { calls: [...calls], timer: undefined }
    this.#coming.set(wave, [...(this.#coming.get(wave) ?? []), part])
    this.#beginDue(wave, part)
  }

  /** Whether a call is one of a wave. */
  has(id: string): boolean {
    return this.#waves.has(id)
  }

  /** Tells an event, soon. */
  tell(event: CallEvent): void {
    if (event.kind === 'ended') this.#waves.delete(event.id)
    this.#events.push(event)
    this.#gathering ??= this.#o.clock.after(GATHER_MS, () => this.flush())
  }

  /** Tells what is gathered at once. */
  flush(): void {
    this.#gathering?.cancel()
    this.#gathering = undefined
    if (this.#events.length === 0) return
    this.#o.send(this.#events)
    this.#events = []
  }

  /** Ends the calls of a wave that are up, and gives up those that have not begun. */
  end(wave: string, why: EndCause): void {
    this.#drop(wave)
    for (const [id, its] of this.#waves) if (its === wave) this.#o.end(id, why)
  }

  /** Gives up all calls that have not begun. */
  stop(): void {
    for (const wave of this.#coming.keys()) this.#drop(wave)
    this.flush()
  }

  #beginDue(wave: string, part: { calls: CallOfWave[]; timer: Timer | undefined }): void {
    const { clock, begin } = this.#o
    const now = clock.unixMs()
    const due = part.calls.findIndex(({ startAt }) => startAt > now + TOGETHER_MS)
    const calls = part.calls.splice(0, due < 0 ? part.calls.length : due)
    const [next] = part.calls
    if (next === undefined) this.#forget(wave, part)
    else part.timer = clock.after(next.startAt - now, () => this.#beginDue(wave, part))
    for (const { id, startAt, order } of calls) {
      this.#waves.set(id, wave)
      this.tell({ kind: 'begun', id, lateMs: Math.max(0, now - startAt) })
      begin(id, order)
    }
  }

  #drop(wave: string): void {
    for (const { calls, timer } of this.#coming.get(wave) ?? []) {
      timer?.cancel()
      for (const { id } of calls) this.tell({ kind: 'dropped', id })
    }
    this.#coming.delete(wave)
  }

  #forget(wave: string, part: { calls: CallOfWave[] }): void {
    const rest = (this.#coming.get(wave) ?? []).filter((one) => one !== part)
    if (rest.length > 0) this.#coming.set(wave, rest)
    else this.#coming.delete(wave)
  }
}
