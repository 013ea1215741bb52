/** One call of a service: RFC 3261 §12 to §15 as the callee (or the caller, once its call was answered). */
import type { Timer } from '../../clock/clock.js'
import type { Dialog } from '../../dialog/dialog.js'
import { InviteSession } from '../../dialog/invite-session.js'
import { createResponse } from '../../message/build.js'
import type { SipRequest, SipResponse } from '../../message/message.js'
import { isRejection } from '../../sdp/offer-answer.js'
import { SessionDescription } from '../../sdp/session-description.js'
import { type CallSide, contactOf } from '../call-table.js'
import type { ProviderContext } from '../context.js'
import { hopOfSide } from '../hops.js'
import type { TransactionLayer } from '../../transaction/transaction-layer.js'
import type { Behaviour } from './behaviour.js'
import type { ServiceMedia } from './service-media.js'
import { ReliableProvisionals } from './reliable-provisionals.js'
import { type Repeated, repeat, sentOnce } from './repeated-response.js'
import type { ServiceTransaction } from './service-transaction.js'
import { SessionTimer, wants } from './session-timer.js'

export const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO'
export const SUPPORTED = ['100rel', 'timer']
/** Milliseconds that a re-INVITE takes: as long as media is set up anew. */
const REINVITE_MS = 30

export interface ServiceDialogOptions {
  readonly context: ProviderContext
  readonly layer: TransactionLayer
  readonly dialog: Dialog
  readonly media: ServiceMedia
  readonly behaviour: Behaviour
  /** Our Contact URI. */
  readonly contact: string
  readonly peer: CallSide
  readonly onEnd: () => void
}

export class ServiceDialog {
  readonly #o: ServiceDialogOptions
  readonly session = new InviteSession()
  /** The INVITE that waits for its final answer. */
  #pending: ServiceTransaction | undefined
  #unacknowledged: Repeated | undefined
  readonly #provisionals: ReliableProvisionals
  readonly #timer: SessionTimer
  /** The offer that our 2xx made, when the INVITE had none. */
  #awaitsAnswer = false
  #ended = false
  #begun = false
  #description: SessionDescription | undefined
  readonly #timers = new Set<Timer>()

