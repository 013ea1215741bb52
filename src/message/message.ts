import type { CSeq, NameAddr, Via } from './header-values.js'
import { Headers } from './headers.js'

export type { Params } from './grammar.js'
export { Headers } from './headers.js'
export {
  type CSeq,
  formatNameAddr,
  formatVia,
  type NameAddr,
  parseNameAddr,
  parseVia,
  type Via,
} from './header-values.js'
export { ParseError, type Violation } from './violation.js'

abstract class Message {
  readonly headers: Headers

  constructor(headers: Headers, _body: Buffer) {
    this.headers = headers
  }

  get body(): Buffer {
    throw new Error('not yet')
  }

  /** Setting the body brings Content-Length up to date. */
  set body(_body: Buffer) {
    throw new Error('not yet')
  }

  /** The topmost Via. @throws ParseError */
  get via(): Via {
    throw new Error('not yet')
  }
  /** @throws ParseError */
  vias(): Via[] {
    throw new Error('not yet')
  }
  /** @throws ParseError */
  get from(): NameAddr {
    throw new Error('not yet')
  }
  /** @throws ParseError */
  get to(): NameAddr {
    throw new Error('not yet')
  }
  /** @throws ParseError */
  get callId(): string {
    throw new Error('not yet')
  }
  /** @throws ParseError */
  get cseq(): CSeq {
    throw new Error('not yet')
  }
  /** Contact values; `'*'` for the wildcard; empty when there is none. @throws ParseError */
  contacts(): NameAddr[] | '*' {
    throw new Error('not yet')
  }
  /** Route values. @throws ParseError */
  routes(): NameAddr[] {
    throw new Error('not yet')
  }
  /** Record-Route values. @throws ParseError */
  recordRoutes(): NameAddr[] {
    throw new Error('not yet')
  }
  /** @throws ParseError when malformed */
  get maxForwards(): number | undefined {
    throw new Error('not yet')
  }
  /** Seconds. @throws ParseError when malformed */
  get expires(): number | undefined {
    throw new Error('not yet')
  }
  /** @throws ParseError when malformed */
  get contentLength(): number | undefined {
    throw new Error('not yet')
  }
  /** Media type in lower case without parameters. */
  get contentType(): string | undefined {
    throw new Error('not yet')
  }
  /** The message as bytes; an untouched parsed message gives the bytes that came. */
  toBytes(): Buffer {
    throw new Error('not yet')
  }
}

export class SipRequest extends Message {
  readonly kind = 'request'
  method: string
  uri: string

  constructor(method: string, uri: string, headers = new Headers(), body: Buffer = Buffer.alloc(0)) {
    super(headers, body)
    this.method = method
    this.uri = uri
  }

  clone(): SipRequest {
    throw new Error('not yet')
  }
}

export class SipResponse extends Message {
  readonly kind = 'response'
  status: number
  reason: string

  constructor(status: number, reason: string, headers = new Headers(), body: Buffer = Buffer.alloc(0)) {
    super(headers, body)
    this.status = status
    this.reason = reason
  }

  clone(): SipResponse {
    throw new Error('not yet')
  }
}

export type SipMessage = SipRequest | SipResponse
