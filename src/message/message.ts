import { endOfListItem } from './grammar.js'
import {
  type CSeq,
  internMethod,
  type NameAddr,
  parseCSeq,
  parseNameAddr,
  parseNumber,
  parseVia,
  type Via,
} from './header-values.js'
import { Headers, type Source, toByteString } from './headers.js'
import { ParseError } from './violation.js'

export { type Params, quote } from './grammar.js'
export {
  type CSeq,
  formatNameAddr,
  formatVia,
  type NameAddr,
  parseCSeq,
  parseNameAddr,
  parseVia,
  type Via,
} from './header-values.js'
export { Headers } from './headers.js'
export { ParseError, type Violation } from './violation.js'

const NO_BODY = Buffer.alloc(0)

/** What a message was parsed from: written again as it is when nothing was changed. */
export interface Origin extends Source {
  /** Range of the start line with its line end, in `text`. */
  readonly startLine: number
  readonly startLineEnd: number
  /** End of the empty line, in `text`. */
  readonly headEnd: number
  /** End of the body, in `bytes`. */
  readonly end: number
  readonly body: Buffer
}

/**
 * What requests and responses have in common. The typed getters read the header field when first asked and remember
 * the value until the header fields change.
 */
abstract class Message {
  readonly headers: Headers
  protected readonly origin: Origin | undefined
  private content: Buffer
  private revision: number
  private memoVia: Via | undefined
  private memoFrom: NameAddr | undefined
  private memoTo: NameAddr | undefined
  private memoCSeq: CSeq | undefined

  constructor(headers: Headers, body: Buffer, origin?: Origin) {
    this.headers = headers
    this.content = body
    this.origin = origin
    this.revision = headers.revision
    this.memoVia = undefined
    this.memoFrom = undefined
    this.memoTo = undefined
    this.memoCSeq = undefined
  }

  get body(): Buffer {
    return this.content
  }

  /** Setting the body brings Content-Length up to date. */
  set body(body: Buffer) {
    this.content = body
    this.headers.set('Content-Length', String(body.length))
  }

  /** The topmost Via. @throws ParseError */
  get via(): Via {
    this.refresh()
    if (this.memoVia === undefined) {
      const text = this.need('via', 'Via', 'RFC 3261 §8.1.1.7')
      const end = text.includes(',') ? endOfListItem(text, 0) : text.length
      this.memoVia = parseVia(end === text.length ? text : text.slice(0, end))
    }
    return this.memoVia
  }

  /** All Via values, top first. @throws ParseError */
  vias(): Via[] {
    return this.headers.values('via').map(parseVia)
  }

  /** @throws ParseError */
  get from(): NameAddr {
    this.refresh()
    this.memoFrom ??= parseNameAddr(this.need('from', 'From', 'RFC 3261 §8.1.1.3'))
    return this.memoFrom
  }

  /** @throws ParseError */
  get to(): NameAddr {
    this.refresh()
    this.memoTo ??= parseNameAddr(this.need('to', 'To', 'RFC 3261 §8.1.1.2'))
    return this.memoTo
  }

  /** @throws ParseError */
  get callId(): string {
    return this.need('call-id', 'Call-ID', 'RFC 3261 §8.1.1.4')
  }

  /** @throws ParseError */
  get cseq(): CSeq {
    this.refresh()
    this.memoCSeq ??= parseCSeq(this.need('cseq', 'CSeq', 'RFC 3261 §8.1.1.5'))
    return this.memoCSeq
  }

  /** Contact values; `'*'` for the wildcard; empty when there is none. @throws ParseError */
  contacts(): NameAddr[] | '*' {
    const values = this.headers.values('contact')
    if (values.length === 1 && values[0] === '*') return '*'
    return values.map(parseNameAddr)
  }

  /** Route values. @throws ParseError */
  routes(): NameAddr[] {
    return this.headers.values('route').map(parseNameAddr)
  }

  /** Record-Route values. @throws ParseError */
  recordRoutes(): NameAddr[] {
    return this.headers.values('record-route').map(parseNameAddr)
  }

  /** @throws ParseError when malformed */
  get maxForwards(): number | undefined {
    return this.number('max-forwards', 'RFC 3261 §20.22')
  }

  /** Seconds. @throws ParseError when malformed */
  get expires(): number | undefined {
    return this.number('expires', 'RFC 3261 §20.19')
  }

