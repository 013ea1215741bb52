/**
 * The waves of calls that clients ordered: each call gets its moment within the target's limits, those that may not begin
 * yet wait, and a wave is over when all its calls are.
 */
import type { CallAdmission } from './call-admission.js'
import type { CallEngine, WaveCall } from './call-engine.js'
import type { CallRecord, EndCause } from './call-record.js'
import type { AgentCounts } from './reconciliation.js'
import type { TimedCall } from './wave-order.js'
import { type WaveAnswer, WaveRecords } from './wave-records.js'

/** A wave whose calls have not all ended. */
export interface Wave {
  readonly id: string
  /** Resolves when all its calls are over, or were given up before they began. */
  readonly over: Promise<WaveAnswer>
  /** Ends what is up, gives up the rest. What ended before counts as not delivered. */
  end(why: EndCause): void
}

export interface WavesOptions {
  readonly engine: Pick<CallEngine, 'placeWave' | 'endWave'>
  /** Shared with calls that are ordered one by one; `proceed` has to be called whenever one of those gives its place back. */
  readonly admission: CallAdmission
  /** Milliseconds of admission's clock, and Unix time. */
  readonly now: () => number
  readonly unixMs: () => number
  /** A call has given its place back, and no other call wanted it. */
  readonly onFree?: (() => void) | undefined
  /** A call begins later than ordered. */
  readonly onHeldBack?: (() => void) | undefined
  /** Calls whose records nobody was there to take. */
  readonly onUndelivered?: ((counts: AgentCounts) => void) | undefined
}

/** Calls that wait for a place, of all waves: more would begin so late that nobody ordered them like that. */
export const MOST_WAITING = 20_000
/** A call that begins so much later than ordered was held back, ms. */
const HELD_BACK_MS = 100

interface Going {
  readonly id: string
  readonly records: WaveRecords
  readonly resolve: (answer: WaveAnswer) => void
  outstanding: number
  heldBack: number
  abandoned: boolean
}

interface Waiting {
  readonly wave: Going
  readonly wantedAt: number
  readonly call: TimedCall
}

export class Waves {
  readonly #o: WavesOptions
  #waiting: Waiting[] = []
  #number = 0

  constructor(o: WavesOptions) {
    this.#o = o
  }

  /** Calls that have no place yet. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Whether so many more may be ordered. */
  takes(calls: number): boolean {
    return this.#waiting.length + calls <= MOST_WAITING
  }

  /** Begins a wave. @param calls ascending by their moments */
  begin(calls: readonly TimedCall[]): Wave {
    const now = this.#o.now()
    let resolve: Going['resolve'] = () => {}
    const over = new Promise<WaveAnswer>((settle) => (resolve = settle))
    const wave: Going = {
      id: `wave-${++this.#number}`,
      records: new WaveRecords(),
      resolve,
      outstanding: calls.length,
      heldBack: 0,
      abandoned: false,
    }
    for (const call of calls) this.#waiting.push({ wave, wantedAt: now + call.atMs, call })
    this.proceed(now)
    return { id: wave.id, over, end: (why) => this.#end(wave, why) }
  }

  /** Gives calls that wait their places, first come first served, as far as there are any. */
  proceed(now = this.#o.now()): void {
    const { admission, engine, unixMs } = this.#o
    const unix = unixMs()
    const placed = new Map<Going, WaveCall[]>()
    let taken = 0
    for (const { wave, wantedAt, call } of this.#waiting) {
      const at = admission.reserve(Math.max(wantedAt, now), now)
      if (at === undefined) break
      taken += 1
      if (at - wantedAt > HELD_BACK_MS) {
        wave.heldBack += 1
        this.#o.onHeldBack?.()
      }
      const list = placed.get(wave) ?? []
      list.push({ startAt: unix + at - now, order: call.order })
      placed.set(wave, list)
    }
    if (taken > 0) this.#waiting = this.#waiting.slice(taken)
    for (const [wave, calls] of placed) {
      engine.placeWave(wave.id, calls, {
        ended: (record) => this.#ended(wave, record),
        dropped: () => this.#over(wave),
      })
    }
  }

  #ended(wave: Going, record: CallRecord): void {
    wave.records.add(record)
    if (wave.abandoned) this.#undelivered(wave)
    this.#over(wave)
  }

  #over(wave: Going): void {
    this.#o.admission.release()
    this.#finish(wave, 1)
    this.proceed()
    if (this.#waiting.length === 0) this.#o.onFree?.()
  }

  #finish(wave: Going, calls: number): void {
    wave.outstanding -= calls
    if (wave.outstanding === 0) wave.resolve(wave.records.answer(wave.heldBack))
  }

  #end(wave: Going, why: EndCause): void {
    if (wave.outstanding === 0 && wave.abandoned) return
    wave.abandoned = true
    this.#undelivered(wave)
    const before = this.#waiting.length
    this.#waiting = this.#waiting.filter((one) => one.wave !== wave)
    const given = before - this.#waiting.length
    if (wave.outstanding > given) this.#o.engine.endWave(wave.id, why)
    if (given > 0) this.#finish(wave, given)
  }

  #undelivered({ records }: Going): void {
    const { counts } = records
    records.counts = { started: 0, completed: 0, packetsSent: 0, packetsReceived: 0, packetsLost: 0 }
    if (counts.started > 0) this.#o.onUndelivered?.(counts)
  }
}
