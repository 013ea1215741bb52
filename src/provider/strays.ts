/** Responses and CANCEL requests that match nothing that the proxy knows. */
import type { SipRequest, SipResponse } from '../message/message.js'
import type { SipUri } from '../message/uri.js'
import type { ServerTransaction } from '../transaction/transaction-layer.js'
import type { SipTransport } from '../transport/sip-transport.js'
import type { ProxyCore } from './forwarded-request.js'
import type { OwnHosts } from './own-hosts.js'
import { refuse } from './own-answers.js'
import { ResponseContext } from './response-context.js'
import { loopHashOf } from './route-processing.js'
import type { Router } from './router.js'

/** What RFC 3261 §16.7 asked for until RFC 6026 §7.3 forbade it. */
export function forwardStray(transport: SipTransport, response: SipResponse): void {
  response.headers.removeFirstValue('Via')
  if (!response.headers.has('Via')) return
  const { via } = response
  const remote = {
    address: via.received ?? via.host,
    port: typeof via.rport === 'number' ? via.rport : (via.port ?? 5060),
  }
  transport
    .flowTo({ transport: 'udp', remote })
    .then((flow) => flow.sendRaw(response.toBytes()))
    .catch(() => {})
}

/** RFC 3261 §16.10: a CANCEL that matches nothing goes where its INVITE would have gone; what is here answers 481 (§9.2). */
export function takeStrayCancel(
  core: ProxyCore,
  { hosts, router }: { readonly hosts: OwnHosts; readonly router: Router },
  tx: ServerTransaction,
  copy: SipRequest,
  uri: SipUri,
): void {
  if (!core.context.rules.proxy.refusesStrayCancel) return refuse(core.context, tx, 200)
  const binding = hosts.isHere(uri) ? router.firstDevice(uri) : undefined
  if (binding === undefined) return refuse(core.context, tx, 481)
  const responses = new ResponseContext(core, { tx, request: copy, loopHash: loopHashOf(copy, []), prepare: () => {} })
  responses.start([binding])
}
