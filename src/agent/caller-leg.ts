/** A call that this agent makes: RFC 3261 §13.2, §9.1, §15, RFC 3262 §4. */
import type { Timer } from '../clock/clock.js'
import type { Dialog } from '../dialog/dialog.js'
import { parseNameAddr, type SipRequest, type SipResponse } from '../message/message.js'
import type { ClientTransaction } from '../transaction/transaction.js'
import { isForeseen } from '../transport/foreseen.js'
import type { Flow, Hop } from '../transport/flow.js'
import { AfterCall } from './after-call.js'
import type { AgentCore } from './agent-core.js'
import { automaticCopy } from './automatic.js'
import type { HangUpOptions, InviteOptions, OutgoingCall } from './call.js'
import { CallError } from './call-error.js'
import { CallLeg, type Ending } from './call-leg.js'
import { Cancellation } from './cancel.js'
import type { Exchange, ExtraHeaders, RequestOptions } from './exchange.js'
import { ExchangeRecord, sdpOf } from './exchange-record.js'
import { type Fork, Forks, takeReliable } from './forks.js'
import { composeInvite } from './initial-invite.js'
import type { StackUser } from './stack.js'

/** A user rings for so long, milliseconds. */
const RING_TIMEOUT_MS = 180_000

export class CallerLeg extends CallLeg implements OutgoingCall {
  readonly direction = 'outgoing'
  readonly exchange: ExchangeRecord
  readonly ringing: Promise<SipResponse | undefined>
  readonly answered: Promise<SipResponse | undefined>
  readonly successes: SipResponse[] = []
  readonly #o: InviteOptions
  readonly #uri: string
  readonly #forks = new Forks()
  #tx: ClientTransaction | undefined
  #invite: SipRequest | undefined
  #offer: string | undefined
  #cseq: number
  /** The caller has given up, whether a CANCEL could be sent yet or not. */
  #cancellation: Cancellation | undefined
  #cancelled: Promise<Exchange | undefined> | undefined
  #ringTimer: Timer | undefined
  #abandoned = false
  #rings: (response: SipResponse | undefined) => void = () => {}
  #answers: (response: SipResponse | undefined) => void = () => {}
  /** Which fork's answer the media session has taken. */
  #heard: Fork | undefined

  constructor(core: AgentCore, agent: StackUser, uri: string, o: InviteOptions, onEnd: () => void) {
    super({
      core,
      agent,
      id: o.callId ?? core.random.token(26),
      peer: uri,
      localTag: (o.from === undefined ? undefined : parseNameAddr(o.from).tag) ?? core.random.token(12),
      automatic: automaticCopy(core.automatic, o.automatic),
      credentials: core.newCredentials(o),
      onEnd,
    })
    this.#o = o
    this.#uri = uri
    this.#cseq = (o.cseq ?? core.random.int(2 ** 16) + 1) - 1
    this.exchange = new ExchangeRecord('INVITE', core.clock.now())
    this.ringing = new Promise((resolve) => {
      this.#rings = resolve
    })
    this.answered = new Promise((resolve) => {
      this.#answers = resolve
    })
  }

  override get dialog(): Dialog | undefined {
    return super.dialog ?? this.#forks.latest
  }

  get acks(): readonly SipRequest[] {
    return this.ownAcks.sent
  }

  get invite(): SipRequest | undefined {
    return this.#invite
  }