  constructor(o: ServiceDialogOptions) {
    this.#o = o
    this.#provisionals = new ReliableProvisionals(o.context)
    this.#timer = new SessionTimer(o.context, {
      refresh: (seconds) => this.#refreshSession(seconds),
      expire: () => this.hangUp(),
    })
  }

  get dialog(): Dialog {
    return this.#o.dialog
  }

  /** What the other end was last heard on. */
  get flow(): CallSide['flow'] {
    return this.#o.peer.flow
  }

  // --- the first INVITE

  /** Rings, then answers. `description`: our answer, or our offer where the INVITE had none. */
  ring(tx: ServiceTransaction, description: SessionDescription): void {
    const { behaviour } = this.#o
    this.#pending = tx
    this.#description = description
    const offered = tx.request.body.length > 0
    this.#awaitsAnswer = !offered
    this.session.received(offered)
    tx.onCancel = () => this.#cancelled()
    const early = behaviour.earlyMedia === true && offered
    const answer = () => this.#later(behaviour.ringMs, () => this.#answer(tx))
    const progress = () => {
      if (this.#pending !== tx) return
      this.#provisional(tx, this.#response(tx.request, 183, description), answer)
      this.#o.media.told()
      this.#begin()
    }
    this.#provisional(tx, this.#response(tx.request, 180), early ? progress : answer)
  }

  /** RFC 3262 §3: where the caller knows how, it confirms a provisional response before anything else follows. */
  #provisional(tx: ServiceTransaction, response: SipResponse, next: () => void): void {
    if (wants(tx.request, '100rel') || !this.#o.context.rules.service.reliableOnlyWhenKnown) {
      this.#provisionals.send(tx, response, next, () => {
        // §3: nobody confirmed it, so the call is refused.
        this.#pending?.respond(this.#response(tx.request, 500))
        this.#pending = undefined
        this.end()
      })
    } else {
      tx.respond(response)
      next()
    }
  }

  #answer(tx: ServiceTransaction): void {
    if (this.#ended || this.#pending !== tx) return
    this.#pending = undefined
    const { finalStatus = 200 } = this.#o.behaviour
    if (finalStatus !== 200) {
      tx.respond(this.#response(tx.request, finalStatus))
      this.end()
      return
    }
    this.session.answered(true, tx.request.body.length === 0)
    const response = this.#response(tx.request, 200, this.#description)
    this.#timer.agree(tx.request, response)
    this.#send2xx(tx, response)
    this.#o.dialog.state = 'confirmed'
    this.#begin()
  }

  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.#watch()
    this.#o.behaviour.begin(this.#o.media, () => this.hangUp())
  }

  /** Hangs up on a caller that has gone without a word. */
  #watch(): void {
    const { context, media } = this.#o
    const { mediaTimeoutMs } = context.policy
    const left = media.heardAt + mediaTimeoutMs - context.clock.now()
    if (left <= 0) this.hangUp()
    else this.#later(left, () => this.#watch())
  }

  #cancelled(): void {
    const tx = this.#pending
    if (tx === undefined) return
    this.#pending = undefined
    // RFC 3261 §9.2
    tx.respond(this.#response(tx.request, 487))
    this.end()
  }

  // --- requests in the dialog

  receive(tx: ServiceTransaction): void {
    const { request } = tx
    const { rules } = this.#o.context
    const admission = this.#o.dialog.admit(request)
    if (!admission.ok && rules.service.checksOrder) {
      tx.respond(this.#response(request, admission.status))
      return
    }
    switch (request.method) {
      case 'INVITE':
        this.#reInvite(tx)
        return
      case 'UPDATE':
        this.#update(tx)
        return
      case 'PRACK':
        this.#prack(tx)
        return
      case 'BYE':
        tx.respond(this.#response(request, 200))
        // RFC 3261 §15.1.2: what still waits is answered 487.
        this.#pending?.respond(this.#response(this.#pending.request, 487))
        this.end()
        return
      case 'OPTIONS':
      case 'INFO':
        tx.respond(this.#response(request, 200))
        if (request.method === 'INFO') this.#o.media.informed(request)
        return
      default:
        tx.respond(this.#response(request, 405))
    }
  }

  acknowledge(ack: SipRequest): void {
    if (this.#unacknowledged?.sequence !== ack.cseq.number) return
    this.#unacknowledged.stop()
    this.#unacknowledged = undefined
    this.session.acknowledged()
    if (this.#awaitsAnswer && ack.body.length > 0) {
      this.#awaitsAnswer = false
      const rejection = this.#o.media.accept(SessionDescription.parse(ack.body), this.#o.peer.flow.remote.address)
      if (rejection !== undefined) this.hangUp()
    }
  }

  // RFC 3261 §14.2
  #reInvite(tx: ServiceTransaction): void {
    const { request } = tx
    const { context } = this.#o
    const admission = this.session.admit(context.random, request.body.length > 0)
    const overlaps = !admission.ok || this.#pending !== undefined
    if (overlaps && !context.rules.service.refusesOverlap) {
      this.#renegotiate(tx)
      return
    }
    if (overlaps) {
      const status = admission.ok ? 500 : admission.status
      const response = this.#response(request, status)
      if (status === 500 && context.rules.service.tellsRetryAfter)
        response.headers.set('Retry-After', String(context.random.int(11)))

      tx.respond(response)
      return
    }
    const refusal = this.#cannotRead(request)
    if (refusal !== undefined) {
      tx.respond(refusal)
      this.session.answered(false)
      return
    }
    this.#pending = tx
    tx.onCancel = () => {
      if (this.#pending !== tx) return
      this.#pending = undefined
      this.session.answered(false)
      tx.respond(this.#response(request, 487))
    }
    this.#later(REINVITE_MS, () => {
      if (this.#ended || this.#pending !== tx) return
      this.#pending = undefined
      this.#renegotiate(tx)
    })
  }

  #renegotiate(tx: ServiceTransaction): void {
    const { request } = tx
    const { context, media, peer } = this.#o
    const offered = request.body.length > 0
    if (offered) {
      const answer = media.answer(SessionDescription.parse(request.body), tx.flow.remote.address)
      if (isRejection(answer)) {
        // §14.2: the session stays as it is.
        tx.respond(this.#response(request, answer.status))
        this.session.answered(false)
        if (!context.rules.service.keepsSessionWhenRefused) this.hangUp()
        return
      }
      this.#description = answer
    } else {
      this.#description = media.offer()
      this.#awaitsAnswer = true
    }
    if (context.rules.service.refreshesTarget) this.#o.dialog.refreshTarget(request)
    peer.contact = contactOf(request) ?? peer.contact
    peer.flow = tx.flow
    const response = this.#response(request, 200, this.#description)
    this.#timer.agree(request, response)
    this.session.answered(true, !offered)
    this.#send2xx(tx, response)
  }

  // RFC 3311 §5.2
  #update(tx: ServiceTransaction): void {
    const { request } = tx
    const refusal = this.#cannotRead(request)
    if (refusal !== undefined) {
      tx.respond(refusal)
      return
    }
    let description: SessionDescription | undefined
    if (request.body.length > 0) {
      const answer = this.#o.media.answer(SessionDescription.parse(request.body), tx.flow.remote.address)
      if (isRejection(answer)) {
        tx.respond(this.#response(request, answer.status))
        return
      }
      description = answer
      this.#description = answer
    }
    this.#o.dialog.refreshTarget(request)
    const response = this.#response(request, 200, description)
    this.#timer.agree(request, response)
    tx.respond(response)
    if (description !== undefined) this.#o.media.told()
  }

  /** RFC 3261 §8.2.3 */
  #cannotRead(request: SipRequest): SipResponse | undefined {
    if (request.body.length === 0 || request.contentType === 'application/sdp') return undefined
    const response = this.#response(request, 415)
    response.headers.set('Accept', 'application/sdp')
    return response
  }

  // RFC 3262 §3
  #prack(tx: ServiceTransaction): void {
    const confirmed = this.#provisionals.confirm(tx.request)
    tx.respond(this.#response(tx.request, confirmed === undefined ? 481 : 200))
    confirmed?.()
  }

  // --- 2xx until ACK: RFC 3261 §13.3.1.4

  #send2xx(tx: ServiceTransaction, response: SipResponse): void {
    const { context } = this.#o
    const { rules } = context
    this.#unacknowledged?.stop()
    this.#unacknowledged = !rules.service.repeats2xx
      ? sentOnce(tx, response)
      : repeat(context, tx, response, true, () => {
          this.session.acknowledged()
          if (rules.service.byeWithoutAck) this.hangUp()
          else this.end()
        })
    this.#o.media.told()
  }

  /** RFC 4028 §7.4 */
  #refreshSession(seconds: number): void {
    const { context, layer } = this.#o
    const { refreshesSession } = context.rules.service
    const interval: [string, string][] = refreshesSession ? [['Session-Expires', `${seconds};refresher=uac`]] : []
    const request = this.#o.dialog.request('UPDATE', {
      contact: `<${this.#o.contact}>`,
      headers: [...interval, ['Supported', SUPPORTED.join(', ')]],
    })
    const hop = hopOfSide(this.#o.peer, this.#o.dialog.nextHop)
    if (hop === undefined) return this.hangUp()
    layer.request(request, hop, {
      onResponse: (response) => {
        if (response.status < 200) return
        if (response.status >= 300) this.hangUp()
        else if (refreshesSession) this.#timer.refreshed(seconds)
      },
      onTimeout: () => this.hangUp(),
    })
  }

  // --- the end

  /** BYE from our side; a call that is not answered yet is refused. */
  hangUp(): void {
    if (this.#ended) return
    const { dialog, layer, peer, context } = this.#o
    const pending = this.#pending
    this.#pending = undefined
    pending?.respond(this.#response(pending.request, 480))
    if (dialog.state === 'confirmed') {
      const bye = dialog.request('BYE')
      const hop = hopOfSide(peer, dialog.nextHop)
      if (hop !== undefined) layer.request(bye, hop, {})
      else context.log(`no way to hang up ${dialog.callId}`)
    }
    this.end()
  }

  /** Forgets the call; media stops at once. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#unacknowledged?.stop()
    this.#provisionals.stop()
    this.#timer.stop()
    for (const timer of this.#timers) timer.cancel()
    this.#o.dialog.terminate()
    this.#o.behaviour.end?.()
    this.#o.media.close()
    this.#o.onEnd()
  }

  /** Used by an outgoing call once it is answered. */
  established(): void {
    this.#o.dialog.state = 'confirmed'
    this.#begin()
  }

  #later(ms: number, then: () => void): void {
    const timer = this.#o.context.clock.after(ms, () => {
      this.#timers.delete(timer)
      then()
    })
    this.#timers.add(timer)
  }

  #response(request: SipRequest, status: number, description?: SessionDescription): SipResponse {
    const refreshes = request.method === 'INVITE' || request.method === 'UPDATE'
    const headers: [string, string][] = [
      ['Allow', ALLOW],
      ['Supported', SUPPORTED.join(', ')],
    ]
    return createResponse(request, status, undefined, {
      toTag: this.#o.dialog.localTag,
      headers,
      ...(refreshes && status > 100 && status < 300 ? { contact: { uri: this.#o.contact } } : {}),
      ...(description === undefined ? {} : { body: description.toBytes(), contentType: 'application/sdp' }),
    })
  }
}
