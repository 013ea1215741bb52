/** Provisional responses that are sent reliably: repeated until their PRACK comes, one after the other (RFC 3262 §3). */
import type { Timer } from '../clock/clock.js'
import { ResponseRepeater } from '../dialog/invite-session.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import type { AgentCore } from './agent-core.js'

interface Waiting {
  readonly rseq: number
  readonly withSdp: boolean
  readonly acknowledged: Promise<void>
  /** The PRACK came, or nobody waits for it any more. */
  readonly settle: () => void
}

export class ReliableProvisionals {
  readonly #core: AgentCore
  readonly #invite: SipRequest
  #waiting: Waiting | undefined
  #rseq = 0

  constructor(core: AgentCore, invite: SipRequest) {
    this.#core = core
    this.#invite = invite
  }

  /** RFC 3262 §3: the next one may go out. */
  async acknowledged(): Promise<void> {
    await this.#waiting?.acknowledged
  }

  /** RFC 3262 §3: a 2xx may go out, which has to wait for a description in a reliable provisional response. */
  async descriptionAcknowledged(): Promise<void> {
    if (this.#waiting?.withSdp === true) await this.#waiting.acknowledged
  }

  /** Makes the response a reliable one, and repeats it. @param gaveUp told when no PRACK came within 64*T1 */
  begin(response: SipResponse, withSdp: boolean, repeat: () => void, gaveUp: () => void): void {
    const { clock, timers, random } = this.#core
    // RFC 3262 §3: the first number is drawn, the next ones rise by one.
    this.#rseq = this.#rseq === 0 ? random.int(2 ** 31 - 1) + 1 : this.#rseq + 1
    response.headers.set('Require', '100rel')
    response.headers.set('RSeq', String(this.#rseq))
    let timer: Timer | undefined
    let settle: () => void = () => {}
    const acknowledged = new Promise<void>((resolve) => {
      settle = () => {
        timer?.cancel()
        resolve()
      }
    })
    this.#waiting = { rseq: this.#rseq, withSdp, acknowledged, settle }
    const repeater = new ResponseRepeater({ T1: timers.T1, now: clock.now() })
    const arm = () => {
      timer = clock.after(repeater.due - clock.now(), () => {
        if (repeater.fire(clock.now()) === 'give-up') {
          this.#waiting = undefined
          settle()
          gaveUp()
          return
        }
        repeat()
        arm()
      })
    }
    arm()
  }

  /** Is the PRACK for the response that waits? */
  matches(prack: SipRequest): boolean {
    const waiting = this.#waiting
    const [rseq, cseq, method] = (prack.headers.get('RAck') ?? '').split(/\s+/)
    return (
      waiting !== undefined &&
      Number(rseq) === waiting.rseq &&
      Number(cseq) === this.#invite.cseq.number &&
      method === 'INVITE'
    )
  }

  /** Its PRACK has been answered. */
  acknowledge(): void {
    this.#waiting?.settle()
    this.#waiting = undefined
  }

  /** RFC 3262 §3: nothing is repeated after a final response; a PRACK is still answered. */
  quiet(): void {
    this.#waiting?.settle()
  }
}