  /** Sends the INVITE and sees the call through to its final response. */
  async place(): Promise<void> {
    try {
      // A session description by hand needs no media session, unless one is given with it.
      const byHand = typeof this.#o.sdp === 'string' || this.#o.lateAnswer !== undefined
      await this.openMedia(this.#o.media ?? (byHand ? false : undefined))
    } catch (error) {
      if (!isForeseen(error)) throw error
      this.exchange.error = error
      this.#end({ by: 'nobody', cause: 'error', what: `no media: ${String(error)}` })
      return
    }
    if (this.#cancellation !== undefined || this.state === 'ended') {
      this.#end({ by: 'local', cause: 'cancelled', what: 'given up before the INVITE was sent' })
      return
    }
    const late = this.#o.lateOffer === true || this.#o.sdp === false
    this.#offer = late ? undefined : ((this.#o.sdp || undefined) ?? this.media?.offer().toString())
    const ringTimeout = this.#o.ringTimeoutMs ?? RING_TIMEOUT_MS
    if (ringTimeout > 0) this.#ringTimer = this.core.clock.after(ringTimeout, () => this.core.unattended(this.cancel()))

    await this.core.converse({
      method: 'INVITE',
      record: this.exchange,
      hop: () => this.core.hopFor(this.#uri, 'INVITE', false),
      compose: (hop) => this.#compose(hop),
      credentials: this.credentials,
      options: this.#o,
      automatic: this.automatic,
      onRefusal: (response) => this.timer?.raises(response) === true,
      onTry: (request, tx) => this.#tried(request, tx),
      onProvisional: (response) => this.#provisional(response),
      onSuccess: (response, flow, invite) => this.#success(response, flow, invite),
    })
    this.#concluded()
  }

  cancel(o: { readonly headers?: ExtraHeaders } = {}): Promise<Exchange | undefined> {
    this.#cancelled ??= this.#cancel(o)
    return this.#cancelled
  }

  async hangUp(o: HangUpOptions = {}): Promise<Exchange | undefined> {
    if (this.state === 'ended') return undefined

    const dialog = this.dialog
    if (this.state !== 'established' || dialog === undefined)
      return this.cancel(o.headers === undefined ? {} : { headers: o.headers })

    // RFC 3261 §15.1.1: the session is over as soon as the BYE is passed on.
    const exchange = this.bye(dialog, o)
    this.finish({ by: 'local', cause: 'bye' })
    return exchange
  }

  abandon(): void {
    this.#abandoned = true
    this.#tx?.terminate()
    this.#end({ by: 'local', cause: 'stopped' })
    this.release()
  }

  async acknowledge(o: RequestOptions & { readonly sdp?: string } = {}): Promise<void> {
    const dialog = this.dialog
    if (dialog === undefined || this.#invite === undefined || dialog.state !== 'confirmed')
      throw new CallError('nothing-to-acknowledge', `call ${this.id} has nothing to acknowledge`)

    const fork = this.#forks.ofTag(dialog.remoteTag)
    if (fork !== undefined) fork.acknowledged = true

    await this.ownAcks.send(dialog, this.#invite, o.sdp, o)
  }

  override handleStray(response: SipResponse, flow: Flow): void {
    if (this.#invite !== undefined && response.cseq.number === this.#invite.cseq.number)
      this.#success(response, flow, this.#invite)
    else super.handleStray(response, flow)
  }

  byeReceived(bye: SipRequest, dialog: Dialog): void {
    if (dialog === this.dialog) {
      this.#end({ by: 'remote', cause: 'bye', message: bye })
      this.release()
    }
  }

  protected override release(): void {
    super.release()
    if (this.#tx?.state === 'accepted') {
      this.#tx.handOver(
        new AfterCall({
          core: this.core,
          tx: this.#tx,
          acks: this.ownAcks.kept,
          known: this.#forks.tags,
          automatic: this.automatic,
          credentials: this.credentials,
        }),
      )
    }
  }

  #compose(hop: Hop): SipRequest {
    this.#cseq += 1
    const invite = composeInvite(this.core, hop, this.#o, {
      uri: this.#uri,
      callId: this.id,
      tag: this.localTag,
      cseq: this.#cseq,
      offer: this.#offer,
    })
    this.timer?.ask(invite)
    return invite
  }

  #tried(request: SipRequest, tx: ClientTransaction | undefined): void {
    this.#invite = request
    this.#tx = tx
    this.session.localSdp = sdpOf(request)
    // RFC 3261 §14.2, RFC 3311 §5.2: what the callee asks for in an early dialog meets an INVITE, and an offer, of ours.
    this.session.sent(this.#offer !== undefined)
    // A challenge ends the early dialogs of the try before (RFC 3261 §12.3).
    this.#forgetForks('all')
    if (tx !== undefined) this.#cancellation?.send(tx)
  }

  #provisional(response: SipResponse): void {
    // RFC 3261 §12.1: 101 to 199 with a To tag make an early dialog.
    if (response.status > 100 && response.to.tag !== undefined) {
      const fork = this.#fork(response)
      if (fork !== undefined && this.#inOrder(fork, response)) this.#early(fork, response)
    }
    if (response.status >= 180) this.#rings(response)

    if (response.status > 100) this.setState('early')
  }

  /** RFC 3262 §4: acknowledges a reliable provisional response; false: a repeat, or out of order. */
  #inOrder(fork: Fork, response: SipResponse): boolean {
    const rseq = takeReliable(fork, response)
    if (rseq === undefined) return true
    if (rseq === 'repeated') return false

    if (this.automatic.acknowledgeReliable) {
      const { number, method } = response.cseq
      // RFC 3262 §5: an offer in the response of an INVITE without one is answered in the PRACK.
      const offer = this.#offer === undefined && fork.answer === undefined ? sdpOf(response) : undefined
      const answer = offer === undefined ? undefined : this.#lateAnswer(offer)
      if (offer !== undefined) {
        fork.answer = offer
        this.#heard = fork
      }
      this.core.unattended(
        this.ask(fork.dialog, 'PRACK', {
          headers: { RAck: `${rseq} ${number} ${method}` },
          ...(answer === undefined ? {} : { body: answer }),
        }),
      )
    }
    return true
  }

  /** Early media: the first description of a dialog is its answer (RFC 3261 §13.2.1). */
  #early(fork: Fork, response: SipResponse): void {
    const sdp = sdpOf(response)
    if (sdp !== undefined && this.#offer !== undefined && fork.answer === undefined) {
      fork.answer = sdp
      if (this.#heard === undefined) {
        this.#heard = fork
        this.session.takeAnswer(sdp)
      }
    }
  }

