import { Dialog, dialogId } from '../dialog/dialog.js'
import { glareDelayMs, InviteSession } from '../dialog/invite-session.js'
import type { MediaSession } from '../media/media-session.js'
import { createResponse } from '../message/build.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import { SessionDescription } from '../sdp/session-description.js'
import type { ServerTransaction } from '../transaction/transaction.js'
import type { Flow, Hop } from '../transport/flow.js'
import { ackKey, type Acknowledgement, type Acknowledgements, copyCredentials } from './after-call.js'
import type { AgentCore } from './agent-core.js'
import type { Automatic } from './automatic.js'
import type { Answer, Call, CallState, EndOfCall, HangUpOptions, SessionOptions } from './call.js'
import { ALLOW, CAPABILITIES, refusal, SUPPORTED } from './capabilities.js'
import type { Credentials } from './credentials.js'
import type { Exchange, RequestOptions } from './exchange.js'
import { applyHeaders, bodyOf, ExchangeRecord, sdpOf } from './exchange-record.js'
import type { MediaFactory } from './media-factory.js'
import type { DialogOwner, StackUser } from './stack.js'
import { type Acknowledged, Unacknowledged } from './unacknowledged.js'

/** How often a re-INVITE is repeated after 491. */
const GLARE_TRIES = 5

/** What outgoing and incoming calls have in common. */
export abstract class CallLeg implements Call, DialogOwner {
  readonly id: string
  abstract readonly direction: 'outgoing' | 'incoming'
  readonly peer: string
  readonly localTag: string
  readonly automatic: Automatic
  readonly agent: StackUser
  readonly ended: Promise<EndOfCall>
  readonly dialogs: Dialog[] = []
  readonly received: SipRequest[] = []
  media: MediaSession | undefined
  final: SipResponse | undefined
  localSdp: string | undefined
  remoteSdp: string | undefined
  onRequest: Call['onRequest']
  onOffer: Call['onOffer']
  protected readonly core: AgentCore
  protected readonly session = new InviteSession()
  protected readonly credentials: Credentials
  #state: CallState = 'calling'
  #dialog: Dialog | undefined
  #over: ((end: EndOfCall) => void) | undefined
  protected readonly keptAcks: Acknowledgements = new Map()
  readonly acks: SipRequest[] = []
  readonly #unacknowledged: Unacknowledged
  #pendingReinvite: ServerTransaction | undefined
  readonly #waiting: (() => void)[] = []
  readonly #onEnd: () => void

  constructor(o: {
    core: AgentCore
    agent: StackUser
    id: string
    peer: string
    localTag: string
    automatic: Automatic
    credentials: Credentials
    onEnd: () => void
  }) {
    this.core = o.core
    this.agent = o.agent
    this.id = o.id
    this.peer = o.peer
    this.localTag = o.localTag
    this.automatic = o.automatic
    this.credentials = o.credentials
    this.#onEnd = o.onEnd
    this.#unacknowledged = new Unacknowledged(o.core)
    this.ended = new Promise((resolve) => {
      this.#over = resolve
    })
  }

  get state(): CallState {
    return this.#state
  }

  get dialog(): Dialog | undefined {
    return this.#dialog
  }

  abstract hangUp(o?: HangUpOptions): Promise<Exchange | undefined>
  /** Ends everything at once, without a message. */
  abstract abandon(): void

