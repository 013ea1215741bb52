/** Lines of one's own in a session description that the telephone writes. */
import type { SipMessage } from '../message/message.js'

/**
 * For the option `edit` of an INVITE or its answer: adds lines, such as `a=x-room:7`, to the end of the session description. A message
 * without one stays as it is.
 */
export const addingToDescription =
  (lines: readonly string[]) =>
  <M extends SipMessage>(message: M): M => {
    const body = message.body.toString('latin1')
    if (body.startsWith('v=0'))
      message.body = Buffer.from(`${body}${lines.map((line) => `${line}\r\n`).join('')}`, 'latin1')
    return message
  }
