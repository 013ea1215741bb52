import { Dialog } from '../dialog/dialog.js'
import type { Timer } from '../clock/clock.js'
import { createRequest } from '../message/build.js'
import { parseNameAddr, type SipRequest, type SipResponse } from '../message/message.js'
import type { ClientTransaction } from '../transaction/transaction.js'
import type { Flow, Hop } from '../transport/flow.js'
import { AfterCall } from './after-call.js'
import type { AgentCore } from './agent-core.js'
import { automaticCopy } from './automatic.js'
import type { EndOfCall, HangUpOptions, InviteOptions, OutgoingCall } from './call.js'
import { CallLeg } from './call-leg.js'
import { ALLOW, lists, SUPPORTED } from './capabilities.js'
import type { Exchange, ExtraHeaders, RequestOptions } from './exchange.js'
import { bodyOf, ExchangeRecord, sdpOf } from './exchange-record.js'
import type { StackUser } from './stack.js'

/** A user rings for so long, milliseconds. */
const RING_TIMEOUT_MS = 180_000

const ALL_EXTENSIONS = SUPPORTED.join(', ')
const WITHOUT_100REL = SUPPORTED.filter((tag) => tag !== '100rel').join(', ')

/** What a forked leg has agreed on (RFC 3261 §13.2.1: each dialog has an offer/answer exchange of its own). */
interface Fork {
  readonly dialog: Dialog
  /** The first session description that came; later ones of the same dialog are ignored. */
  answer: string | undefined
  /** Last in-order RSeq (RFC 3262 §4). */
  rseq: number | undefined
  acknowledged: boolean
}