  async reinvite(o: SessionOptions = {}): Promise<Exchange> {
    const record = new ExchangeRecord('INVITE', this.core.clock.now())
    for (let tries = 0; ; tries += 1) {
      const dialog = await this.#turn()
      if (dialog === undefined) {
        record.error = 'stopped'
        record.endedAt = this.core.clock.now()
        return record
      }
      record.final = undefined
      await this.#reinviteOnce(dialog, o, record)
      // RFC 3261 §14.1: wait and try once more, if it is still wanted.
      if (record.status !== 491 || !this.automatic.retryGlare || tries >= GLARE_TRIES || record.final === undefined)
        break

      record.challenges.push(record.final)
      await this.core.clock.sleep(glareDelayMs(dialog.ownsCallId, this.core.random))
      if (this.#state === 'ended') break
    }
    return record
  }

  async request(method: string, o: RequestOptions & { readonly dialog?: Dialog } = {}): Promise<Exchange> {
    const dialog = o.dialog ?? this.dialog
    if (dialog === undefined) throw new Error(`call ${this.id} has no dialog for ${method}`)

    const record = await this.ask(dialog, method, o)
    this.#considerLost(dialog, record)
    return record
  }

  async sendDigits(digits: string): Promise<void> {
    if (this.media === undefined) throw new Error(`call ${this.id} has no media session for DTMF`)

    await this.media.sendDigits(digits)
  }

  // --- what arrives -------------------------------------------------------------------------------------------------

  handleRequest(tx: ServerTransaction): void {
    const { request } = tx
    this.received.push(request)
    if (this.core.observe !== undefined)
      this.core.emit({ kind: 'received', message: request, flow: tx.flow, call: this.id })

    const decided = this.onRequest?.(request)
    if (decided === 'nothing') return

    const dialog = this.#dialogFor(request)
    if (decided !== undefined) {
      dialog?.admit(request)
      this.#answer(tx, decided)
      return
    }
    const refused = this.automatic.refuse ? refusal(request, this.localTag, tx.violations) : undefined
    if (refused !== undefined) {
      this.core.respond(tx, refused, this.id)
      return
    }
    // RFC 5407 §3.2.2: whoever has sent BYE is through with the dialog, and answers nothing else than the other's BYE.
    const over = this.#state === 'ended' && request.method !== 'BYE'
    if (dialog === undefined || dialog.state === 'terminated' || over) {
      this.#answer(tx, { status: 481 })
      return
    }
    const admitted = dialog.admit(request)
    if (!admitted.ok && this.automatic.refuse) {
      this.core.emit({ kind: 'trouble', call: this.id, what: admitted.why, rule: 'RFC 3261 §12.2.2' })
      this.#answer(tx, { status: admitted.status })
      return
    }
    this.#serve(tx, dialog)
  }

  handleAck(ack: SipRequest, flow: Flow): void {
    if (this.core.observe !== undefined) this.core.emit({ kind: 'received', message: ack, flow, call: this.id })

    this.received.push(ack)
    const meaning = this.#unacknowledged.acknowledge(ack.cseq.number)
    if (meaning !== undefined) this.inviteAcknowledged(ack, meaning)
  }

  handleStray(response: SipResponse, _flow: Flow): void {
    this.repeatAck(response)
  }

  // --- for the two kinds of call ------------------------------------------------------------------------------------

  protected setState(state: CallState, status?: number): void {
    if (this.#state !== state && this.#state !== 'ended') {
      this.#state = state
      if (this.core.observe !== undefined)
        this.core.emit({ kind: 'call', call: this.id, state, ...(status === undefined ? {} : { status }) })
    }
  }

  /** The call is over: tells everybody once, lets the media go. Dialogs stay known until `release`. */
  protected finish(end: Omit<EndOfCall, 'at'>): void {
    if (this.#over === undefined) return

    const stamped: EndOfCall = { at: this.core.clock.now(), ...end }
    this.#unacknowledged.stop()
    this.#state = 'ended'
    const over = this.#over
    this.#over = undefined
    if (this.core.observe !== undefined) {
      this.core.emit({
        kind: 'call',
        call: this.id,
        state: 'ended',
        end: stamped,
        ...(end.status === undefined ? {} : { status: end.status }),
      })
    }
    this.closeMedia()
    this.wake()
    this.#onEnd()
    over(stamped)
  }

  /** Forgets the dialogs; what still arrives for them gets 481. */
  protected release(): void {
    for (const dialog of this.dialogs) {
      dialog.terminate()
      this.core.stack.removeDialog(dialog.id)
    }
  }

  protected closeMedia(): void {
    this.media?.close().catch((error: unknown) => this.trouble(`media not closed: ${String(error)}`))
  }

  protected trouble(what: string, rule?: string): void {
    this.core.emit({ kind: 'trouble', call: this.id, what, ...(rule === undefined ? {} : { rule }) })
  }

  protected addDialog(dialog: Dialog): void {
    this.dialogs.push(dialog)
    this.core.stack.addDialog(dialog.id, this)
  }

  /** The dialog that `dialog` and `request` mean from now on. */
  protected chooseDialog(dialog: Dialog): void {
    this.#dialog = dialog
  }

  /** The session's INVITE transaction is over: whoever waits for his turn may look again. */
  protected wake(): void {
    for (const go of this.#waiting.splice(0)) go()
  }

  protected async openMedia(factory: MediaFactory | false | undefined): Promise<void> {
    const open = factory ?? this.core.options.media
    if (open !== undefined && open !== false && this.media === undefined) {
      this.media = await open({ agent: this.core.name, call: this.id, direction: this.direction })
      if (this.#state === 'ended') this.closeMedia()
    }
  }

  /** Contact URI of this call over the hop's or flow's transport. */
  protected contact(hop: Hop): string {
    return this.core.contactFor(hop, { sips: this.#dialog?.secure === true })
  }

  /** One question inside a dialog. */
  protected ask(
    dialog: Dialog,
    method: string,
    o: RequestOptions = {},
    more: Partial<Parameters<AgentCore['converse']>[0]> = {},
  ): Promise<ExchangeRecord> {
    // RFC 3261 §12.2.1.1: target refresh requests carry Contact. (UPDATE: RFC 3311 §5.1.)
    const refreshes = method === 'INVITE' || method === 'UPDATE'
    return this.core.converse({
      method,
      hop: () => this.core.hopFor(dialog.nextHop, method, true),
      compose: (hop) => {
        const contact = refreshes ? `<${this.contact(hop)}>` : undefined
        const { body, contentType } = bodyOf(o)
        const first = this.core.random.int(2 ** 16) + 1
        const request = dialog.request(method, { body, contentType, contact }, first)
        if (refreshes) {
          request.headers.set('Allow', ALLOW)
          request.headers.set('Supported', SUPPORTED.join(', '))
        }
        this.addUserAgent(request)
        return request
      },
      credentials: this.credentials,
      options: o,
      automatic: this.automatic,
      call: this.id,
      ...more,
    })
  }

  protected addUserAgent(message: SipRequest | SipResponse): void {
    this.core.sign(message)
  }

  /** Makes and sends the ACK for a 2xx (RFC 3261 §13.2.2.4), with the credentials of its INVITE (§22.1). */
  protected async sendAck(
    dialog: Dialog,
    invite: SipRequest,
    sdp: string | undefined,
    o: RequestOptions = {},
  ): Promise<void> {
    const ack = dialog.ack(invite.cseq.number, bodyOf(sdp === undefined ? o : { ...o, body: sdp }))
    copyCredentials(invite, ack)
    this.addUserAgent(ack)
    applyHeaders(ack, o.headers)
    const edited = o.edit === undefined ? ack : o.edit(ack)
    if (edited === undefined) return

    const hop = o.hop ?? (await this.core.hopFor(dialog.nextHop, 'ACK', true))
    const kept = { ack: edited, hop, branch: this.core.stack.transactions.newBranch() }
    this.keptAcks.set(ackKey(dialog.remoteTag, invite.cseq.number), kept)
    this.#sendKeptAck(kept)
  }

  /** RFC 3261 §13.2.2.4: every repeat of a 2xx is answered with the same ACK. False: none was made yet. */
  protected repeatAck(response: SipResponse): boolean {
    const kept = this.keptAcks.get(ackKey(response.to.tag, response.cseq.number))
    if (kept === undefined || !this.automatic.acknowledge) return kept !== undefined

    this.#sendKeptAck(kept)
    return true
  }

  #sendKeptAck(kept: Acknowledgement): void {
    const sent = this.core.acknowledge(kept.ack, kept.hop, kept.branch, this.id)
    if (sent !== undefined) this.acks.push(sent)
  }

  /**
   * Sends a 2xx again and again until its ACK comes, or 64*T1 are over (RFC 3261 §13.3.1.4).
   * @param gaveUp told when no ACK came
   */
  protected repeatSuccess(tx: ServerTransaction, response: SipResponse, offering: boolean, gaveUp: () => void): void {
    this.#unacknowledged.add(tx.request.cseq.number, {
      offering,
      repeat: () => {
        if (this.automatic.repeatSuccess) {
          this.responded(response)
          this.core.respond(tx, this.core.beforeSend === undefined ? response : response.clone(), this.id)
        }
      },
      gaveUp: () => {
        this.session.acknowledged()
        gaveUp()
        this.wake()
      },
    })
  }

  /** A response to the initial INVITE, or a repeat, is about to go out. */
  protected responded(_response: SipResponse): void {}

  /** The peer has seen our 2xx: its next INVITE is here before the ACK (RFC 5407 §3.1.4). */
  protected superseded(): void {}

  /** An INVITE of the peer got its ACK. */
  protected inviteAcknowledged(ack: SipRequest, { offering, latest }: Acknowledged): void {
    if (!latest) return

    this.session.acknowledged()
    const answer = sdpOf(ack)
    if (offering) {
      this.session.offer = 'idle'
      if (answer === undefined) {
        this.trouble('ACK without the answer to the offer in the 2xx', 'RFC 3261 §13.2.1')
      } else {
        const problem = this.takeAnswer(answer)
        if (problem !== undefined) this.trouble(`answer in ACK not usable: ${problem}`, 'RFC 3264')
      }
    }
    this.wake()
  }

  /** The refusal or the session description with which an offer, or the wish for one, is answered. */
  protected respondToOffer(offer: string | undefined, request: SipRequest): string | undefined | Answer {
    const decided = this.onOffer?.(offer, request)
    if (decided !== undefined) return decided

    if (this.media === undefined) {
      // Without a media session: the session goes on as described before.
      return this.localSdp
    }
    if (offer === undefined) return this.media.offer().toString()

    const answer = this.media.answer(offer)
    if ('rejected' in answer) {
      // RFC 3261 §13.3.1.3, §14.2: Warning says why.
      return { status: answer.status, headers: { Warning: warning(answer.rejected) } }
    }
    return answer.toString()
  }

  /** Takes a description that answers our offer. The text of what is wrong, or undefined. */
  protected takeAnswer(sdp: string): string | undefined {
    this.session.offer = 'idle'
    this.remoteSdp = sdp
    try {
      return this.media?.accept(sdp)?.rejected
    } catch (error) {
      // The scenario spoke for the media session, which knows of no offer.
      return String(error)
    }
  }

  protected hangUpDialog(dialog: Dialog, o: RequestOptions = {}): Promise<ExchangeRecord> {
    return this.ask(dialog, 'BYE', o)
  }

  // --- inside -------------------------------------------------------------------------------------------------------

  #dialogFor(request: SipRequest): Dialog | undefined {
    const id = dialogId(request.callId, request.to.tag, request.from.tag)
    return this.dialogs.find((dialog) => dialog.id === id)
  }

  #answer(tx: ServerTransaction, answer: Answer): boolean {
    const response = createResponse(tx.request, answer.status, answer.reason, {
      toTag: this.localTag,
      ...bodyOf({
        ...(answer.body === undefined ? {} : { body: answer.body }),
        ...(answer.contentType === undefined ? {} : { contentType: answer.contentType }),
      }),
    })
    this.addUserAgent(response)
    applyHeaders(response, answer.headers)
    return this.core.respond(tx, response, this.id)
  }

  #serve(tx: ServerTransaction, dialog: Dialog): void {
    switch (tx.request.method) {
      case 'BYE':
        this.#serveBye(tx, dialog)
        return
      case 'INVITE':
        this.#serveReinvite(tx, dialog)
        return
      case 'UPDATE':
        if (this.automatic.answerReinvite) this.#serveUpdate(tx, dialog)

        return
      case 'PRACK':
        if (!this.servePrack(tx)) {
          // RFC 3262 §3: it acknowledges nothing that we wait for.
          this.#answer(tx, { status: 481 })
        }
        return
      case 'OPTIONS':
        if (this.automatic.answerOthers) {
          // RFC 3261 §11.2
          this.#answer(tx, { status: 200, headers: CAPABILITIES })
        }
        return
      default:
        if (this.automatic.answerOthers) this.#answer(tx, { status: 200 })
    }
  }

