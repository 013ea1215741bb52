import type { Timer } from '../clock/clock.js'
import { Dialog } from '../dialog/dialog.js'
import { ResponseRepeater } from '../dialog/invite-session.js'
import { createResponse } from '../message/build.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import type { ServerTransaction } from '../transaction/transaction.js'
import type { AgentCore } from './agent-core.js'
import { automaticCopy } from './automatic.js'
import type { AnswerOptions, EndOfCall, HangUpOptions, IncomingCall, RingOptions } from './call.js'
import { CallLeg, hopBack } from './call-leg.js'
import { ALLOW, lists, SUPPORTED } from './capabilities.js'
import type { Exchange } from './exchange.js'
import { applyHeaders, bodyOf, sdpOf } from './exchange-record.js'
import type { StackUser } from './stack.js'
import type { Acknowledged } from './unacknowledged.js'

/** A reliable provisional response that waits for its PRACK (RFC 3262 §3). */
interface Reliable {
  readonly rseq: number
  readonly withSdp: boolean
  readonly acknowledged: Promise<boolean>
  readonly settle: (acknowledged: boolean) => void
}

/** A call that this agent receives: RFC 3261 §13.3, §9.2, §15, RFC 3262 §3. */
export class AnsweringCall extends CallLeg implements IncomingCall {
  readonly direction = 'incoming'
  readonly invite: SipRequest
  readonly acknowledged: Promise<SipRequest | undefined>
  readonly cancelled: Promise<SipRequest | undefined>
  readonly responses: SipResponse[] = []
  readonly #tx: ServerTransaction
  readonly #offer: string | undefined
  #description: string | undefined
  #acks: (ack: SipRequest | undefined) => void = () => {}
  #cancels: (cancel: SipRequest | undefined) => void = () => {}
  #answering = false
  /** Settles when the caller is known to have the 2xx, or will never have it. */
  readonly #untilSure: Promise<void>
  #mayEnd: () => void = () => {}
  #expiry: Timer | undefined
  #reminder: Timer | undefined
  #reliable: Reliable | undefined
  #rseq = 0

