/** Media of proxied calls: which messages carry it, and the bridge that their descriptions are led over. */
import type { SipMessage, SipRequest } from '../message/message.js'
import { SessionDescription } from '../sdp/session-description.js'
import type { Flow } from '../transport/flow.js'
import { type Family, familyOf } from '../transport/network.js'
import type { ProxiedCall } from './call-table.js'
import type { ProviderContext } from './context.js'
import { MediaBridge, type MediaParty, streamCount } from './media-bridge.js'
import type { DescriptionRole, SideName } from './passed-offers.js'

/** A device, as its media has to know it. */
export function partyOf(flow: Flow): MediaParty {
  return { host: flow.remote.address, family: familyOf(flow.remote.address), secure: flow.transport === 'tls' }
}

/** A bridge between caller and callee; undefined where the call has no relay. */
export function newBridge(
  context: ProviderContext,
  o: {
    readonly call: ProxiedCall | undefined
    readonly request: SipRequest
    readonly caller: Flow
    readonly callee: MediaParty
    readonly neverUpgrade: boolean
  },
): MediaBridge | undefined {
  const { call, request, callee, neverUpgrade } = o
  if (call?.relay === undefined) return undefined
  if (!context.rules.relay.leadsNeighbours && areNeighbours(request, o.caller, callee)) return undefined
  const caller = { ...partyOf(o.caller), family: familyOfMedia(request) ?? familyOf(o.caller.remote.address) }
  return new MediaBridge(context, call.relay, { caller, callee }, { neverUpgrade })
}

/** Does the message carry media that the relays lead, or may its answer? */
export function anchors(request: SipRequest): boolean {
  return request.method === 'INVITE' || hasDescription(request)
}

export function streamsOf(message: SipMessage): number {
  return hasDescription(message) ? streamCount(message.body) : 1
}

/**
 * Puts the relay's addresses into a session description that passes.
 * @param asked of a response: what its request carried
 * @returns what the description is; undefined: there is none
 */
export function passBody(
  message: SipMessage,
  bridge: MediaBridge,
  from: SideName,
  flow: Flow,
  asked?: DescriptionRole,
): DescriptionRole | undefined {
  if (!hasDescription(message)) return undefined
  const role = bridge.exchange.roleOf(message, from, asked)
  message.body = bridge.pass(message.body, from, role, flow.remote.address)
  return role
}

/** Does a change of a call leave out a stream that the call has? */
export function leavesOutStream(request: SipRequest, bridge: MediaBridge | undefined): boolean {
  const mayOffer = request.method === 'INVITE' || request.method === 'UPDATE'
  return mayOffer && hasDescription(request) && bridge?.leavesOutStream(request.body) === true
}

function hasDescription(message: SipMessage): boolean {
  return message.body.length > 0 && message.contentType === 'application/sdp'
}

/** Whether caller and callee are seen at one address, and the caller's audio is to go to another: both are behind its NAT. */
function areNeighbours(request: SipRequest, caller: Flow, callee: MediaParty): boolean {
  const address = addressOfMedia(request)
  return address !== undefined && caller.remote.address === callee.host && address !== callee.host
}

/** The family of the address that an offer wants its media at. */
function familyOfMedia(request: SipRequest): Family | undefined {
  const address = addressOfMedia(request)
  return address === undefined ? undefined : familyOf(address)
}

function addressOfMedia(request: SipRequest): string | undefined {
  if (!hasDescription(request)) return undefined
  return SessionDescription.parse(request.body).media.find(({ port }) => port !== 0)?.connection?.address
}
