/** Dialogs: RFC 3261 §12. */
import { createRequest, type HeaderList } from '../message/build.js'
import type { NameAddr, SipRequest, SipResponse } from '../message/message.js'
import { formatUri, parseUri } from '../message/uri.js'

export type DialogState = 'early' | 'confirmed' | 'terminated'

/** Name and URI of one party, without tag. */
export type Party = Pick<NameAddr, 'display' | 'uri'>

export interface DialogRequestOptions {
  /** Another CSeq number than the next one; the dialog's count does not change then. */
  readonly cseq?: number
  /** Contact URI; target refresh requests carry one (RFC 3261 §12.2.1.1). */
  readonly contact?: string | undefined
  readonly headers?: HeaderList | undefined
  readonly body?: Buffer | string | undefined
  readonly contentType?: string | undefined
}

/** What a dialog says to a request that arrived in it. */
export type Admission = { readonly ok: true } | { readonly ok: false; readonly status: number }

/**
 * The state that RFC 3261 §12 keeps for one peer-to-peer relationship. Pure: makes requests and judges received ones,
 * sends nothing.
 */
export class Dialog {
  readonly callId: string
  /** Undefined: the peer or we follow RFC 2543, which knew no tags (RFC 3261 §12.1.1). */
  readonly localTag: string | undefined
  readonly remoteTag: string | undefined
  readonly local: Party
  readonly remote: Party
  /** Did we make the Call-ID? (Glare back-off, RFC 3261 §14.1.) */
  readonly ownsCallId: boolean
  /** RFC 3261 §12.1: established over TLS with a SIPS Request-URI. */
  readonly secure: boolean
  /** URIs in the order in which a request of ours visits them. */
  routeSet: readonly string[]
  remoteTarget: string
  /** Last CSeq number sent and received, undefined before the first. */
  localSequence: number | undefined
  remoteSequence: number | undefined
  state: DialogState

  private constructor(o: {
    callId: string
    localTag: string | undefined
    remoteTag: string | undefined
    local: NameAddr
    remote: NameAddr
    ownsCallId: boolean
    secure: boolean
    routeSet: readonly string[]
    remoteTarget: string
    localSequence: number | undefined
    remoteSequence: number | undefined
    state: DialogState
  }) {
    this.callId = o.callId
    this.localTag = o.localTag
    this.remoteTag = o.remoteTag
    this.local = party(o.local)
    this.remote = party(o.remote)
    this.ownsCallId = o.ownsCallId
    this.secure = o.secure
    this.routeSet = o.routeSet
    this.remoteTarget = o.remoteTarget
    this.localSequence = o.localSequence
    this.remoteSequence = o.remoteSequence
    this.state = o.state
  }

  /**
   * The caller's side, from the INVITE sent and a response of 101 to 299.
   * A response without Contact breaks §12.1.1; the INVITE's Request-URI stands in for the remote target then.
   * @throws ParseError for malformed From, To, Contact or Record-Route
   */
  static ofCaller(invite: SipRequest, response: SipResponse, o: { readonly overTls?: boolean } = {}): Dialog {
    // RFC 3261 §12.1.2
    return new Dialog({
      callId: invite.callId,
      localTag: invite.from.tag,
      remoteTag: response.to.tag,
      local: invite.from,
      remote: response.to,
      ownsCallId: true,
      secure: o.overTls === true && isSips(invite.uri),
      routeSet: callerRouteSet(response),
      remoteTarget: contactUri(response) ?? invite.uri,
      localSequence: invite.cseq.number,
      remoteSequence: undefined,
      state: response.status < 200 ? 'early' : 'confirmed',
    })
  }

  /**
   * The callee's side, from the INVITE received and the tag that the response puts into To.
   * @throws ParseError for malformed From, To, Contact or Record-Route
   */
  static ofCallee(
    invite: SipRequest,
    localTag: string,
    o: { readonly overTls?: boolean; readonly state?: DialogState } = {},
  ): Dialog {
    // RFC 3261 §12.1.1
    return new Dialog({
      callId: invite.callId,
      localTag,
      remoteTag: invite.from.tag,
      local: invite.to,
      remote: invite.from,
      ownsCallId: false,
      secure: o.overTls === true && isSips(invite.uri),
      routeSet: invite.recordRoutes().map((route) => route.uri),
      remoteTarget: contactUri(invite) ?? invite.from.uri,
      localSequence: undefined,
      remoteSequence: invite.cseq.number,
      state: o.state ?? 'early',
    })
  }

  /** Call-ID, local tag, remote tag (RFC 3261 §12). */
  get id(): string {
    return dialogId(this.callId, this.localTag, this.remoteTag)
  }