  #success(response: SipResponse, flow: Flow, invite: SipRequest): void {
    this.successes.push(response)
    if (this.ownAcks.repeat(response)) return

    const known = this.#forks.ofTag(response.to.tag)
    if (known?.acknowledged === true) return

    // Which early dialog rang last is no matter: the first 2xx decides, from whichever branch it comes (§13.2.2.4).
    const surplus = super.dialog !== undefined && super.dialog.remoteTag !== response.to.tag
    const fork = known ?? this.#fork(response, flow)
    if (fork === undefined) return

    if (fork.dialog.state === 'early') fork.dialog.confirm(response)

    if (!surplus) {
      this.#agree(fork, response, invite)
    } else if (this.automatic.acknowledge) {
      fork.acknowledged = true
      this.core.unattended(this.#drop(fork, invite))
    }
  }

  /** The first 2xx: the call is established. */
  #agree(fork: Fork, response: SipResponse, invite: SipRequest): void {
    this.chooseDialog(fork.dialog)
    this.final = response
    this.setState('established')
    this.session.finished()
    this.timer?.answered(response)
    const sdp = sdpOf(response)
    let answer: string | undefined
    let problem: string | undefined
    if (this.#offer === undefined && sdp !== undefined && fork.answer === undefined) {
      answer = this.#lateAnswer(sdp)
      problem = this.session.unacceptable
    } else if (this.#offer !== undefined && this.#heard !== fork) {
      const heard = fork.answer ?? sdp
      problem = heard === undefined ? 'the 2xx has no session description' : this.session.takeAnswer(heard)
      this.#heard = fork
    }
    if (sdp !== undefined) fork.answer ??= sdp

