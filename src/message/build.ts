/** Composes requests and responses: RFC 3261 §8.1.1 and §8.2.6. */
import { formatNameAddr, formatVia } from './header-values.js'
import { Field } from './headers.js'
import { Headers, type NameAddr, SipRequest, SipResponse, type Via } from './message.js'

export type ViaInput = Partial<Via> & Pick<Via, 'transport' | 'host'>
export type NameAddrInput = Partial<NameAddr> & Pick<NameAddr, 'uri'>
export type HeaderList = Iterable<readonly [name: string, value: string]>

export interface RequestOptions {
  readonly method: string
  readonly uri: string
  readonly from: string | NameAddrInput
  readonly to: string | NameAddrInput
  readonly callId: string
  /** The number alone: the method is the request's. */
  readonly cseq: number | { readonly number: number; readonly method: string }
  readonly via?: string | ViaInput | undefined
  readonly contact?: string | NameAddrInput | undefined
  /** 70 unless told; `null`: no such header field. */
  readonly maxForwards?: number | null | undefined
  /** Added as they are, in order. */
  readonly headers?: HeaderList | undefined
  readonly body?: Buffer | string | undefined
  readonly contentType?: string | undefined
}

export interface ResponseOptions {
  /** Added to To when it has no tag yet and the status is not 100. */
  readonly toTag?: string | undefined
  readonly contact?: string | NameAddrInput | undefined
  /** Added as they are, in order. */
  readonly headers?: HeaderList | undefined
  readonly body?: Buffer | string | undefined
  readonly contentType?: string | undefined
}

/** Builds a request (RFC 3261 §8.1.1). Content-Length is always there. */
export function createRequest(o: RequestOptions): SipRequest {
  const cseq = typeof o.cseq === 'number' ? `${o.cseq} ${o.method}` : `${o.cseq.number} ${o.cseq.method}`
  const list: Field[] = []
  if (o.via !== undefined) list.push(Field.clean('Via', typeof o.via === 'string' ? o.via : formatVia(o.via)))
  if (o.maxForwards !== null) list.push(o.maxForwards === undefined ? SEVENTY : maxForwards(o.maxForwards))
  list.push(Field.clean('From', address(o.from)), Field.clean('To', address(o.to)))
  list.push(Field.clean('Call-ID', o.callId), Field.clean('CSeq', cseq))
  const body = finish(list, o)
  return new SipRequest(o.method, o.uri, new Headers(undefined, list), body)
}

/**
 * Builds a response to a request (RFC 3261 §8.2.6): Via, From, To, Call-ID and CSeq are copied as they came, Timestamp
 * too into a 100, Record-Route into what may make a dialog (§12.1.1).
 */
export function createResponse(
  request: SipRequest,
  status: number,
  reason?: string,
  o: ResponseOptions = {},
): SipResponse {
  const list: Field[] = []
  for (const field of request.headers.list()) {
    switch (field.key) {
      case 'via':
      case 'from':
      case 'call-id':
      case 'cseq':
        list.push(Field.clean(field.name, field.value))
        break
      case 'to':
        list.push(
          Field.clean(
            field.name,
            status === 100 || o.toTag === undefined ? field.value : withTag(field.value, o.toTag),
          ),
        )
        break
      case 'timestamp':
        if (status === 100) list.push(Field.clean(field.name, field.value))
        break
      // RFC 3261 §12.1.1: the UAS copies all Record-Route values into a response that establishes a dialog.
      case 'record-route':
        if (status > 100 && status < 300 && DIALOG_METHODS.has(request.method))
          list.push(Field.clean(field.name, field.value))
        break
      default:
    }
  }
  const body = finish(list, o)
  return new SipResponse(status, reason ?? reasonPhrase(status), new Headers(undefined, list), body)
}

const DIALOG_METHODS = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY'])

const TAG = /;\s*tag\s*=/i

function withTag(to: string, tag: string): string {
  // Parameters of the URI stand before the '>', a tag of the header field after it.
  const params = to.slice(to.lastIndexOf('>') + 1)
  return TAG.test(params) ? to : `${to};tag=${tag}`
}

