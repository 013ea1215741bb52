/** What stands in a message, for stories that look for something in it by a regular expression. */
import type { SipSighting } from '../evidence/record.js'

/**
 * The whole message as it was on the wire, its body (`'body'`), or the value of its first header field of a name. Empty where there is
 * no such message or field.
 */
export function textOf(seen: SipSighting | undefined, part?: 'body' | (string & {})): string {
  if (seen === undefined) return ''
  if (part === undefined) return seen.bytes.toString('latin1')
  return part === 'body' ? seen.message.body.toString('latin1') : (seen.message.headers.get(part) ?? '')
}