  constructor(core: AgentCore, agent: StackUser, tx: ServerTransaction, onEnd: () => void) {
    super({
      core,
      agent,
      id: tx.request.callId,
      peer: tx.request.from.uri,
      localTag: core.random.token(12),
      automatic: automaticCopy(core.automatic),
      credentials: core.newCredentials(),
      onEnd,
    })
    this.#tx = tx
    this.invite = tx.request
    this.#offer = sdpOf(tx.request)
    this.remoteSdp = this.#offer
    this.acknowledged = new Promise((resolve) => {
      this.#acks = resolve
    })
    this.cancelled = new Promise((resolve) => {
      this.#cancels = resolve
    })
    this.#untilSure = new Promise((resolve) => {
      this.#mayEnd = resolve
    })
    this.session.received(this.#offer !== undefined)
    tx.onCancel = (cancel) => this.#cancelReceived(cancel)
    tx.onAck = (ack) => this.handleAck(ack, tx.flow)
    core.emit({ kind: 'call', call: this.id, state: 'calling' })
    this.#armExpiry()
  }

  override get dialog(): Dialog | undefined {
    return super.dialog ?? this.dialogs.at(-1)
  }

  ring(o: RingOptions = {}): Promise<void> {
    return this.provisional(180, o)
  }

  progress183(o: RingOptions = {}): Promise<void> {
    return this.provisional(183, { sdp: this.media !== undefined || this.core.options.media !== undefined, ...o })
  }

  async provisional(status: number, o: RingOptions = {}): Promise<void> {
    if (this.final !== undefined || this.state === 'ended') return

    if (o.sdp === true) await this.openMedia(undefined)

    const supported = lists(this.invite, 'Supported', '100rel')
    const required = lists(this.invite, 'Require', '100rel')
    // RFC 3262 §3
    const reliable = o.reliable ?? (required && status > 100)
    if (reliable && !supported && !required)
      throw new Error('the caller does not support reliable provisional responses')

    if (reliable) {
      // RFC 3262 §3: one after the other.
      await this.#reliable?.acknowledged
    }
    if (this.final !== undefined || this.#isEnded()) return

    const description = o.sdp === true ? this.#describe() : o.sdp === false ? undefined : o.sdp
    if (typeof description === 'object') {
      this.#refuse(description.status, undefined, o)
      return
    }
    if (status > 100) {
      this.#openDialog(o.toTag ?? this.localTag)
      this.setState('early', status)
    }
    const response = this.#compose(status, o, description)
    if (reliable) this.#sendReliably(response, description !== undefined, o)
    else this.#send(response, o)

    this.#remind(status, o)
  }

  async answer(o: AnswerOptions = {}): Promise<void> {
    if (this.final !== undefined || this.state === 'ended' || this.#answering) return

    this.#answering = true
    if (o.sdp === undefined || o.sdp === true || o.media !== undefined) {
      try {
        await this.openMedia(o.media)
      } catch (error) {
        this.trouble(`no media: ${String(error)}`)
        this.#refuse(500, undefined, o)
        return
      }
    }
    if (this.#reliable?.withSdp === true) {
      // RFC 3262 §3: no 2xx before a description in a reliable provisional is acknowledged.
      await this.#reliable.acknowledged
    }
    if (this.final !== undefined || this.#isEnded()) return

    const description = o.sdp === undefined || o.sdp === true ? this.#describe() : o.sdp === false ? undefined : o.sdp
    if (typeof description === 'object') {
      // RFC 3261 §13.3.1.3
      this.#refuse(description.status, undefined, { ...o, headers: { ...description.headers, ...o.headers } })
      return
    }
    const tag = o.toTag ?? this.localTag
    const dialog = this.#openDialog(tag)
    dialog.state = 'confirmed'
    this.chooseDialog(dialog)
    const response = this.#compose(o.status ?? 200, o, description)
    if (o.contact !== undefined) response.headers.set('Contact', o.contact)

    this.final = response
    this.localSdp = description ?? this.localSdp
    const offering = this.#offer === undefined && description !== undefined
    this.session.offer = offering ? 'we-offered' : 'idle'
    this.session.answered(true)
    this.#quiet()
    this.setState('established', response.status)
    this.#send(response, o)
    this.repeatSuccess(this.#tx, response, offering, () => this.#neverAcknowledged(response))
  }

  async reject(status: number, reason?: string, o: RingOptions = {}): Promise<void> {
    if (this.final === undefined && this.state !== 'ended') this.#refuse(status, reason, o)

    await Promise.resolve()
  }

  async hangUp(o: HangUpOptions = {}): Promise<Exchange | undefined> {
    if (this.state === 'ended') return undefined

    const dialog = this.dialog
    if (this.final === undefined || dialog === undefined) {
      // RFC 3261 §15: the callee must not send BYE before it has answered; a refusal does it.
      this.#refuse(480, undefined, {})
      return undefined
    }
    if (o.impatient !== true) {
      // RFC 3261 §15: not before the ACK, or the end of the wait for it.
      await this.#untilSure
      if (this.#isEnded()) return undefined
    }
    const bye = this.hangUpDialog(dialog, o)
    this.#finish({ by: 'local', cause: 'bye' })
    const exchange = await bye
    this.release()
    return exchange
  }

  abandon(): void {
    this.#tx.terminate()
    this.#finish({ by: 'local', cause: 'stopped' })
    this.release()
  }

  protected override responded(response: SipResponse): void {
    this.responses.push(response)
  }

  protected override inviteAcknowledged(ack: SipRequest, meaning: Acknowledged): void {
    const initial = ack.cseq.number === this.invite.cseq.number
    super.inviteAcknowledged(ack, meaning)
    if (initial) {
      this.#mayEnd()
      this.#acks(ack)
    }
  }

  protected override superseded(): void {
    this.#mayEnd()
  }

  protected override servePrack(tx: ServerTransaction): boolean {
    const waiting = this.#reliable
    const [rseq, cseq, method] = (tx.request.headers.get('RAck') ?? '').split(/\s+/)
    if (
      waiting === undefined ||
      Number(rseq) !== waiting.rseq ||
      Number(cseq) !== this.invite.cseq.number ||
      method !== 'INVITE'
    )
      return false

    const sdp = sdpOf(tx.request)
    let answer: string | undefined
    if (sdp !== undefined) {
      if (this.session.offer === 'we-offered') {
        const problem = this.takeAnswer(sdp)
        if (problem !== undefined) this.trouble(`answer in PRACK: ${problem}`, 'RFC 3262 §5')
      } else {
        const description = this.respondToOffer(sdp, tx.request)
        answer = typeof description === 'string' ? description : undefined
        this.#description = answer ?? this.#description
      }
    }
    const response = createResponse(tx.request, 200, undefined, {
      toTag: this.localTag,
      ...bodyOf(answer === undefined ? {} : { body: answer }),
    })
    this.core.respond(tx, response, this.id)
    this.#reliable = undefined
    waiting.settle(true)
    return true
  }

  protected byeReceived(bye: SipRequest, dialog: Dialog): void {
    if (this.final === undefined) {
      // RFC 3261 §15.1.2: the caller hung up an early dialog; the INVITE still wants its final response.
      if (this.dialogs.every((one) => one.state === 'terminated')) {
        this.#sendFinal(487)
        this.#finish({ by: 'remote', cause: 'bye', message: bye })
      }
    } else if (dialog === this.dialog) {
      const reason = bye.headers.get('Reason')
      this.#finish({ by: 'remote', cause: 'bye', message: bye, ...(reason === undefined ? {} : { reason }) })
      this.release()
    }
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  /** State as a call, where the compiler believes to know it from before an await. */
  #isEnded(): boolean {
    return this.state === 'ended'
  }

  /** The session description of this side: the same in every response (RFC 3261 §13.2.1), or why there is none. */
  #describe(): string | undefined | { status: number; headers?: Record<string, string> } {
    if (this.#description !== undefined) return this.#description

    const description = this.respondToOffer(this.#offer, this.invite)
    if (typeof description === 'object') {
      const warning = description.headers?.['Warning']
      return { status: description.status, ...(typeof warning === 'string' ? { headers: { Warning: warning } } : {}) }
    }
    this.#description = description
    this.localSdp = description ?? this.localSdp
    return description
  }

  #openDialog(tag: string): Dialog {
    const known = this.dialogs.find((dialog) => dialog.localTag === tag)
    if (known !== undefined) return known

    const dialog = Dialog.ofCallee(this.invite, tag, { overTls: this.#tx.flow.transport === 'tls' })
    if (this.invite.contacts().length === 0) this.trouble('INVITE without Contact', 'RFC 3261 §8.1.1.8')

    this.addDialog(dialog)
    return dialog
  }

  #compose(status: number, o: RingOptions, description: string | undefined): SipResponse {
    const sips = /^sips:/i.test(this.invite.uri)
    const dialogForming = status > 100 && status < 300
    const response = createResponse(this.invite, status, o.reason, {
      toTag: o.toTag ?? this.localTag,
      contact: dialogForming ? `<${this.core.contactFor(hopBack(this.#tx.flow), { sips })}>` : undefined,
      headers: dialogForming
        ? [
            ['Allow', ALLOW],
            ['Supported', SUPPORTED.join(', ')],
          ]
        : [],
      ...bodyOf(description === undefined ? {} : { body: description }),
    })
    this.addUserAgent(response)
    return response
  }

  #send(response: SipResponse, o: RingOptions): void {
    applyHeaders(response, o.headers)
    const edited = o.edit === undefined ? response : o.edit(response)
    if (edited !== undefined) {
      this.responded(edited)
      this.core.respond(this.#tx, edited, this.id)
    }
  }

  #sendReliably(response: SipResponse, withSdp: boolean, o: RingOptions): void {
    const { clock, timers, random } = this.core
    // RFC 3262 §3: the first number is drawn, the next ones rise by one.
    this.#rseq = this.#rseq === 0 ? random.int(2 ** 31 - 1) + 1 : this.#rseq + 1
    response.headers.set('Require', '100rel')
    response.headers.set('RSeq', String(this.#rseq))
    let timer: Timer | undefined
    let settle: (acknowledged: boolean) => void = () => {}
    const acknowledged = new Promise<boolean>((resolve) => {
      settle = (yes) => {
        timer?.cancel()
        resolve(yes)
      }
    })
    this.#reliable = { rseq: this.#rseq, withSdp, acknowledged, settle }
    if (withSdp) this.session.offer = this.#offer === undefined ? 'we-offered' : 'idle'

    this.#send(response, o)
    const repeater = new ResponseRepeater({ T1: timers.T1, now: clock.now() })
    const arm = () => {
      timer = clock.after(repeater.due - clock.now(), () => {
        if (repeater.fire(clock.now()) === 'give-up') {
          this.#reliable = undefined
          settle(false)
          // RFC 3262 §3: no PRACK within 64*T1.
          this.#refuse(500, undefined, {})
          return
        }
        if (this.automatic.repeatReliable) {
          this.responded(response)
          this.core.respond(this.#tx, this.core.beforeSend === undefined ? response : response.clone(), this.id)
        }
        arm()
      })
    }
    arm()
  }

  /** RFC 3261 §13.3.1.1: a provisional response each minute keeps proxies from giving up. */
  #remind(status: number, o: RingOptions): void {
    this.#reminder?.cancel()
    this.#reminder = this.core.clock.after(60_000, () => {
      if (this.automatic.remindCaller) {
        const description = typeof o.sdp === 'string' ? o.sdp : o.sdp === true ? this.#description : undefined
        this.#send(this.#compose(status, o, description), o)
      }
      this.#remind(status, o)
    })
  }

  #refuse(status: number, reason: string | undefined, o: RingOptions): void {
    const response = this.#sendFinal(status, reason, o)
    if (response !== undefined) this.#finish({ by: 'local', cause: 'rejected', status, message: response })
  }

  #sendFinal(status: number, reason?: string, o: RingOptions = {}): SipResponse | undefined {
    if (this.final !== undefined) return undefined

    const response = this.#compose(status, { ...o, ...(reason === undefined ? {} : { reason }) }, undefined)
    this.final = response
    this.session.answered(false)
    this.#quiet()
    this.#send(response, o)
    return response
  }

  #cancelReceived(cancel: ServerTransaction): void {
    if (this.core.observe !== undefined)
      this.core.emit({ kind: 'received', message: cancel.request, flow: cancel.flow, call: this.id })

    // RFC 3261 §9.2: the CANCEL itself is always answered; To tags of both answers are the same.
    this.core.respond(cancel, createResponse(cancel.request, 200, undefined, { toTag: this.localTag }), this.id)
    this.#cancels(cancel.request)
    if (this.final === undefined && this.automatic.obeyCancel) {
      this.#sendFinal(487)
      const reason = cancel.request.headers.get('Reason')
      this.#finish({
        by: 'remote',
        cause: 'cancelled',
        message: cancel.request,
        ...(reason === undefined ? {} : { reason }),
      })
    }
  }

  #armExpiry(): void {
    const { expires } = this.invite
    if (expires !== undefined && expires > 0) {
      // RFC 3261 §13.3.1 step 1
      this.#expiry = this.core.clock.after(expires * 1000, () => {
        if (this.final === undefined && this.automatic.obeyExpires) {
          this.#sendFinal(487)
          this.#finish({ by: 'nobody', cause: 'timeout', status: 487, what: 'the invitation expired' })
        }
      })
    }
  }

  #neverAcknowledged(response: SipResponse): void {
    this.trouble('2xx never acknowledged', 'RFC 3261 §13.3.1.4')
    this.#acks(undefined)
    this.#mayEnd()
    const dialog = this.dialog
    if (this.automatic.byeUnacknowledged && dialog !== undefined && this.state !== 'ended') {
      this.hangUpDialog(dialog)
        .then(() => this.release())
        .catch((error: unknown) => this.trouble(String(error)))
      this.#finish({ by: 'local', cause: 'no-ack', message: response })
    }
  }

  /** No more provisional responses. */
  #quiet(): void {
    this.#expiry?.cancel()
    this.#reminder?.cancel()
    const waiting = this.#reliable
    if (waiting !== undefined) {
      // RFC 3262 §3: not repeated after a final response; its PRACK is still answered.
      waiting.settle(false)
    }
  }

  #finish(end: Omit<EndOfCall, 'at'>): void {
    this.#quiet()
    this.finish(end)
    this.#acks(undefined)
    this.#mayEnd()
    this.#cancels(undefined)
    if (this.final === undefined || this.final.status >= 300) this.release()
  }
}
