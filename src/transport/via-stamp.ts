/** What a server notes in the topmost Via of a request: where it came from. */
import { formatVia, type SipRequest, type Via } from '../message/message.js'
import { ParseError } from '../message/violation.js'
import { canonicalAddress, type Endpoint } from './network.js'

/** RFC 3261 §18.2.1 and RFC 3581 §4: notes the source of a request in its topmost Via. */
export function stampVia(request: SipRequest, source: Endpoint): void {
  let via: Via
  try {
    via = request.via
  } catch (error) {
    // The layer above finds out too, and has a way to tell.
    if (error instanceof ParseError) return
    throw error
  }
  const asksPort = via.rport === true
  // A name, or another address than the packet's. What a sender wrote into `received` itself counts for nothing.
  if (!asksPort && via.received === undefined && canonicalAddress(via.host) === source.address) return
  request.headers.removeFirstValue('via')
  request.headers.prepend(
    'Via',
    formatVia(
      asksPort ? { ...via, received: source.address, rport: source.port } : { ...via, received: source.address },
    ),
  )
}
