/** ACKs of 2xx on their way (RFC 3261 §16.11 as far as it goes: no transaction, no answer). */
import type { SipRequest } from '../message/message.js'
import { parseUri } from '../message/uri.js'
import type { Flow, Hop } from '../transport/flow.js'
import type { Admission } from './admission.js'
import type { CallLimit } from './call-limit.js'
import type { CallSide } from './call-table.js'
import type { ProxyCore } from './forwarded-request.js'
import { directHop, hopOfSide } from './hops.js'
import type { OwnHosts } from './own-hosts.js'
import { completeLength, keepHidden } from './passed-messages.js'
import { passBody } from './proxied-media.js'
import type { RouteProcessing } from './route-processing.js'
import type { SecondCalls } from './second-calls.js'
import type { ServiceHost } from './services/service-host.js'
import { isOfOtherHost } from './second-host.js'

interface Around {
  readonly hosts: OwnHosts
  readonly services: ServiceHost
  readonly routes: RouteProcessing
  readonly admission: Admission
  readonly limit: CallLimit
  readonly second: SecondCalls
}

export class Acknowledgements {
  readonly #core: ProxyCore
  readonly #around: Around

  constructor(core: ProxyCore, around: Around) {
    this.#core = core
    this.#around = around
  }

  /** Sends an ACK on, or gives it to the service that it is for. Never throws: nobody could be told. */
  pass(ack: SipRequest, flow: Flow): void {
    try {
      this.#pass(ack, flow)
    } catch (error) {
      this.#core.context.log(`ACK dropped: ${String(error)}`)
    }
  }

  #pass(ack: SipRequest, flow: Flow): void {
    const { context, calls, layer } = this.#core
    const { hosts, services, routes, admission, limit, second } = this.#around
    const copy = ack.clone()
    completeLength(context, copy)
    routes.preprocess(copy)
    const uri = parseUri(copy.uri)
    if (hosts.isHere(uri) && services.owns(uri)) {
      services.acknowledge(copy)
      return
    }
    const found = calls.find(copy, flow)
    if (found === undefined || found.call.forgotten || ack.maxForwards === 0) return
    if (isOfOtherHost(context, found, flow)) return
    const { call, leg, from } = found
    if (from === 'caller' && context.rules.proxy.followsCalls) call.caller.flow = flow
    limit.begins(call)
    second.begins(call)
    keepHidden(copy, found)
    admission.removeOwnCredentials(copy)
    if (leg.bridge !== undefined) passBody(copy, leg.bridge, from, flow)
    copy.headers.set('Max-Forwards', String((ack.maxForwards ?? 71) - 1))
    const hop = routes.nextHop(copy, () => this.#hopTo(from === 'caller' ? leg.callee : call.caller, copy.uri))
    if (hop !== undefined) layer.sendStateless(copy, hop).catch(() => {})
  }

  #hopTo(receiver: CallSide, uri: string): Hop | undefined {
    const direct = this.#core.context.rules.proxy.acknowledgesThroughNat ? undefined : directHop(parseUri(uri))
    const isBehindNat = direct !== undefined && direct.remote.address !== receiver.flow.remote.address
    return isBehindNat ? direct : hopOfSide(receiver, uri)
  }
}
