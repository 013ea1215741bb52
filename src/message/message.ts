/** SIP messages: RFC 3261 §7. */
import { codedOf, endOfListItem } from './grammar.js'
import {
  type CSeq,
  type NameAddr,
  parseCSeq,
  parseNameAddr,
  parseNumber,
  parseVia,
  readCSeq,
  readNameAddr,
  readVia,
  type Via,
} from './header-values.js'
import { type Field, Headers, toByteString } from './headers.js'
import type { Source } from './source.js'
import { ParseError } from './violation.js'

export type { Params } from './params.js'
export {
  formatNameAddr,
  formatVia,
  type NameAddr,
  parseNameAddr,
  parseVia,
  type Via,
} from './header-values.js'
export { Headers } from './headers.js'
export { ParseError, type Violation } from './violation.js'

const NO_BODY = Buffer.alloc(0)

/**
 * What requests and responses have in common. The typed getters read the header field when first asked and remember
 * the value until the header fields change.
 */
abstract class Message {
  declare readonly headers: Headers
  declare protected readonly origin: Source | undefined
  /** Undefined: not looked at yet, it is the origin's. */
  declare private content: Buffer | undefined
  declare private ownBody: boolean
  declare private revision: number
  declare private memoVia: Via | undefined
  declare private memoFrom: NameAddr | undefined
  declare private memoTo: NameAddr | undefined
  declare private memoCSeq: CSeq | undefined

  constructor(headers: Headers, body: Buffer | undefined, origin: Source | undefined) {
    this.headers = headers
    this.origin = origin
    this.content = body
    this.ownBody = body !== undefined
    this.revision = headers.revision
    this.memoVia = undefined
    this.memoFrom = undefined
    this.memoTo = undefined
    this.memoCSeq = undefined
  }

  get body(): Buffer {
    if (this.content === undefined) {
      const { origin } = this
      this.content =
        origin === undefined || origin.bodyStart === origin.bodyEnd
          ? NO_BODY
          : origin.bytes.subarray(origin.bodyStart, origin.bodyEnd)
    }
    return this.content
  }

  /** Setting the body brings Content-Length up to date. */
  set body(body: Buffer) {
    this.content = body
    this.ownBody = true
    this.headers.set('Content-Length', String(body.length))
  }

  /** The body for a copy: undefined as long as it is the origin's. */
  protected get bodyOfCopy(): Buffer | undefined {
    return this.ownBody ? this.content : undefined
  }