    let acknowledged = Promise.resolve()
    if (this.automatic.acknowledge) {
      fork.acknowledged = true
      acknowledged = this.ownAcks.send(fork.dialog, invite, answer)
      this.core.unattended(acknowledged)
    }
    // Without a media session of ours, the session description is the scenario's business.
    if (problem !== undefined && this.media !== undefined)
      this.#hangUpAfter(acknowledged, { by: 'local', cause: 'error', message: response, what: problem })
    // RFC 3261 §15: the 2xx crossed the CANCEL.
    else if (this.#cancellation !== undefined)
      this.#hangUpAfter(acknowledged, { by: 'local', cause: 'cancelled', message: response })
  }

  /** RFC 3261 §13.2.2.4: a 2xx of another fork is acknowledged and its dialog ended. */
  async #drop({ dialog }: Fork, invite: SipRequest): Promise<void> {
    await this.ownAcks.send(dialog, invite, undefined)
    await this.ask(dialog, 'BYE')
    dialog.terminate()
    this.core.stack.removeDialog(dialog.id)
  }

  #hangUpAfter(acknowledged: Promise<void>, end: Ending): void {
    const { dialog } = this
    if (dialog === undefined) return

    this.core.unattended(acknowledged.then(() => this.bye(dialog)))
    this.#answers(this.final)
    this.#end(end)
  }

  #lateAnswer(offer: string): string | undefined {
    const { lateAnswer } = this.#o
    if (lateAnswer === undefined) return this.session.answerLate(offer)

    this.session.remoteSdp = offer
    this.session.localSdp = typeof lateAnswer === 'string' ? lateAnswer : lateAnswer(offer)
    return this.session.localSdp
  }

  /** The initial INVITE has its final response, or will never have one. */
  #concluded(): void {
    const { final, error } = this.exchange
    this.final = final
    this.#rings(undefined)
    this.#answers(final)
    this.#ringTimer?.cancel()
    if (final !== undefined && final.status < 300) {
      if (this.#forks.size > 1) {
        // RFC 3261 §13.2.2.4: after 64*T1 no more 2xx are expected, early dialogs that were not confirmed are over.
        this.core.clock.after(64 * this.core.timers.T1, () => this.#forgetForks('early'))
      }
      return
    }
    this.session.finished()
    // RFC 3261 §12.3
    this.#forgetForks('all')
    const gaveUp = this.#cancellation !== undefined
    if (final !== undefined) {
      const cause = gaveUp ? 'cancelled' : 'rejected'
      this.#end({ by: gaveUp ? 'local' : 'remote', cause, status: final.status, message: final })
      return
    }
    const cause = error === 'stopped' ? 'stopped' : gaveUp ? 'cancelled' : error === 'timeout' ? 'timeout' : 'error'
    this.#end({ by: gaveUp ? 'local' : 'nobody', cause, status: this.exchange.status ?? 408, what: String(error) })
  }

  #end(end: Ending): void {
    this.#rings(undefined)
    this.#answers(this.final)
    this.#ringTimer?.cancel()
    this.finish(end)
  }

  /** The branch that a response comes from. */
  #fork(response: SipResponse, flow?: Flow): Fork | undefined {
    const known = this.#forks.ofTag(response.to.tag)
    if (known !== undefined || this.#invite === undefined) return known

    const fork = this.#forks.add(this.#invite, response, flow)
    this.addDialog(fork.dialog)
    return fork
  }

  #forgetForks(which: 'early' | 'all'): void {
    for (const { id } of this.#forks.forget(which)) this.core.stack.removeDialog(id)
  }

  async #cancel(o: { readonly headers?: ExtraHeaders }): Promise<Exchange | undefined> {
    if (this.final !== undefined || this.state === 'ended') return undefined

    const cancellation = new Cancellation(this.core, o.headers)
    this.#cancellation = cancellation
    this.#ringTimer?.cancel()
    if (this.#tx !== undefined) cancellation.send(this.#tx)

    const result = await Promise.race([cancellation.done, this.ended.then(() => 'over' as const)])
    if (result !== 'over') return result

    // The INVITE ended first (its 487 may overtake the CANCEL's 200); a CANCEL that went out still gets its answer.
    return cancellation.record.requests.length > 0 && !this.#abandoned ? cancellation.done : undefined
  }
}