function address(value: string | NameAddrInput): string {
  return typeof value === 'string' ? value : formatNameAddr(value)
}

function finish(list: Field[], o: ResponseOptions): Buffer {
  if (o.contact !== undefined) list.push(Field.clean('Contact', address(o.contact)))
  if (o.headers !== undefined) for (const [name, value] of o.headers) list.push(Field.clean(name, value))
  const body = typeof o.body === 'string' ? Buffer.from(o.body, 'utf8') : (o.body ?? NO_BODY)
  if (o.contentType !== undefined) list.push(Field.clean('Content-Type', o.contentType))
  list.push(body.length === 0 ? NO_LENGTH : Field.of('Content-Length', String(body.length)))
  return body
}

const NO_BODY = Buffer.alloc(0)
// Fields are never changed, so messages may share those that most of them have.
const SEVENTY = Field.of('Max-Forwards', '70')
const NO_LENGTH = Field.of('Content-Length', '0')

function maxForwards(hops: number): Field {
  return Field.of('Max-Forwards', String(hops))
}

/** Phrases of RFC 3261 §21 and the extensions' own RFCs, as IANA lists them. */
const REASONS = new Map<number, string>([
  [100, 'Trying'],
  [180, 'Ringing'],
  [181, 'Call Is Being Forwarded'],
  [182, 'Queued'],
  [183, 'Session Progress'],
  [199, 'Early Dialog Terminated'],
  [200, 'OK'],
  [202, 'Accepted'],
  [204, 'No Notification'],
  [300, 'Multiple Choices'],
  [301, 'Moved Permanently'],
  [302, 'Moved Temporarily'],
  [305, 'Use Proxy'],
  [380, 'Alternative Service'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [402, 'Payment Required'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [406, 'Not Acceptable'],
  [407, 'Proxy Authentication Required'],
  [408, 'Request Timeout'],
  [410, 'Gone'],
  [412, 'Conditional Request Failed'],
  [413, 'Request Entity Too Large'],
  [414, 'Request-URI Too Long'],
  [415, 'Unsupported Media Type'],
  [416, 'Unsupported URI Scheme'],
  [417, 'Unknown Resource-Priority'],
  [420, 'Bad Extension'],
  [421, 'Extension Required'],
  [422, 'Session Interval Too Small'],
  [423, 'Interval Too Brief'],
  [424, 'Bad Location Information'],
  [428, 'Use Identity Header'],
  [429, 'Provide Referrer Identity'],
  [430, 'Flow Failed'],
  [433, 'Anonymity Disallowed'],
  [436, 'Bad Identity-Info'],
  [437, 'Unsupported Certificate'],
  [438, 'Invalid Identity Header'],
  [439, 'First Hop Lacks Outbound Support'],
  [440, 'Max-Breadth Exceeded'],
  [469, 'Bad Info Package'],
  [470, 'Consent Needed'],
  [480, 'Temporarily Unavailable'],
  [481, 'Call/Transaction Does Not Exist'],
  [482, 'Loop Detected'],
  [483, 'Too Many Hops'],
  [484, 'Address Incomplete'],
  [485, 'Ambiguous'],
  [486, 'Busy Here'],
  [487, 'Request Terminated'],
  [488, 'Not Acceptable Here'],
  [489, 'Bad Event'],
  [491, 'Request Pending'],
  [493, 'Undecipherable'],
  [494, 'Security Agreement Required'],
  [500, 'Server Internal Error'],
  [501, 'Not Implemented'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Server Time-out'],
  [505, 'Version Not Supported'],
  [513, 'Message Too Large'],
  [555, 'Push Notification Service Not Supported'],
  [580, 'Precondition Failure'],
  [600, 'Busy Everywhere'],
  [603, 'Decline'],
  [604, 'Does Not Exist Anywhere'],
  [606, 'Not Acceptable'],
  [607, 'Unwanted'],
  [608, 'Rejected'],
])

/** The reason phrase for a status code, `Unknown` for unregistered ones. */
export function reasonPhrase(status: number): string {
  return REASONS.get(status) ?? 'Unknown'
}
