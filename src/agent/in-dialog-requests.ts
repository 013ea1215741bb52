/** What a call does with requests that arrive within one of its dialogs (RFC 3261 §12.2.2). */
import { type Dialog, dialogId } from '../dialog/dialog.js'
import { createResponse } from '../message/build.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import type { ServerTransaction } from '../transaction/transaction.js'
import type { Hop } from '../transport/flow.js'
import type { AgentCore } from './agent-core.js'
import type { Automatic } from './automatic.js'
import type { Answer, Call } from './call.js'
import { refusal } from './capabilities.js'
import { applyHeaders, bodyOf, sdpOf } from './exchange-record.js'
import { hopBack } from './hops.js'
import type { Referrals } from './referrals.js'
import type { SessionNegotiation } from './session-negotiation.js'
import type { SessionTimer } from './session-timer.js'
import { type Acknowledged, Unacknowledged } from './unacknowledged.js'

/** The call, as its requests see it. */
export interface ServedCall {
  readonly localTag: string
  readonly automatic: Automatic
  readonly session: SessionNegotiation
  readonly state: Call['state']
  readonly dialogs: readonly Dialog[]
  readonly onRequest?: Call['onRequest']
  readonly timer: SessionTimer | undefined
  /** Contact URI over the hop's transport. */
  contact(hop: Hop): string
  /** A dialog of this call was hung up by the peer. */
  byeReceived(bye: SipRequest, dialog: Dialog): void
  /** True where the PRACK was for a provisional response of ours, and has been answered. */
  servePrack(tx: ServerTransaction): boolean
  /** The peer has seen our 2xx: its next INVITE is here before the ACK (RFC 5407 §3.1.4). */
  superseded(): void
  /** A response to the initial INVITE, or a repeat, goes out. */
  responded(response: SipResponse): void
  hangUp: Call['hangUp']
  /** Transfers, this side's and the other's. */
  readonly referrals: Referrals
}

export class InDialogRequests {
  readonly #core: AgentCore
  readonly #call: ServedCall
  readonly #unacknowledged: Unacknowledged
  /** A re-INVITE that nobody answers. */
  #pendingReinvite: ServerTransaction | undefined

  constructor(core: AgentCore, call: ServedCall) {
    this.#core = core
    this.#call = call
    this.#unacknowledged = new Unacknowledged(core)
  }

