/** 2xx responses that wait for their ACK. */
import type { Clock, Timer } from '../clock/clock.js'
import { ResponseRepeater } from '../dialog/invite-session.js'
import type { TimerTable } from '../transaction/timers.js'

/** A 2xx to an INVITE of the peer whose ACK has not come. */
interface Waiting {
  readonly stop: () => void
  /** It had an offer: the ACK has to bring the answer. */
  readonly offering: boolean
  /** A later INVITE has been served meanwhile. */
  superseded: boolean
}

/** What an ACK means for the call. */
export interface Acknowledged {
  readonly offering: boolean
  /** False: a later INVITE of the peer is being served, this ACK has merely been overtaken by it. */
  readonly latest: boolean
}

/**
 * The 2xx of one call leg that wait for their ACK: each is repeated until it comes, or 64*T1 are over (RFC 3261
 * §13.3.1.4). They are told apart by the CSeq number of their INVITE, which the ACK repeats (§13.2.2.4).
 */
export class Unacknowledged {
  readonly #clock: Clock
  readonly #timers: TimerTable
  readonly #waiting = new Map<number, Waiting>()

  constructor(o: { readonly clock: Clock; readonly timers: TimerTable }) {
    this.#clock = o.clock
    this.#timers = o.timers
  }

  /**
   * Begins to wait.
   * @param repeat sends the 2xx once more
   * @param gaveUp told when no ACK came
   */
  add(cseq: number, o: { readonly offering: boolean; readonly repeat: () => void; readonly gaveUp: () => void }): void {
    const clock = this.#clock
    const repeater = new ResponseRepeater({ T1: this.#timers.T1, T2: this.#timers.T2, now: clock.now() })
    let timer: Timer
    const arm = () => {
      timer = clock.after(repeater.due - clock.now(), () => {
        if (repeater.fire(clock.now()) === 'give-up') {
          this.#waiting.delete(cseq)
          o.gaveUp()
          return
        }
        o.repeat()
        arm()
      })
    }
    arm()
    this.#waiting.set(cseq, { stop: () => timer.cancel(), offering: o.offering, superseded: false })
  }

  /** An ACK came; undefined where nothing waits for it. */
  acknowledge(cseq: number): Acknowledged | undefined {
    const waiting = this.#waiting.get(cseq)
    if (waiting === undefined) return undefined

    this.#waiting.delete(cseq)
    waiting.stop()
    return { offering: waiting.offering, latest: !waiting.superseded }
  }

  /**
   * RFC 5407 §3.1.4: a new INVITE shows that the 2xx before have arrived, though their ACKs have not. They are repeated
   * no more and nothing ends for want of their ACKs, which may still come.
   */
  supersede(): void {
    for (const waiting of this.#waiting.values()) {
      waiting.stop()
      waiting.superseded = true
    }
  }

  /** The call is over: waits for nothing any more. */
  stop(): void {
    for (const waiting of this.#waiting.values()) waiting.stop()

    this.#waiting.clear()
  }
}
