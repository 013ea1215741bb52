/** Audio before the answer to a call (early media). */
import type { OutgoingCall } from '../agent/call.js'
import { sessionDescriptionIn } from '../message/body-parts.js'
import type { Device } from './device.js'
import type { Hearing } from './hearing.js'

/**
 * Provisional responses that tell a caller of audio before the answer. Where none comes nothing is to be heard: a telephone that
 * hears of ringing alone plays a tone of its own (RFC 3960 §3.2).
 */
export const describedEarly = (caller: Device, call: OutgoingCall): Hearing =>
  caller.hears('1xx', {
    callId: call.id,
    to: 'INVITE',
    where: ({ message }) => sessionDescriptionIn(message) !== undefined,
  })
