/** What the HTTP side of a call agent needs of whatever makes the calls. */
import type { CallOrder } from './call-order.js'
import type { CallRecord, EndCause } from './call-record.js'
import type { CallAnswer } from './worker-protocol.js'

/** A call that was ordered. */
export interface OrderedCall {
  readonly id: string
  /** Resolves at the final answer to the INVITE, or when the call ends without one. */
  readonly answered: Promise<CallAnswer>
  readonly record: Promise<CallRecord>
}

export interface CallEngine {
  /** Threads that call. */
  readonly workers: number
  place(order: CallOrder): OrderedCall
  /** Ends a call; does nothing for one that is over. */
  end(id: string, why: EndCause): void
}