  /** Bytes, as the header field says. @throws ParseError when malformed */
  get contentLength(): number | undefined {
    return this.number('content-length', 'RFC 3261 §20.14')
  }

  /** Media type in lower case without parameters. */
  get contentType(): string | undefined {
    const value = this.headers.field('content-type')?.value
    if (value === undefined) return undefined
    const semicolon = value.indexOf(';')
    return (semicolon < 0 ? value : value.slice(0, semicolon)).replace(/\s+/g, '').toLowerCase()
  }

  /**
   * The message as bytes. What was parsed and not changed comes out byte for byte; excess bytes after the body of a
   * datagram do not belong to it. Do not write into the buffer: it may be the one that was received.
   */
  toBytes(): Buffer {
    const { origin } = this
    const sameStart = origin !== undefined && this.startLineIsOriginal()
    if (sameStart && this.headers.revision === 0 && this.content === origin.body) {
      return origin.bytes.subarray(origin.base + origin.startLine, origin.end)
    }
    const startLine = sameStart ? origin.text.slice(origin.startLine, origin.startLineEnd) : `${this.startLine()}\r\n`
    const head = `${startLine}${this.headers.wire()}\r\n`
    const body = this.content
    const bytes = Buffer.allocUnsafe(head.length + body.length)
    bytes.write(head, 0, 'latin1')
    if (body.length > 0) body.copy(bytes, head.length)
    return bytes
  }

  /** For logs and tests: the whole message as text. */
  toString(): string {
    return this.toBytes().toString('utf8')
  }

  protected abstract startLine(): string
  protected abstract startLineIsOriginal(): boolean

  private refresh(): void {
    if (this.revision === this.headers.revision) return
    this.revision = this.headers.revision
    this.memoVia = undefined
    this.memoFrom = undefined
    this.memoTo = undefined
    this.memoCSeq = undefined
  }

  private need(key: string, name: string, rule: string): string {
    const field = this.headers.field(key)
    if (field === undefined) throw new ParseError(`${key}-missing`, rule, `there is no ${name} header field`)
    return field.value
  }

  private number(key: string, rule: string): number | undefined {
    const field = this.headers.field(key)
    return field === undefined ? undefined : parseNumber(field.value, `${key}-malformed`, rule)
  }
}

/** A SIP request (RFC 3261 §7.1). */
export class SipRequest extends Message {
  readonly kind = 'request'
  method: string
  /** The Request-URI as written. */
  uri: string
  private readonly firstMethod: string
  private readonly firstUri: string

  constructor(method: string, uri: string, headers = new Headers(), body: Buffer = NO_BODY, origin?: Origin) {
    super(headers, body, origin)
    this.method = internMethod(method)
    this.uri = uri
    this.firstMethod = this.method
    this.firstUri = uri
  }

  /** A copy that can be changed without changing this one; the body's bytes are shared. */
  clone(): SipRequest {
    const original = this.startLineIsOriginal()
    const headers = this.headers.clone()
    headers.revision = this.headers.revision
    return new SipRequest(this.method, this.uri, headers, this.body, original ? this.origin : undefined)
  }

  protected override startLine(): string {
    return toByteString(`${this.method} ${this.uri} SIP/2.0`)
  }

  protected override startLineIsOriginal(): boolean {
    return this.method === this.firstMethod && this.uri === this.firstUri
  }
}

/** A SIP response (RFC 3261 §7.2). */
export class SipResponse extends Message {
  readonly kind = 'response'
  status: number
  reason: string
  private readonly firstStatus: number
  private readonly firstReason: string

  constructor(status: number, reason: string, headers = new Headers(), body: Buffer = NO_BODY, origin?: Origin) {
    super(headers, body, origin)
    this.status = status
    this.reason = reason
    this.firstStatus = status
    this.firstReason = reason
  }

  /** A copy that can be changed without changing this one; the body's bytes are shared. */
  clone(): SipResponse {
    const original = this.startLineIsOriginal()
    const headers = this.headers.clone()
    headers.revision = this.headers.revision
    return new SipResponse(this.status, this.reason, headers, this.body, original ? this.origin : undefined)
  }

  protected override startLine(): string {
    return toByteString(`SIP/2.0 ${this.status} ${this.reason}`)
  }

  protected override startLineIsOriginal(): boolean {
    return this.status === this.firstStatus && this.reason === this.firstReason
  }
}

export type SipMessage = SipRequest | SipResponse