  handle(tx: ServerTransaction): void {
    const { request } = tx
    const call = this.#call
    const decided = call.onRequest?.(request)
    if (decided === 'nothing') return

    const id = dialogId(request.callId, request.to.tag, request.from.tag)
    const dialog = call.dialogs.find((one) => one.id === id)
    if (decided !== undefined) {
      dialog?.admit(request)
      this.#answer(tx, decided)
      return
    }
    const refused = call.automatic.refuse
      ? refusal(request, call.localTag, tx.violations, this.#core.capabilities, call.timer)
      : undefined
    if (refused !== undefined) {
      tx.respond(refused)
      return
    }
    // RFC 5407 §3.2.2: whoever has sent BYE is through with the dialog, and answers nothing else than the other's BYE.
    const over = call.state === 'ended' && request.method !== 'BYE'
    if (dialog === undefined || dialog.state === 'terminated' || over) {
      this.#answer(tx, { status: 481 })
      return
    }
    const admitted = dialog.admit(request)
    if (!admitted.ok && call.automatic.refuse) this.#answer(tx, { status: admitted.status })
    else this.#serve(tx, dialog)
  }

  /** An ACK came: what it means, undefined where nothing waits for it. */
  acknowledge(ack: SipRequest): Acknowledged | undefined {
    return this.#unacknowledged.acknowledge(ack.cseq.number)
  }

  /**
   * Sends a 2xx again and again until its ACK comes, or 64*T1 are over (RFC 3261 §13.3.1.4).
   * @param gaveUp told when no ACK came
   */
  repeatSuccess(tx: ServerTransaction, response: SipResponse, offering: boolean, gaveUp: () => void): void {
    const { session, automatic } = this.#call
    this.#unacknowledged.add(tx.request.cseq.number, {
      offering,
      repeat: () => {
        if (automatic.repeatSuccess) {
          this.#call.responded(response)
          tx.respond(response)
        }
      },
      gaveUp: () => {
        session.acknowledged()
        gaveUp()
        session.wake()
      },
    })
  }

  /** The call is over: waits for no ACK any more. */
  stop(): void {
    this.#unacknowledged.stop()
  }

  #answer(tx: ServerTransaction, answer: Answer): void {
    this.#core.respond(tx, this.#call.localTag, answer)
  }

  #serve(tx: ServerTransaction, dialog: Dialog): void {
    const { automatic } = this.#call
    switch (tx.request.method) {
      case 'BYE':
        this.#serveBye(tx, dialog)
        return
      case 'INVITE':
        this.#serveReinvite(tx, dialog)
        return
      case 'UPDATE':
        if (automatic.answerReinvite) this.#serveUpdate(tx, dialog)

        return
      case 'PRACK':
        // RFC 3262 §3: one that acknowledges nothing that we wait for gets 481.
        if (!this.#call.servePrack(tx)) this.#answer(tx, { status: 481 })

        return
      case 'REFER':
        this.#call.referrals.serveRefer(tx, dialog)
        return
      case 'NOTIFY':
        // RFC 6665 §4.1.3: of no subscription that we know.
        if (!this.#call.referrals.serveNotify(tx)) this.#answer(tx, { status: 481 })

        return
      case 'OPTIONS':
        // RFC 3261 §11.2
        this.#answer(tx, { status: 200, headers: this.#core.capabilities.headers })
        return
      default:
        this.#answer(tx, { status: 200 })
    }
  }

  #serveBye(tx: ServerTransaction, dialog: Dialog): void {
    this.#answer(tx, { status: 200 })
    dialog.terminate()
    this.#core.stack.removeDialog(dialog.id)
    // RFC 3261 §15.1.2: requests that still wait for an answer get 487.
    if (this.#pendingReinvite !== undefined) {
      this.#answer(this.#pendingReinvite, { status: 487 })
      this.#pendingReinvite = undefined
    }
    this.#call.byeReceived(tx.request, dialog)
  }

  #serveReinvite(tx: ServerTransaction, dialog: Dialog): void {
    const call = this.#call
    const { session } = call
    // RFC 3261 §14.2
    const offer = sdpOf(tx.request)
    const admission = session.admit(this.#core.random, offer !== undefined)
    if (!admission.ok) {
      this.#answer(
        tx,
        admission.status === 500
          ? { status: 500, headers: { 'Retry-After': String(admission.retryAfter) } }
          : { status: 491 },
      )
      return
    }
    if (!call.automatic.answerReinvite) {
      this.#pendingReinvite = tx
      return
    }
    this.#unacknowledged.supersede()
    call.superseded()
    const description = session.respondToOffer(offer, tx.request)
    if (typeof description === 'object') {
      this.#answer(tx, description)
      session.answered(description.status < 300)
      session.wake()
      return
    }
    const offering = offer === undefined && description !== undefined
    const response = createResponse(tx.request, 200, undefined, {
      toTag: call.localTag,
      contact: `<${call.contact(hopBack(tx.flow))}>`,
      headers: [
        ['Allow', this.#core.capabilities.allow],
        ['Supported', this.#core.capabilities.supported.join(', ')],
      ],
      ...bodyOf({ body: description }),
    })
    this.#core.sign(response)
    applyHeaders(response, call.timer?.agreesTo(tx.request))
    dialog.refreshTarget(tx.request)
    session.remoteSdp = offer ?? session.remoteSdp
    session.localSdp = description ?? session.localSdp
    session.answered(true, offering)
    tx.respond(response)
    // RFC 3261 §14.2
    this.repeatSuccess(tx, response, offering, () => this.#core.unattended(call.hangUp({ impatient: true })))
  }

  #serveUpdate(tx: ServerTransaction, dialog: Dialog): void {
    const { session } = this.#call
    const offer = sdpOf(tx.request)
    // RFC 3311 §5.2
    if (offer !== undefined && session.offer === 'we-offered') {
      this.#answer(tx, { status: 491 })
      return
    }
    if (offer !== undefined && session.offer === 'peer-offered') {
      this.#answer(tx, { status: 500, headers: { 'Retry-After': String(this.#core.random.int(11)) } })
      return
    }
    const description = offer === undefined ? undefined : session.respondToOffer(offer, tx.request)
    if (typeof description === 'object') {
      this.#answer(tx, description)
      return
    }
    dialog.refreshTarget(tx.request)
    session.remoteSdp = offer ?? session.remoteSdp
    session.localSdp = description ?? session.localSdp
    this.#answer(tx, {
      status: 200,
      headers: {
        Contact: `<${this.#call.contact(hopBack(tx.flow))}>`,
        Allow: this.#core.capabilities.allow,
        ...this.#call.timer?.agreesTo(tx.request),
      },
      ...(description === undefined ? {} : { body: description }),
    })
  }
}
