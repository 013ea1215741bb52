/** What the HTTP side of a call agent needs of whatever makes the calls. */
import type { CallOrder } from './call-order.js'
import type { CallRecord, EndCause } from './call-record.js'
import type { StormOrder, StormReport } from './registration-storm.js'
import type { CallAnswer } from './worker-protocol.js'

/** A call that was ordered. */
export interface OrderedCall {
  readonly id: string
  /** Resolves at the final answer to the INVITE, or when the call ends without one. */
  readonly answered: Promise<CallAnswer>
  readonly record: Promise<CallRecord>
}

/** A call of a wave, and when it begins. */
export interface WaveCall {
  /** Unix ms. */
  readonly startAt: number
  readonly order: CallOrder
}

/** Told of what becomes of the calls of a wave. */
export interface WaveEvents {
  readonly ended: (record: CallRecord) => void
  /** A call was given up before it began. */
  readonly dropped: () => void
}

export interface CallEngine {
  /** Threads that call. */
  readonly workers: number
  /** True once its telephones have given their accounts up: it makes no more calls. */
  readonly retired: boolean
  place(order: CallOrder): OrderedCall
  /** Ends a call; does nothing for one that is over. */
  end(id: string, why: EndCause): void
  /** Calls of a wave; more may follow for the same wave. */
  placeWave(wave: string, calls: readonly WaveCall[], events: WaveEvents): void
  /** Ends what is up of a wave and gives up what has not begun. */
  endWave(wave: string, why: EndCause): void
  /** Has the devices register again, until that is over or the signal comes. */
  registerAgain(order: StormOrder, signal?: AbortSignal): Promise<StormReport>
}
