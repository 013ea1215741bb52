import type { Origin, SipMessage } from './message.js'
import type { Violation } from './violation.js'

/** Which header fields every message has (RFC 3261 §8.1.1, §8.2.6.2). */
const MANDATORY = [
  ['via', 'Via', 'RFC 3261 §8.1.1.7'],
  ['from', 'From', 'RFC 3261 §8.1.1.3'],
  ['to', 'To', 'RFC 3261 §8.1.1.2'],
  ['call-id', 'Call-ID', 'RFC 3261 §8.1.1.4'],
  ['cseq', 'CSeq', 'RFC 3261 §8.1.1.5'],
] as const

export interface CheckOptions {
  readonly strict: boolean
  readonly stream: boolean
  /** Bytes after the body of a datagram. */
  readonly excess: number
}

export function checkMessage(message: SipMessage, origin: Origin, _o: CheckOptions, violations: Violation[]): void {
  for (const [key, name, rule] of MANDATORY) {
    if (message.headers.field(key) !== undefined) continue
    violations.push({
      code: `${key}-missing`,
      rule,
      offset: origin.base,
      expected: `a ${name} header field`,
      actual: 'none',
      status: 400,
    })
  }
}
