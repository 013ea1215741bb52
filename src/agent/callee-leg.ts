/** A call that this agent receives: RFC 3261 §13.3, §9.2, §15, RFC 3262 §3. */
import type { Timer } from '../clock/clock.js'
import { Dialog } from '../dialog/dialog.js'
import { createResponse } from '../message/build.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import type { ServerTransaction } from '../transaction/transaction.js'
import { isForeseen } from '../transport/foreseen.js'
import type { AgentCore } from './agent-core.js'
import { automaticCopy } from './automatic.js'
import type { AnswerOptions, HangUpOptions, IncomingCall, RingOptions } from './call.js'
import { CallError } from './call-error.js'
import { CallLeg, type Ending } from './call-leg.js'
import { lists } from './capabilities.js'
import type { Exchange } from './exchange.js'
import { applyHeaders, bodyOf, sdpOf } from './exchange-record.js'
import { hopBack } from './hops.js'
import { ReliableProvisionals } from './reliable-provisional.js'
import type { StackUser } from './stack.js'
import type { Acknowledged } from './unacknowledged.js'

export class CalleeLeg extends CallLeg implements IncomingCall {
  readonly direction = 'incoming'
  readonly invite: SipRequest
  readonly replaces: CallLeg | undefined
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
  readonly #reliable: ReliableProvisionals