  /** The topmost Via. @throws ParseError */
  get via(): Via {
    this.refresh()
    if (this.memoVia === undefined) {
      const field = this.need('via', 'Via', 'RFC 3261 §8.1.1.7')
      const { source } = field
      if (source !== undefined && source.ascii && !hasComma(source, field))
        this.memoVia = readVia(source, field.valueStart, field.end)
      else this.memoVia = readVia(codedOf(field.value), 0, endOfListItem(field.value, 0))
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
    this.memoFrom ??= addressIn(this.need('from', 'From', 'RFC 3261 §8.1.1.3'))
    return this.memoFrom
  }

  /** @throws ParseError */
  get to(): NameAddr {
    this.refresh()
    this.memoTo ??= addressIn(this.need('to', 'To', 'RFC 3261 §8.1.1.2'))
    return this.memoTo
  }

  /** @throws ParseError */
  get callId(): string {
    return this.need('call-id', 'Call-ID', 'RFC 3261 §8.1.1.4').value
  }

  /** @throws ParseError */
  get cseq(): CSeq {
    this.refresh()
    if (this.memoCSeq === undefined) {
      const field = this.need('cseq', 'CSeq', 'RFC 3261 §8.1.1.5')
      const { source } = field
      this.memoCSeq = source?.ascii === true ? readCSeq(source, field.valueStart, field.end) : parseCSeq(field.value)
    }
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
    const sameStart = origin !== undefined && this.startLineIsOriginalal()
    if (sameStart && this.headers.revision === 0 && !this.ownBody)
      return origin.bytes.subarray(origin.base, origin.bodyEnd)

    const startLine = sameStart ? origin.text.slice(0, origin.startLineEnd) : `${this.startLine()}\r\n`
    const head = `${startLine}${this.headers.wire()}\r\n`
    const { body } = this
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
  protected abstract startLineIsOriginalal(): boolean

  private refresh(): void {
    if (this.revision === this.headers.revision) return
    this.revision = this.headers.revision
    this.memoVia = undefined
    this.memoFrom = undefined
    this.memoTo = undefined
    this.memoCSeq = undefined
  }

  private need(key: string, name: string, rule: string): Field {
    const field = this.headers.field(key)
    if (field === undefined) throw new ParseError(`${key}-missing`, rule, `there is no ${name} header field`)
    return field
  }

  private number(key: string, rule: string): number | undefined {
    const field = this.headers.field(key)
    if (field === undefined) return undefined
    const { number } = field
    return Number.isNaN(number) ? parseNumber(field.value, `${key}-malformed`, rule) : number
  }
}

function hasComma(source: Source, field: Field): boolean {
  const comma = source.text.indexOf(',', field.valueStart)
  return comma >= 0 && comma < field.end
}

/** The address in a field of one address: in place where nothing has to be decoded or unfolded. */
function addressIn(field: Field): NameAddr {
  const { source } = field
  if (source === undefined || !source.ascii || field.folded) return parseNameAddr(field.value)
  return readNameAddr(source, field.valueStart, field.end)
}

/** A SIP request (RFC 3261 §7.1). */
export class SipRequest extends Message {
  declare readonly kind: 'request'
  declare method: string
  /** The Request-URI as written. */
  declare uri: string
  declare private readonly firstMethod: string
  declare private readonly firstUri: string

  /** @param origin what the message was parsed from; its body counts if `body` is undefined */
  constructor(method: string, uri: string, headers = new Headers(), body?: Buffer, origin?: Source) {
    super(headers, body, origin)
    this.kind = 'request'
    this.method = method
    this.uri = uri
    this.firstMethod = method
    this.firstUri = uri
  }

  /** A copy that can be changed without changing this one; the body's bytes are shared. */
  clone(): SipRequest {
    const headers = this.headers.clone()
    headers.revision = this.headers.revision
    if (this.startLineIsOriginalal())
      return new SipRequest(this.method, this.uri, headers, this.bodyOfCopy, this.origin)
    return new SipRequest(this.method, this.uri, headers, this.body)
  }

  protected override startLine(): string {
    return toByteString(`${this.method} ${this.uri} SIP/2.0`)
  }

  protected override startLineIsOriginalal(): boolean {
    return this.method === this.firstMethod && this.uri === this.firstUri
  }
}

/** A SIP response (RFC 3261 §7.2). */
export class SipResponse extends Message {
  declare readonly kind: 'response'
  declare status: number
  declare reason: string
  declare private readonly firstStatus: number
  declare private readonly firstReason: string

  /** @param origin what the message was parsed from; its body counts if `body` is undefined */
  constructor(status: number, reason: string, headers = new Headers(), body?: Buffer, origin?: Source) {
    super(headers, body, origin)
    this.kind = 'response'
    this.status = status
    this.reason = reason
    this.firstStatus = status
    this.firstReason = reason
  }

  /** A copy that can be changed without changing this one; the body's bytes are shared. */
  clone(): SipResponse {
    const headers = this.headers.clone()
    headers.revision = this.headers.revision
    if (this.startLineIsOriginalal())
      return new SipResponse(this.status, this.reason, headers, this.bodyOfCopy, this.origin)
    return new SipResponse(this.status, this.reason, headers, this.body)
  }

  protected override startLine(): string {
    return toByteString(`SIP/2.0 ${this.status} ${this.reason}`)
  }

  protected override startLineIsOriginalal(): boolean {
    return this.status === this.firstStatus && this.reason === this.firstReason
  }
}

export type SipMessage = SipRequest | SipResponse
