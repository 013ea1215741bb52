/** What a call does about REFER, its own and the other side's, and about the NOTIFYs of it (RFC 3515). */
import type { Dialog } from '../dialog/dialog.js'
import { parseEvent, parseSubscriptionState } from '../message/event.js'
import { parseNameAddr, type SipRequest } from '../message/message.js'
import { formatUri, parseUri, type SipUri, unescape } from '../message/uri.js'
import type { ServerTransaction } from '../transaction/transaction.js'
import { isForeseen } from '../transport/foreseen.js'
import type { AgentCore, Conversation } from './agent-core.js'
import type { CallState } from './call.js'
import type { RequestOptions } from './exchange.js'
import { ExchangeRecord } from './exchange-record.js'
import { hopBack } from './hops.js'
import type { IncomingReferral, Referral, ReferOptions } from './referral.js'

/** The call, as its referrals see it. */
export interface ReferringCall {
  readonly core: AgentCore
  readonly localTag: string
  readonly state: CallState
  ask(dialog: Dialog, method: string, o: RequestOptions, more?: Partial<Conversation>): Promise<ExchangeRecord>
}

/** Seconds for which the other side is told how a transfer goes. */
const LASTS_S = 180

class AskedReferral implements Referral {
  readonly exchange: ExchangeRecord
  readonly notices: SipRequest[] = []
  readonly statuses: number[] = []
  readonly outcome: Promise<number | undefined>
  isOver = false
  #over: (status: number | undefined) => void = () => {}

  constructor(exchange: ExchangeRecord) {
    this.exchange = exchange
    this.outcome = new Promise((resolve) => {
      this.#over = resolve
    })
  }

  takes(notice: SipRequest): void {
    this.notices.push(notice)
    const status = statusIn(notice)
    if (status !== undefined) this.statuses.push(status)

    const isOver = parseSubscriptionState(notice.headers.get('Subscription-State'))?.state === 'terminated'
    if (isOver || (status ?? 0) >= 200) this.end(status !== undefined && status >= 200 ? status : undefined)
  }

  end(status?: number): void {
    this.isOver = true
    this.#over(status)
  }
}

export class Referrals {
  readonly #call: ReferringCall
  readonly #asked: AskedReferral[] = []
  #received = 0
  #told: Promise<void> = Promise.resolve()

  constructor(call: ReferringCall) {
    this.#call = call
  }

  /** Resolves with the answer to the REFER; its NOTIFYs may have begun before. */
  async refer(dialog: Dialog, to: string, o: ReferOptions): Promise<Referral> {
    const { core } = this.#call
    const referral = new AskedReferral(new ExchangeRecord('REFER', core.clock.now()))
    this.#asked.push(referral)
    const { referredBy = `<${core.aor}>`, ...rest } = o
    const headers = {
      'Refer-To': `<${to}>`,
      ...(referredBy === false ? {} : { 'Referred-By': referredBy }),
      ...rest.headers,
    }
    await this.#call.ask(dialog, 'REFER', { ...rest, headers }, { record: referral.exchange })
    const { final } = referral.exchange
    if (final === undefined || final.status >= 300) referral.end()

    return referral
  }

  /** A NOTIFY of a transfer that was asked for; false: it is of none. */
  serveNotify(tx: ServerTransaction): boolean {
    const event = parseEvent(tx.request.headers.get('Event'))
    if (event?.type.toLowerCase() !== 'refer') return false

    // §2.4.6: the id is the number of the REFER; the first one may come without, and back-to-back agents have numbers of their own.
    const referral =
      this.#asked.find(({ exchange }) => exchange.requests.some(({ cseq }) => String(cseq.number) === event.id)) ??
      this.#asked.find(({ isOver }) => !isOver) ??
      this.#asked.at(-1)
    if (referral === undefined) return false

    this.#call.core.respond(tx, this.#call.localTag, { status: 200 })
    referral.takes(tx.request)
    return true
  }

  serveRefer(tx: ServerTransaction, dialog: Dialog): void {
    const { core, localTag } = this.#call
    const refuse = (status: number, reason?: string) =>
      core.respond(tx, localTag, { status, ...(reason === undefined ? {} : { reason }) })
    const { request } = tx
    const [referTo, ...more] = request.headers.all('Refer-To')
    // §2.4.2
    if (referTo === undefined || more.length > 0) {
      refuse(400)
      return
    }
    const { onRefer } = core
    if (onRefer === undefined) {
      refuse(603)
      return
    }
    this.#received += 1
    // §2.4.6
    const event = this.#received === 1 ? 'refer' : `refer;id=${request.cseq.number}`
    let uri: SipUri
    try {
      uri = parseUri(parseNameAddr(referTo).uri)
    } catch (error) {
      if (!isForeseen(error)) throw error
      refuse(400)
      return
    }
    const named = [...uri.headers].map(([name, value]): [string, string] => [name, unescape(value ?? '')])
    const referredBy = request.headers.get('Referred-By')
    const referral: IncomingReferral = {
      request,
      to: formatUri({ ...uri, headers: new Map() }),
      // RFC 3892 §2.2
      headers: { ...Object.fromEntries(named), ...(referredBy === undefined ? {} : { 'Referred-By': referredBy }) },
      refuse,
      accept: () => {
        core.respond(tx, localTag, { status: 202, headers: { Contact: `<${core.contactFor(hopBack(tx.flow))}>` } })
        this.#tell(dialog, event, 100, 'Trying')
      },
      tells: (status, reason) => this.#tell(dialog, event, status, reason),
    }
    onRefer(referral)
  }

  /** The call is over: nothing more is told. */
  end(): void {
    for (const referral of this.#asked) referral.end()
  }

  /** One after the other, so that they arrive in order. */
  #tell(dialog: Dialog, event: string, status: number, reason: string): void {
    this.#told = this.#told.then(() => this.#notify(dialog, event, status, reason))
    this.#call.core.unattended(this.#told)
  }

  async #notify(dialog: Dialog, event: string, status: number, reason: string): Promise<void> {
    if (this.#call.state === 'ended') return

    await this.#call.ask(dialog, 'NOTIFY', {
      headers: {
        Event: event,
        // §2.4.7
        'Subscription-State': status >= 200 ? 'terminated;reason=noresource' : `active;expires=${LASTS_S}`,
      },
      body: `${`SIP/2.0 ${status} ${reason}`.trimEnd()}\r\n`,
      contentType: 'message/sipfrag;version=2.0',
    })
  }
}

/** §2.4.5: the body begins with a status line. */
function statusIn(notice: SipRequest): number | undefined {
  const status = /^SIP\/2\.0 ([1-6]\d\d)\b/i.exec(notice.body.toString('latin1', 0, 100))?.[1]
  return status === undefined ? undefined : Number(status)
}