  constructor(
    core: AgentCore,
    agent: StackUser,
    tx: ServerTransaction,
    replaces: CallLeg | undefined,
    onEnd: () => void,
  ) {
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
    this.replaces = replaces
    this.invite = tx.request
    this.#offer = sdpOf(tx.request)
    this.session.remoteSdp = this.#offer
    this.acknowledged = new Promise((resolve) => {
      this.#acks = resolve
    })
    this.cancelled = new Promise((resolve) => {
      this.#cancels = resolve
    })
    this.#untilSure = new Promise((resolve) => {
      this.#mayEnd = resolve
    })
    this.#reliable = new ReliableProvisionals(core, this.invite)
    this.session.received(this.#offer !== undefined)
    tx.onCancel = (cancel) => this.#cancelReceived(cancel)
    tx.onAck = (ack) => this.handleAck(ack, tx.flow)
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
      throw new CallError('no-reliable-provisionals', 'the caller does not support reliable provisional responses')

    // RFC 3262 §3: one after the other.
    if (reliable) await this.#reliable.acknowledged()

    if (this.final !== undefined || this.#isEnded()) return

    const description = o.sdp === true ? this.#describe() : o.sdp === false ? undefined : o.sdp
    if (typeof description === 'object') {
      this.#refuse(description.status, undefined, o)
      return
    }
    if (status > 100) {
      this.#openDialog(o.toTag ?? this.localTag)
      this.setState('early')
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
        if (!isForeseen(error)) throw error
        this.#refuse(500, undefined, o)
        return
      }
    }
    await this.#reliable.descriptionAcknowledged()
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

    applyHeaders(response, this.timer?.agreesTo(this.invite))

    this.final = response
    this.session.localSdp = description ?? this.localSdp
    const offering = this.#offer === undefined && description !== undefined
    this.session.answered(true, offering)
    this.#quiet()
    this.setState('established')
    this.#send(response, o)
    this.requests.repeatSuccess(this.#tx, response, offering, () => this.#neverAcknowledged(response))
    // RFC 3891 §3: BYE, or CANCEL, for the one whose place it takes.
    if (this.replaces !== undefined) this.core.unattended(this.replaces.hangUp())
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
    const exchange = this.bye(dialog, o)
    this.#finish({ by: 'local', cause: 'bye' })
    return exchange
  }

  abandon(): void {
    this.#tx.terminate()
    this.#finish({ by: 'local', cause: 'stopped' })
    this.release()
  }

  override responded(response: SipResponse): void {
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

  override superseded(): void {
    this.#mayEnd()
  }

  override servePrack(tx: ServerTransaction): boolean {
    if (!this.#reliable.matches(tx.request)) return false

    const sdp = sdpOf(tx.request)
    let answer: string | undefined
    if (sdp !== undefined) {
      if (this.session.offer === 'we-offered') {
        this.session.takeAnswer(sdp)
      } else {
        const description = this.session.respondToOffer(sdp, tx.request)
        answer = typeof description === 'string' ? description : undefined
        this.#description = answer ?? this.#description
      }
    }
    const response = createResponse(tx.request, 200, undefined, {
      toTag: this.localTag,
      ...bodyOf(answer === undefined ? {} : { body: answer }),
    })
    tx.respond(response)
    this.#reliable.acknowledge()
    return true
  }

  byeReceived(bye: SipRequest, dialog: Dialog): void {
    if (this.final === undefined) {
      // RFC 3261 §15.1.2: the caller hung up an early dialog; the INVITE still wants its final response.
      if (this.dialogs.every((one) => one.state === 'terminated')) {
        this.#sendFinal(487)
        this.#finish({ by: 'remote', cause: 'bye', message: bye })
      }
    } else if (dialog === this.dialog) {
      this.#finish({ by: 'remote', cause: 'bye', message: bye })
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

    const description = this.session.respondToOffer(this.#offer, this.invite)
    if (typeof description === 'object') {
      const warning = description.headers?.['Warning']
      return { status: description.status, ...(typeof warning === 'string' ? { headers: { Warning: warning } } : {}) }
    }
    this.#description = description
    this.session.localSdp = description ?? this.localSdp
    return description
  }

  #openDialog(tag: string): Dialog {
    const known = this.dialogs.find((dialog) => dialog.localTag === tag)
    if (known !== undefined) return known

    const dialog = Dialog.ofCallee(this.invite, tag, { overTls: this.#tx.flow.transport === 'tls' })
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
            ['Allow', this.core.capabilities.allow],
            ['Supported', this.core.capabilities.supported.join(', ')],
          ]
        : [],
      ...bodyOf(description === undefined ? {} : { body: description }),
    })
    this.core.sign(response)
    return response
  }

  #send(response: SipResponse, o: RingOptions): void {
    applyHeaders(response, o.headers)
    const edited = o.edit === undefined ? response : o.edit(response)
    if (edited !== undefined) {
      this.responded(edited)
      this.#tx.respond(edited)
    }
  }

  #sendReliably(response: SipResponse, withSdp: boolean, o: RingOptions): void {
    const repeat = () => {
      this.responded(response)
      this.#tx.respond(response)
    }
    this.#reliable.begin(response, withSdp, repeat, () => this.#refuse(500, undefined, {}))
    if (withSdp) this.session.offer = this.#offer === undefined ? 'we-offered' : 'idle'

    this.#send(response, o)
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
    // RFC 3261 §9.2: the CANCEL itself is always answered; To tags of both answers are the same.
    cancel.respond(createResponse(cancel.request, 200, undefined, { toTag: this.localTag }))
    this.#cancels(cancel.request)
    if (this.final === undefined && this.automatic.obeyCancel) {
      this.#sendFinal(487)
      this.#finish({ by: 'remote', cause: 'cancelled', message: cancel.request })
    }
  }

  #armExpiry(): void {
    const { expires } = this.invite
    if (expires !== undefined && expires > 0) {
      // RFC 3261 §13.3.1 step 1
      this.#expiry = this.core.clock.after(expires * 1000, () => {
        if (this.final === undefined) {
          this.#sendFinal(487)
          this.#finish({ by: 'nobody', cause: 'timeout', status: 487, what: 'the invitation expired' })
        }
      })
    }
  }

  #neverAcknowledged(response: SipResponse): void {
    this.#acks(undefined)
    this.#mayEnd()
    const dialog = this.dialog
    if (dialog !== undefined && this.state !== 'ended') {
      this.core.unattended(this.bye(dialog))
      this.#finish({ by: 'local', cause: 'no-ack', message: response })
    }
  }

  /** No more provisional responses. */
  #quiet(): void {
    this.#expiry?.cancel()
    this.#reminder?.cancel()
    this.#reliable.quiet()
  }

  #finish(end: Ending): void {
    this.#quiet()
    this.finish(end)
    this.#acks(undefined)
    this.#mayEnd()
    this.#cancels(undefined)
    if (this.final === undefined || this.final.status >= 300) this.release()
  }
}