  /** True where the PRACK was for a provisional response of ours, and has been answered. */
  protected servePrack(_tx: ServerTransaction): boolean {
    return false
  }

  /** A dialog of this call was hung up by the peer. */
  protected abstract byeReceived(bye: SipRequest, dialog: Dialog): void

  #serveBye(tx: ServerTransaction, dialog: Dialog): void {
    if (this.automatic.answerBye) this.#answer(tx, { status: 200 })

    dialog.terminate()
    this.core.stack.removeDialog(dialog.id)
    // RFC 3261 §15.1.2: requests that still wait for an answer get 487.
    if (this.#pendingReinvite !== undefined) {
      this.#answer(this.#pendingReinvite, { status: 487 })
      this.#pendingReinvite = undefined
    }
    this.byeReceived(tx.request, dialog)
  }

  #serveReinvite(tx: ServerTransaction, dialog: Dialog): void {
    // RFC 3261 §14.2
    const admission = this.session.admit(this.core.random)
    if (!admission.ok) {
      this.#answer(
        tx,
        admission.status === 500
          ? { status: 500, headers: { 'Retry-After': String(admission.retryAfter) } }
          : { status: 491 },
      )
      return
    }
    if (!this.automatic.answerReinvite) {
      this.#pendingReinvite = tx
      return
    }
    this.#unacknowledged.supersede()
    this.superseded()
    const offer = sdpOf(tx.request)
    const description = this.respondToOffer(offer, tx.request)
    if (typeof description === 'object') {
      this.#answer(tx, description)
      this.session.answered(description.status < 300)
      this.wake()
      return
    }
    const response = createResponse(tx.request, 200, undefined, {
      toTag: this.localTag,
      contact: `<${this.contact(hopBack(tx.flow))}>`,
      headers: [
        ['Allow', ALLOW],
        ['Supported', SUPPORTED.join(', ')],
      ],
      ...bodyOf(description === undefined ? {} : { body: description }),
    })
    this.addUserAgent(response)
    dialog.refreshTarget(tx.request)
    this.remoteSdp = offer ?? this.remoteSdp
    this.localSdp = description ?? this.localSdp
    this.session.offer = offer === undefined && description !== undefined ? 'we-offered' : 'idle'
    this.session.answered(true)
    this.core.respond(tx, response, this.id)
    this.repeatSuccess(tx, response, offer === undefined && description !== undefined, () => {
      this.trouble('2xx to re-INVITE never acknowledged', 'RFC 3261 §14.2')
      if (this.automatic.byeUnacknowledged)
        this.hangUp({ impatient: true }).catch((error: unknown) => this.trouble(String(error)))
    })
  }

  #serveUpdate(tx: ServerTransaction, dialog: Dialog): void {
    const offer = sdpOf(tx.request)
    // RFC 3311 §5.2
    if (offer !== undefined && this.session.offer === 'we-offered') {
      this.#answer(tx, { status: 491 })
      return
    }
    if (offer !== undefined && this.session.offer === 'peer-offered') {
      this.#answer(tx, { status: 500, headers: { 'Retry-After': String(this.core.random.int(11)) } })
      return
    }
    const description = offer === undefined ? undefined : this.respondToOffer(offer, tx.request)
    if (typeof description === 'object') {
      this.#answer(tx, description)
      return
    }
    dialog.refreshTarget(tx.request)
    this.remoteSdp = offer ?? this.remoteSdp
    this.localSdp = description ?? this.localSdp
    this.#answer(tx, {
      status: 200,
      headers: { Contact: `<${this.contact(hopBack(tx.flow))}>`, Allow: ALLOW },
      ...(description === undefined ? {} : { body: description }),
    })
  }

  /** Waits until RFC 3261 §14.1 lets us send an INVITE; undefined where the call ends first. */
  async #turn(): Promise<Dialog | undefined> {
    while (this.#state !== 'ended' && !(this.#state === 'established' && this.session.mayInvite)) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    }
    return this.#state === 'ended' ? undefined : this.#dialog
  }

  async #reinviteOnce(dialog: Dialog, o: SessionOptions, record: ExchangeRecord): Promise<void> {
    const sdp = o.sdp === undefined ? this.media?.offer().toString() : o.sdp === false ? undefined : o.sdp
    const offering = sdp !== undefined
    this.session.sent(offering)
    let done = false
    await this.ask(
      dialog,
      'INVITE',
      { ...o, ...(sdp === undefined ? {} : { body: sdp }) },
      {
        record,
        onSuccess: (response, _flow, invite) => {
          if (done) {
            this.repeatAck(response)
            return
          }
          done = true
          // RFC 3261 §12.2.1.2
          dialog.refreshTarget(response)
          const remote = sdpOf(response)
          let answer: string | undefined
          if (offering) {
            this.localSdp = sdp
            const problem = remote === undefined ? 'no answer in 2xx' : this.takeAnswer(remote)
            if (problem !== undefined) this.trouble(`re-INVITE: ${problem}`, 'RFC 3264')
          } else if (remote !== undefined) {
            answer = this.answerLate(remote)
          }
          const acknowledged = this.automatic.acknowledge ? this.sendAck(dialog, invite, answer) : Promise.resolve()
          acknowledged
            .then(() => (this.unacceptable === undefined ? undefined : this.hangUp({ impatient: true })))
            .catch((error: unknown) => this.trouble(String(error)))
        },
      },
    )
    const success = record.final !== undefined && record.final.status < 300
    this.session.finished(success)
    if (!success && offering) {
      // RFC 3261 §14.1: as if no re-INVITE had been issued.
      this.media?.withdrawOffer()
    }
    this.wake()
    this.#considerLost(dialog, record)
  }

  /** Why the offer of a 2xx could not be taken: after its ACK comes a BYE (RFC 3261 §13.2.2.4, §14.2). */
  protected unacceptable: string | undefined

  /** The answer that an ACK carries when the 2xx brought the offer (RFC 3261 §13.2.2.4). */
  protected answerLate(offer: string): string | undefined {
    this.remoteSdp = offer
    if (this.media === undefined) return this.localSdp

    const answer = this.media.answer(offer)
    if ('rejected' in answer) {
      this.trouble(`offer in 2xx not acceptable: ${answer.rejected}`, 'RFC 3264')
      this.unacceptable = answer.rejected
      return refuseAll(offer)
    }
    this.localSdp = answer.toString()
    return this.localSdp
  }

  /** RFC 3261 §12.2.1.2: 481, 408 or silence in answer to an in-dialog request ends the dialog, with a BYE. */
  #considerLost(dialog: Dialog, record: ExchangeRecord): void {
    const { status } = record
    const silent = record.error === 'timeout'
    if ((status !== 481 && status !== 408 && !silent) || record.method === 'BYE' || this.#state === 'ended') return

    if (record.error === 'swallowed' || record.error === 'stopped' || dialog !== this.#dialog) return

    this.hangUpDialog(dialog)
      .then(() => this.release())
      .catch((error: unknown) => this.trouble(String(error)))
    this.finish({
      by: 'remote',
      cause: 'lost',
      ...(status === undefined ? {} : { status }),
      ...(record.final === undefined ? {} : { message: record.final }),
      what: `no dialog any more after ${record.method}`,
    })
  }
}

/** The way that a request came, as a way to go. */
export function hopBack(flow: Flow): Hop {
  return { transport: flow.transport, remote: flow.remote }
}

/** Refuses every stream of an offer: RFC 3264 §6, port zero. */
export function refuseAll(offer: string): string {
  const answer = SessionDescription.parse(offer)
  for (const media of answer.media) media.port = 0

  return answer.toString()
}

/** Warning header field value (RFC 3261 §20.43), 399 for whatever has no code of its own. */
export function warning(text: string): string {
  return `399 ringproof "${text.replaceAll(/["\\\r\n]/g, "'")}"`
}
