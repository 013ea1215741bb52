import type { SipMessage } from './message.js'
import type { Violation } from './violation.js'

export type { Violation } from './violation.js'

export interface ParseOptions {
  /** `strict` names every violation; `fast` only those that make a message unusable. */
  readonly mode: 'strict' | 'fast'
  /**
   * RFC 3261 §18.3. `datagram` (the default): no Content-Length means the rest of the datagram, excess bytes are
   * discarded, a short body is a violation (`body-truncated`). `stream`: Content-Length says where the message ends.
   */
  readonly framing?: 'datagram' | 'stream'
}

export interface ParseResult {
  /** Undefined: not a SIP message, or (stream) not complete yet. */
  readonly message: SipMessage | undefined
  readonly violations: Violation[]
  /** Bytes that this message, or the empty lines before the next, took; 0: nothing could be taken yet. */
  readonly consumed: number
  /** Stream only: the header fields are complete, and the message will be when the buffer holds this many bytes. */
  readonly needed?: number
}

/** Parses one message at the start of `bytes`. Never throws. The message keeps a reference to `bytes`. */
export function parseMessage(_bytes: Buffer, _o: ParseOptions): ParseResult {
  throw new Error('not yet')
}
