/** Reading header fields that may be unreadable. */
import { ParseError, type SipRequest, type SipResponse, type Via } from '../message/message.js'

/** What `read` gives, or undefined where a field breaks its grammar: the parser has named that already. */
export function quietly<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof ParseError) return undefined
    throw error
  }
}

/** All Via values; where there is one only, as nearly always, the one that is remembered. @throws ParseError */
export function viasOf(message: SipRequest | SipResponse): readonly Via[] {
  const fields = message.headers.all('via')
  return fields.length === 1 && fields[0]?.includes(',') !== true ? [message.via] : message.vias()
}