/** A call that this agent makes: RFC 3261 §13.2, §9.1, §15, RFC 3262 §4. */
export class PlacedCall extends CallLeg implements OutgoingCall {
  readonly direction = 'outgoing'
  readonly exchange: ExchangeRecord
  readonly ringing: Promise<SipResponse | undefined>
  readonly answered: Promise<SipResponse | undefined>
  readonly successes: SipResponse[] = []
  readonly #o: InviteOptions
  readonly #uri: string
  readonly #forks = new Map<string, Fork>()
  #tx: ClientTransaction | undefined
  #invite: SipRequest | undefined
  #offer: string | undefined
  #cseq: number
  #givingUp: { readonly headers?: ExtraHeaders } | undefined
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
    core.emit({ kind: 'call', call: this.id, state: 'calling' })
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
      this.exchange.error = error instanceof Error ? error : new Error(String(error))
      this.#end({ by: 'nobody', cause: 'error', what: `no media: ${String(error)}` })
      return
    }
    if (this.#givingUp !== undefined || this.state === 'ended') {
      this.#end({ by: 'local', cause: 'cancelled', what: 'given up before the INVITE was sent' })
      return
    }
    const late = this.#o.lateOffer === true || this.#o.sdp === false
    this.#offer = late ? undefined : ((this.#o.sdp || undefined) ?? this.media?.offer().toString())
    const ringTimeout = this.#o.ringTimeoutMs ?? RING_TIMEOUT_MS
    if (ringTimeout > 0) this.#ringTimer = this.core.clock.after(ringTimeout, () => this.#quietly(this.cancel()))

    await this.core.converse({
      method: 'INVITE',
      record: this.exchange,
      hop: () => this.core.hopFor(this.#uri, 'INVITE', false),
      compose: (hop) => this.#compose(hop),
      credentials: this.credentials,
      options: this.#o,
      automatic: this.automatic,
      call: this.id,
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
    const bye = this.hangUpDialog(dialog, o)
    this.finish({ by: 'local', cause: 'bye' })
    const exchange = await bye
    this.release()
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
      throw new Error(`call ${this.id} has nothing to acknowledge`)

    const fork = this.#forks.get(dialog.remoteTag ?? '')
    if (fork !== undefined) fork.acknowledged = true

    await this.sendAck(dialog, this.#invite, o.sdp, o)
  }

  override handleStray(response: SipResponse, flow: Flow): void {
    if (this.#invite !== undefined && response.cseq.number === this.#invite.cseq.number)
      this.#success(response, flow, this.#invite)
    else super.handleStray(response, flow)
  }

  protected byeReceived(bye: SipRequest, dialog: Dialog): void {
    if (dialog === this.dialog) {
      const reason = bye.headers.get('Reason')
      this.#end({ by: 'remote', cause: 'bye', message: bye, ...(reason === undefined ? {} : { reason }) })
      this.release()
    }
  }

  protected override release(): void {
    super.release()
    // Whoever watches is told of what comes late, so there the call stays.
    if (this.#tx !== undefined && this.#tx.state === 'accepted' && this.core.observe === undefined) {
      this.#tx.handOver(
        new AfterCall({
          core: this.core,
          id: this.id,
          tx: this.#tx,
          acks: this.keptAcks,
          known: this.#forks.keys(),
          automatic: this.automatic,
          credentials: this.credentials,
        }),
      )
    }
  }

  #compose(hop: Hop): SipRequest {
    const o = this.#o
    const { account } = this.core
    this.#cseq += 1
    const from = o.from === undefined ? undefined : parseNameAddr(o.from)
    const sips = /^sips:/i.test(this.#uri)
    const { body, contentType } = bodyOf(
      this.#offer === undefined ? o : { body: this.#offer, contentType: o.contentType },
    )
    const request = createRequest({
      method: 'INVITE',
      uri: this.#uri,
      from:
        from === undefined
          ? { display: account.displayName, uri: this.core.aor, tag: this.localTag }
          : { display: account.displayName, ...from, tag: this.localTag },
      to: o.to ?? { uri: this.#uri },
      callId: this.id,
      cseq: this.#cseq,
      contact: `<${this.core.contactFor(hop, { sips })}>`,
      maxForwards: o.maxForwards,
      headers: this.#headers(),
      body,
      contentType,
    })
    this.addUserAgent(request)
    return request
  }

  #headers(): [string, string][] {
    const { route = [], reliableProvisionals: wish = 'supported' } = this.#o
    const list = route.map((uri): [string, string] => ['Route', `<${uri}>`])
    list.push(['Allow', ALLOW])
    const supported = wish === 'supported' ? ALL_EXTENSIONS : WITHOUT_100REL
    if (supported !== '') list.push(['Supported', supported])

    if (wish === 'required') list.push(['Require', '100rel'])

    return list
  }

  #tried(request: SipRequest, tx: ClientTransaction | undefined): void {
    this.#invite = request
    this.#tx = tx
    this.localSdp = sdpOf(request)
    // RFC 3261 §14.2, RFC 3311 §5.2: what the callee asks for in an early dialog meets an INVITE, and an offer, of ours.
    this.session.sent(this.#offer !== undefined)
    // A challenge ends the early dialogs of the try before (RFC 3261 §12.3).
    this.#forgetForks()
    if (this.#givingUp !== undefined) this.#sendCancel()
  }

  #provisional(response: SipResponse): void {
    // RFC 3261 §12.1: 101 to 199 with a To tag make an early dialog.
    if (response.status > 100 && response.to.tag !== undefined) {
      const fork = this.#fork(response)
      if (fork !== undefined && this.#inOrder(fork, response)) this.#early(fork, response)
    }
    if (response.status >= 180) this.#rings(response)

    if (response.status > 100) this.setState('early', response.status)
  }

  /** RFC 3262 §4: acknowledges a reliable provisional response; false: a repeat, or out of order. */
  #inOrder(fork: Fork, response: SipResponse): boolean {
    if (!lists(response, 'Require', '100rel')) return true

    const rseq = Number(response.headers.get('RSeq'))
    if (!Number.isInteger(rseq) || rseq < 1) {
      this.trouble('reliable provisional response without a usable RSeq', 'RFC 3262 §3')
      return true
    }
    if (fork.rseq !== undefined && rseq !== fork.rseq + 1) return false

    fork.rseq = rseq
    if (this.automatic.acknowledgeReliable) {
      const { number, method } = response.cseq
      // RFC 3262 §5: an offer in the response of an INVITE without one is answered in the PRACK.
      const offer = this.#offer === undefined && fork.answer === undefined ? sdpOf(response) : undefined
      const answer = offer === undefined ? undefined : this.#lateAnswer(offer)
      if (offer !== undefined) {
        fork.answer = offer
        this.#heard = fork
      }
      this.#quietly(
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
        const problem = this.takeAnswer(sdp)
        if (problem !== undefined) this.trouble(`answer in ${response.status}: ${problem}`, 'RFC 3264')
      }
    }
  }

  #success(response: SipResponse, flow: Flow, invite: SipRequest): void {
    this.successes.push(response)
    if (this.repeatAck(response)) return

    const known = this.#forks.get(response.to.tag ?? '')
    if (known?.acknowledged === true) return

    // Which early dialog rang last is no matter: the first 2xx decides, from whichever branch it comes (§13.2.2.4).
    const surplus = super.dialog !== undefined && super.dialog.remoteTag !== response.to.tag
    const fork = known ?? this.#fork(response, flow)
    if (fork === undefined) return

    if (response.contacts().length === 0) this.trouble('2xx without Contact', 'RFC 3261 §12.1.1')

    if (fork.dialog.state === 'early') fork.dialog.confirm(response)

    if (surplus) {
      this.#drop(fork, invite)
      return
    }
    this.#agree(fork, response, invite)
  }

  /** The first 2xx: the call is established. */
  #agree(fork: Fork, response: SipResponse, invite: SipRequest): void {
    this.chooseDialog(fork.dialog)
    this.final = response
    this.setState('established', response.status)
    this.session.finished(true)
    this.session.offer = 'idle'
    const sdp = sdpOf(response)
    let answer: string | undefined
    let problem: string | undefined
    if (this.#offer === undefined && sdp !== undefined && fork.answer === undefined) {
      answer = this.#lateAnswer(sdp)
      problem = this.unacceptable
    } else if (this.#offer !== undefined && this.#heard !== fork) {
      const heard = fork.answer ?? sdp
      problem = heard === undefined ? 'no answer' : this.takeAnswer(heard)
      this.#heard = fork
    }
    if (sdp !== undefined) fork.answer ??= sdp

    let acknowledged = Promise.resolve()
    if (this.automatic.acknowledge) {
      fork.acknowledged = true
      acknowledged = this.sendAck(fork.dialog, invite, answer)
      this.#quietly(acknowledged)
    }
    if (problem !== undefined) {
      this.trouble(`2xx: ${problem}`, 'RFC 3261 §13.2.1')
      // Without a media session of ours, the session description is the scenario's business.
      if (this.media !== undefined) {
        this.#bye({ by: 'local', cause: 'error', message: response, what: problem }, acknowledged)
        return
      }
    }
    if (this.#givingUp !== undefined) {
      // RFC 3261 §15: the 2xx crossed the CANCEL.
      this.#bye({ by: 'local', cause: 'cancelled', message: response }, acknowledged)
    }
  }

  /** RFC 3261 §13.2.2.4: a 2xx of another fork is acknowledged and its dialog ended. */
  #drop(fork: Fork, invite: SipRequest): void {
    if (this.automatic.acknowledge) {
      fork.acknowledged = true
      this.#quietly(
        this.sendAck(fork.dialog, invite, undefined).then(async () => {
          if (this.automatic.dropSurplus) {
            await this.hangUpDialog(fork.dialog)
            fork.dialog.terminate()
            this.core.stack.removeDialog(fork.dialog.id)
          }
        }),
      )
    }
  }

  #bye(end: Omit<EndOfCall, 'at'>, after: Promise<void>): void {
    const dialog = this.dialog
    if (dialog === undefined) return

    this.#quietly(after.then(() => this.hangUpDialog(dialog)).then(() => this.release()))
    this.#answers(this.final)
    this.#end(end)
  }

  #lateAnswer(offer: string): string | undefined {
    const { lateAnswer } = this.#o
    if (lateAnswer === undefined) return this.answerLate(offer)

    this.remoteSdp = offer
    this.localSdp = typeof lateAnswer === 'string' ? lateAnswer : lateAnswer(offer)
    return this.localSdp
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
        this.core.clock.after(64 * this.core.timers.T1, () => this.#forgetForks(true))
      }
      return
    }
    this.session.finished(false)
    // RFC 3261 §12.3
    this.#forgetForks()
    if (final !== undefined) {
      const reason = final.headers.get('Reason')
      this.#end({
        by: this.#givingUp === undefined ? 'remote' : 'local',
        cause: this.#givingUp === undefined ? 'rejected' : 'cancelled',
        status: final.status,
        message: final,
        ...(reason === undefined ? {} : { reason }),
      })
      return
    }
    const cause = this.#givingUp !== undefined ? 'cancelled' : error === 'timeout' ? 'timeout' : 'error'
    this.#end({
      by: this.#givingUp === undefined ? 'nobody' : 'local',
      cause: error === 'stopped' ? 'stopped' : cause,
      status: this.exchange.status ?? 408,
      what: String(error),
    })
  }

  #end(end: Omit<EndOfCall, 'at'>): void {
    this.#rings(undefined)
    this.#answers(this.final)
    this.#ringTimer?.cancel()
    this.finish(end)
  }

  #fork(response: SipResponse, flow?: Flow): Fork | undefined {
    const tag = response.to.tag ?? ''
    const known = this.#forks.get(tag)
    if (known !== undefined || this.#invite === undefined) return known

    const dialog = Dialog.ofCaller(this.#invite, response, { overTls: flow?.transport === 'tls' })
    const fork: Fork = { dialog, answer: undefined, rseq: undefined, acknowledged: false }
    this.#forks.set(tag, fork)
    this.addDialog(dialog)
    if (response.status < 200) {
      // `call.dialog` is the latest early one until a 2xx chooses.
      this.#latest = dialog
    }
    return fork
  }

  #latest: Dialog | undefined

  override get dialog(): Dialog | undefined {
    return super.dialog ?? this.#latest
  }

  #forgetForks(onlyEarly = false): void {
    for (const [tag, { dialog }] of this.#forks) {
      if (!onlyEarly || dialog.state === 'early') {
        dialog.terminate()
        this.core.stack.removeDialog(dialog.id)
        this.#forks.delete(tag)
      }
    }
  }

  async #cancel(o: { readonly headers?: ExtraHeaders }): Promise<Exchange | undefined> {
    if (this.final !== undefined || this.state === 'ended') return undefined

    this.#givingUp = o
    this.#ringTimer?.cancel()
    const record = new ExchangeRecord('CANCEL', this.core.clock.now())
    const sent = new Promise<Exchange | undefined>((resolve) => {
      this.#cancelling = { record, resolve }
    })
    this.#sendCancel()
    const result = await Promise.race([sent, this.ended.then(() => 'over' as const)])
    if (result !== 'over') return result

    // The INVITE ended first (its 487 may overtake the CANCEL's 200); a CANCEL that went out still gets its answer.
    return record.requests.length > 0 && !this.#abandoned ? sent : undefined
  }

  #cancelling: { record: ExchangeRecord; resolve: (exchange: Exchange | undefined) => void } | undefined

  #sendCancel(): void {
    const { record, resolve } = this.#cancelling ?? {}
    if (this.#tx === undefined || record === undefined || resolve === undefined) return

    const done = () => {
      record.endedAt = this.core.clock.now()
      resolve(record)
    }
    const headers = Object.entries(this.#givingUp?.headers ?? {}).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    )
    // RFC 3261 §9.1: the transaction waits for a provisional response.
    this.#tx.cancel({
      headers,
      onSent: (cancel) => {
        record.requests.push(cancel.request)
        record.startedAt = this.core.clock.now()
        record.lastSentAt = record.startedAt
        this.core.emit({ kind: 'sent', message: cancel.request, call: this.id })
      },
      user: {
        onResponse: (response, flow) => {
          record.flow = flow
          if (response.status < 200) {
            record.provisionals.push(response)
          } else {
            record.final = response
            done()
          }
        },
        onTimeout: () => {
          record.error = 'timeout'
          done()
        },
        onTransportError: (error) => {
          record.error = error
          done()
        },
      },
    })
  }

  #quietly(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.trouble(String(error)))
  }
}
