/** The life of a call, as far as outgoing and incoming ones have it in common. */
import type { Dialog } from '../dialog/dialog.js'
import type { MediaSession } from '../media/media-session.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import type { ServerTransaction } from '../transaction/transaction.js'
import type { Flow, Hop } from '../transport/flow.js'
import { Acks } from './acks.js'
import type { AgentCore, Conversation } from './agent-core.js'
import type { Automatic } from './automatic.js'
import { CallError } from './call-error.js'
import type { Call, CallState, EndOfCall, HangUpOptions, HoldOptions, SessionOptions } from './call.js'
import type { Credentials } from './credentials.js'
import type { Exchange, RequestOptions } from './exchange.js'
import { bodyOf, type ExchangeRecord, sdpOf } from './exchange-record.js'
import { InDialogRequests, type ServedCall } from './in-dialog-requests.js'
import type { MediaFactory } from './media-factory.js'
import type { Referral, ReferOptions } from './referral.js'
import { Referrals, type ReferringCall } from './referrals.js'
import { reinvite, type ReinvitingCall } from './reinvite.js'
import { SessionNegotiation } from './session-negotiation.js'
import { SessionTimer } from './session-timer.js'
import type { DialogOwner, StackUser } from './stack.js'
import type { Acknowledged } from './unacknowledged.js'
import { update } from './update.js'

/** How a call ended, as its kind knows it. */
export type Ending = Omit<EndOfCall, 'at' | 'reason'>

export abstract class CallLeg implements Call, DialogOwner, ServedCall, ReinvitingCall, ReferringCall {
  readonly id: string
  abstract readonly direction: 'outgoing' | 'incoming'
  readonly peer: string
  readonly localTag: string
  readonly automatic: Automatic
  readonly agent: StackUser
  readonly ended: Promise<EndOfCall>
  readonly dialogs: Dialog[] = []
  readonly received: SipRequest[] = []
  final: SipResponse | undefined
  onRequest: Call['onRequest']
  readonly core: AgentCore
  readonly session: SessionNegotiation
  readonly ownAcks: Acks
  /** Made when it is needed: few calls are transferred. */
  #referrals: Referrals | undefined
  readonly timer: SessionTimer | undefined
  protected readonly credentials: Credentials
  protected readonly requests: InDialogRequests
  #state: CallState = 'calling'
  #dialog: Dialog | undefined
  #over: ((end: EndOfCall) => void) | undefined
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
    this.session = new SessionNegotiation(o.core)
    this.ownAcks = new Acks(o.core, o.automatic)
    this.requests = new InDialogRequests(o.core, this)
    this.timer = this.#makeTimer()
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

  get media(): MediaSession | undefined {
    return this.session.media
  }

  get localSdp(): string | undefined {
    return this.session.localSdp
  }

  get remoteSdp(): string | undefined {
    return this.session.remoteSdp
  }

  get onOffer(): Call['onOffer'] {
    return this.session.onOffer
  }

  set onOffer(decide: Call['onOffer']) {
    this.session.onOffer = decide
  }

  abstract hangUp(o?: HangUpOptions): Promise<Exchange | undefined>
  /** Ends everything at once, without a message. */
  abstract abandon(): void
  abstract byeReceived(bye: SipRequest, dialog: Dialog): void

  async reinvite(o: SessionOptions = {}): Promise<Exchange> {
    const record = await reinvite(this, o)
    this.#considerLost(this.#dialog, record)
    return record
  }

  async update(o: SessionOptions = {}): Promise<Exchange> {
    const record = await update(this, o)
    this.#considerLost(this.#dialog, record)
    return record
  }

  hold({ how, ...o }: HoldOptions = {}): Promise<Exchange> {
    return this.#changeHold(true, o, how)
  }

  resume(o: Omit<HoldOptions, 'how'> = {}): Promise<Exchange> {
    return this.#changeHold(false, o)
  }

  async request(method: string, o: RequestOptions & { readonly dialog?: Dialog } = {}): Promise<Exchange> {
    const dialog = o.dialog ?? this.dialog
    if (dialog === undefined) throw new CallError('no-dialog', `call ${this.id} has no dialog for ${method}`)

    const record = await this.ask(dialog, method, o)
    this.#considerLost(dialog, record)
    return record
  }

  get referrals(): Referrals {
    this.#referrals ??= new Referrals(this)
    return this.#referrals
  }

  refer(to: string, o: ReferOptions = {}): Promise<Referral> {
    const { dialog } = this
    if (dialog === undefined) throw new CallError('no-dialog', `call ${this.id} has no dialog for REFER`)

    return this.referrals.refer(dialog, to, o)
  }

  async sendDigits(digits: string): Promise<void> {
    if (this.media === undefined) throw new CallError('no-media', `call ${this.id} has no media session for DTMF`)

    await this.media.sendDigits(digits)
  }

  async #changeHold(on: boolean, { by, ...o }: Omit<HoldOptions, 'how'>, how?: HoldOptions['how']): Promise<Exchange> {
    if (this.media === undefined) throw new CallError('no-media', `call ${this.id} has no media session to put on hold`)