  /** The 2xx that turns the early dialog into a confirmed one (RFC 3261 §13.2.2.4). */
  confirm(response: SipResponse): void {
    this.state = 'confirmed'
    this.routeSet = callerRouteSet(response)
    this.refreshTarget(response)
  }

  /** Contact of a target refresh request or of its 2xx (RFC 3261 §12.2.1.2, §12.2.2). */
  refreshTarget(message: SipRequest | SipResponse): void {
    this.remoteTarget = contactUri(message) ?? this.remoteTarget
  }

  terminate(): void {
    this.state = 'terminated'
  }

  /**
   * The next request of ours in this dialog (RFC 3261 §12.2.1.1), CSeq counted on. No Via.
   * @param firstSequence CSeq number where we have sent none yet
   */
  request(method: string, o: DialogRequestOptions = {}, firstSequence = 1): SipRequest {
    let cseq = o.cseq
    if (cseq === undefined) {
      cseq = this.localSequence === undefined ? firstSequence : this.localSequence + 1
      this.localSequence = cseq
    }
    return this.#compose(method, cseq, o)
  }

  /** ACK for a 2xx: the CSeq number is the INVITE's (RFC 3261 §13.2.2.4). */
  ack(inviteSequence: number, o: Omit<DialogRequestOptions, 'cseq'> = {}): SipRequest {
    return this.#compose('ACK', inviteSequence, o)
  }

  /**
   * The URI whose host a request of this dialog is sent to (RFC 3261 §8.1.2): the first of the route set, else the
   * remote target. (A strict router stands in the Request-URI, which is the first of the route set as well.)
   */
  get nextHop(): string {
    return this.routeSet[0] ?? this.remoteTarget
  }

  /** Judges the CSeq of a received request and keeps count (RFC 3261 §12.2.2). ACK and CANCEL carry another's number. */
  admit(request: SipRequest): Admission {
    if (request.method === 'ACK' || request.method === 'CANCEL') return { ok: true }

    const { number } = request.cseq
    // §12.2.2 asks for 500 where the number is lower. Numbers strictly rise (§12.2.1.1), and repeats end in the
    // transaction layer, so an equal number is out of order as well.
    if (this.remoteSequence !== undefined && number <= this.remoteSequence) return { ok: false, status: 500 }

    this.remoteSequence = number
    return { ok: true }
  }

  #compose(method: string, cseq: number, o: DialogRequestOptions): SipRequest {
    const first = this.routeSet[0]
    let uri = this.remoteTarget
    let route: readonly string[] = this.routeSet
    if (first !== undefined && !isLoose(first)) {
      // RFC 3261 §12.2.1.1: a strict router wants to see itself in the Request-URI; the target goes last.
      uri = asRequestUri(first)
      route = [...this.routeSet.slice(1), this.remoteTarget]
    }
    return createRequest({
      method,
      uri,
      from: { display: this.local.display, uri: this.local.uri, tag: this.localTag },
      to: { display: this.remote.display, uri: this.remote.uri, tag: this.remoteTag },
      callId: this.callId,
      cseq,
      contact: o.contact,
      headers: [...route.map((entry): [string, string] => ['Route', `<${entry}>`]), ...(o.headers ?? [])],
      body: o.body,
      contentType: o.contentType,
    })
  }
}

/** Key of a dialog among those of a user agent (RFC 3261 §12). */
export function dialogId(callId: string, localTag: string | undefined, remoteTag: string | undefined): string {
  return `${callId}\n${localTag ?? ''}\n${remoteTag ?? ''}`
}

/** Has the URI the `lr` parameter, is its host a loose router? (RFC 3261 §19.1.1) */
export function isLoose(uri: string): boolean {
  return parseUri(uri).params.has('lr')
}

/** A URI without what may not stand in a Request-URI: method parameter and headers (RFC 3261 §19.1.1, table 1). */
export function asRequestUri(uri: string): string {
  const parsed = parseUri(uri)
  if (!parsed.params.has('method') && parsed.headers.size === 0) return uri

  const params = new Map(parsed.params)
  params.delete('method')
  return formatUri({ ...parsed, params, headers: new Map() })
}

function callerRouteSet(response: SipResponse): string[] {
  // RFC 3261 §12.1.2: Record-Route in reverse.
  return response
    .recordRoutes()
    .map((route) => route.uri)
    .toReversed()
}

function contactUri(message: SipRequest | SipResponse): string | undefined {
  const contacts = message.contacts()
  return contacts === '*' ? undefined : contacts[0]?.uri
}

function isSips(uri: string): boolean {
  return /^sips:/i.test(uri)
}

function party({ display, uri }: NameAddr): Party {
  return { display, uri }
}
