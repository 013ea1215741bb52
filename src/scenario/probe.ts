/** A request that needs no call and no log-in, to see whether the target answers at all. */
import type { SipRequest } from '../message/message.js'
import type { Device } from './device.js'
import type { RequestByHand } from './messages-by-hand.js'
import type { Target } from './target.js'

/** OPTIONS to the domain; a REGISTER without Contact where the survey has seen that OPTIONS gets no answer, as at many border controllers. */
export function probe(device: Device, target: Target, o: RequestByHand = {}): SipRequest {
  const uri = `sip:${target.domain(device.variant.transport)}`
  if (target.facts.serves.options === false) return device.composes('REGISTER', uri, { contact: false, ...o })
  return device.composes('OPTIONS', uri, { to: `<${uri}>`, ...o })
}
