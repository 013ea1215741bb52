/** Responses that are sent again until the caller confirms them: RFC 3261 §13.3.1.4, RFC 3262 §3. */
import type { Timer } from '../../clock/clock.js'
import { ResponseRepeater } from '../../dialog/invite-session.js'
import type { SipResponse } from '../../message/message.js'
import type { ProviderContext } from '../context.js'
import type { ServiceTransaction } from './service-transaction.js'

/** A response of ours that waits: a 2xx for its ACK, a reliable provisional for its PRACK. */
export interface Repeated {
  /** CSeq number of the request. */
  readonly sequence: number
  stop(): void
}

/** One that is sent once only. */
export function sentOnce(tx: ServiceTransaction, response: SipResponse): Repeated {
  tx.respond(response)
  return { sequence: tx.request.cseq.number, stop: () => {} }
}

/**
 * Sends it now, and again at growing intervals.
 * @param capped the intervals grow to T2 only
 * @param giveUp nobody confirmed it within 64*T1
 */
export function repeat(
  { clock, timers }: ProviderContext,
  tx: ServiceTransaction,
  response: SipResponse,
  capped: boolean,
  giveUp: () => void,
): Repeated {
  const repeater = new ResponseRepeater({
    T1: timers.T1,
    ...(capped ? { T2: timers.T2 } : {}),
    now: clock.now(),
  })
  let timer: Timer
  const arm = () => {
    timer = clock.after(repeater.due - clock.now(), () => {
      if (repeater.fire(clock.now()) === 'give-up') {
        giveUp()
        return
      }
      tx.respond(response)
      arm()
    })
  }
  arm()
  tx.respond(response)
  return { sequence: tx.request.cseq.number, stop: () => timer.cancel() }
}