    this.media.hold(on, how)
    return by === 'UPDATE' ? this.update(o) : this.reinvite(o)
  }

  // --- what arrives -------------------------------------------------------------------------------------------------

  handleRequest(tx: ServerTransaction): void {
    this.received.push(tx.request)
    this.requests.handle(tx)
  }

  handleAck(ack: SipRequest, _flow: Flow): void {
    this.received.push(ack)
    const meaning = this.requests.acknowledge(ack)
    if (meaning !== undefined) this.inviteAcknowledged(ack, meaning)
  }

  handleStray(response: SipResponse, _flow: Flow): void {
    this.ownAcks.repeat(response)
  }

  /** True where the PRACK was for a provisional response of ours, and has been answered. */
  servePrack(_tx: ServerTransaction): boolean {
    return false
  }

  superseded(): void {}

  responded(_response: SipResponse): void {}

  // --- for the two kinds of call ------------------------------------------------------------------------------------

  protected setState(state: CallState): void {
    if (this.#state !== 'ended') this.#state = state
  }

  /** The call is over: tells everybody once, lets the media go. Dialogs stay known until `release`. */
  protected finish(end: Ending): void {
    if (this.#over === undefined) return

    const reason = end.message?.headers.get('Reason')
    this.requests.stop()
    this.#referrals?.end()
    this.timer?.stop()
    this.#state = 'ended'
    const over = this.#over
    this.#over = undefined
    this.session.closeMedia()
    this.session.wake()
    this.#onEnd()
    over({ at: this.core.clock.now(), ...end, ...(reason === undefined ? {} : { reason }) })
  }

  /** Forgets the dialogs; what still arrives for them gets 481. */
  protected release(): void {
    for (const dialog of this.dialogs) {
      dialog.terminate()
      this.core.stack.removeDialog(dialog.id)
    }
  }

  protected addDialog(dialog: Dialog): void {
    this.dialogs.push(dialog)
    this.core.stack.addDialog(dialog.id, this)
  }

  /** The dialog that `dialog` and `request` mean from now on. */
  protected chooseDialog(dialog: Dialog): void {
    this.#dialog = dialog
  }

  protected async openMedia(factory: MediaFactory | false | undefined): Promise<void> {
    await this.session.openMedia(factory, { call: this.id, direction: this.direction })
  }

  /** Contact URI of this call over the hop's or flow's transport. */
  contact(hop: Hop): string {
    return this.core.contactFor(hop, { sips: this.#dialog?.secure === true })
  }

  /** One question inside a dialog. */
  ask(
    dialog: Dialog,
    method: string,
    o: RequestOptions = {},
    more: Partial<Conversation> = {},
  ): Promise<ExchangeRecord> {
    // RFC 3261 §12.2.1.1: target refresh requests carry Contact. (UPDATE: RFC 3311 §5.1.)
    const refreshes = method === 'INVITE' || method === 'UPDATE'
    // So do these: RFC 3515 §2.2.
    const isReached = refreshes || method === 'REFER' || method === 'NOTIFY'
    const timer = refreshes ? this.timer : undefined
    const asked = this.core.converse({
      method,
      hop: () => this.core.hopFor(dialog.nextHop, method, true),
      compose: (hop) => {
        const contact = isReached ? `<${this.contact(hop)}>` : undefined
        const { body, contentType } = bodyOf(o)
        const first = this.core.random.int(2 ** 16) + 1
        const request = dialog.request(method, { body, contentType, contact }, first)
        if (refreshes) {
          request.headers.set('Allow', this.core.capabilities.allow)
          request.headers.set('Supported', this.core.capabilities.supported.join(', '))
        }
        timer?.ask(request)
        this.core.sign(request)
        return request
      },
      credentials: this.credentials,
      options: o,
      automatic: this.automatic,
      onRefusal: (response) => timer?.raises(response) === true,
      ...more,
    })
    if (timer === undefined) return asked
    return asked.then((record) => {
      if (record.final !== undefined && record.final.status < 300) timer.answered(record.final)
      return record
    })
  }

  /** An INVITE of the peer got its ACK. */
  protected inviteAcknowledged(ack: SipRequest, { offering, latest }: Acknowledged): void {
    if (!latest) return

    this.session.takeAck(sdpOf(ack), offering)
    this.session.wake()
  }

  /** Sends BYE and then forgets the dialogs. */
  protected async bye(dialog: Dialog, o: RequestOptions = {}): Promise<ExchangeRecord> {
    const record = await this.ask(dialog, 'BYE', o)
    this.release()
    return record
  }

  #makeTimer(): SessionTimer | undefined {
    const { core } = this
    const { sessionTimer } = core.options
    if (sessionTimer === undefined) return undefined

    return new SessionTimer(sessionTimer, {
      clock: core.clock,
      supported: core.capabilities.supported.join(', '),
      unattended: (work) => core.unattended(work),
      refresh: async (method) => (await (method === 'INVITE' ? this.reinvite() : this.request(method))).status,
      expire: () => core.unattended(this.hangUp({ impatient: true })),
    })
  }

  /** RFC 3261 §12.2.1.2: 481, 408 or silence in answer to an in-dialog request ends the dialog, with a BYE. */
  #considerLost(dialog: Dialog | undefined, record: ExchangeRecord): void {
    const { status, error, final } = record
    const lost = final === undefined ? error === 'timeout' : status === 481 || status === 408
    if (!lost || record.method === 'BYE' || this.#state === 'ended') return

    if (dialog === undefined || dialog !== this.#dialog) return

    this.core.unattended(this.bye(dialog))
    this.finish({
      by: 'remote',
      cause: 'lost',
      ...(status === undefined ? {} : { status }),
      ...(final === undefined ? {} : { message: final }),
      what: `no dialog any more after ${record.method}`,
    })
  }
}
