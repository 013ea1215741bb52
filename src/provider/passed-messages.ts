/** What the proxy changes in messages that it passes on, beside their way: lengths, hops, and callers who withhold their number. */
import type { SipMessage, SipRequest, SipResponse } from '../message/message.js'
import { formatUri, parseUri } from '../message/uri.js'
import type { InDialog, ProxiedCall } from './call-table.js'
import type { ProviderContext } from './context.js'
import { offersFax } from './fax.js'
import { passReliability } from './reliability.js'
import { tellSession } from './proxied-session.js'

/** RFC 3261 §16.6 step 9, §18.3: on a stream a message tells its length, and over UDP it may come without. */
export function completeLength({ rules }: ProviderContext, message: SipMessage): void {
  if (message.headers.has('Content-Length') || !rules.transport.addsContentLength) return
  message.headers.set('Content-Length', String(message.body.length))
}

/** RFC 3261 §16.6 step 3 */
export function countHop({ rules }: ProviderContext, copy: SipRequest): void {
  const value = copy.maxForwards
  if (value === undefined) {
    if (rules.proxy.addsMaxForwards) copy.headers.set('Max-Forwards', '70')
  } else if (rules.proxy.countsHops) {
    copy.headers.set('Max-Forwards', String(value - 1))
  }
}

/** Last touches on a response before it goes back. `request`: as it came. */
export function passResponse(
  context: ProviderContext,
  response: SipResponse,
  call: ProxiedCall | undefined,
  request: SipRequest,
): void {
  completeLength(context, response)
  // RFC 3325 §5: nobody asserts anything in responses here.
  response.headers.remove('P-Asserted-Identity')
  const from = request.headers.get('From')
  // A caller that is hidden must find its own From again; its dialog is told by the tag, which was never changed.
  if (call?.shownFrom !== undefined) {
    if (from !== undefined) response.headers.set('From', from)
    if (request.from.tag !== call.callerTag) hideContact(response)
  }
  tellSession(context, request, response)
  passReliability(context.rules.proxy, response)
  if (!context.rules.proxy.keepsSessionExpires && request.to.tag === undefined) removeSessionTimer(response)
  if (!context.rules.proxy.keepsViaParameters) keepBranchesOnly(response)
  const { status } = response
  if (!context.rules.proxy.keepsToTags && status > 100 && status < 200 && response.to.tag !== undefined)
    response.headers.set('To', (response.headers.get('To') ?? '').replace(/;tag=/i, ';tag=x'))
}

/** As an answer is that a server of old makes anew from the fields that it knows. */
function removeSessionTimer({ headers }: SipResponse): void {
  headers.remove('Session-Expires')
  const others = headers.values('Require').filter((tag) => tag.toLowerCase() !== 'timer')
  headers.remove('Require')
  if (others.length > 0) headers.set('Require', others.join(', '))
}

/** Leaves nothing of the Vias below the topmost but where they lead and their branch. */
function keepBranchesOnly(response: SipResponse): void {
  const [top, ...others] = response.headers.values('Via')
  if (top === undefined) return
  response.headers.remove('Via')
  response.headers.add('Via', top)
  for (const via of others) {
    const [sentBy = '', ...params] = via.split(';')
    response.headers.add('Via', [sentBy, ...params.filter((one) => one.trim().startsWith('branch='))].join(';'))
  }
}

/** Shows `shownFrom` in place of the caller (SC-7). */
export function hideCaller(copy: SipRequest, shownFrom: string): void {
  copy.headers.set('From', shownFrom)
  hideContact(copy)
}

/** In a request within a call: whom either end does not know it does not get to know. */
export function keepHidden(copy: SipRequest, { call, from }: InDialog): void {
  if (call.shownFrom === undefined) return
  if (from === 'caller') hideCaller(copy, call.shownFrom)
  else copy.uri = call.caller.contact ?? copy.uri
}

function hideContact(message: SipMessage): void {
  const contacts = message.contacts()
  if (contacts === '*') return
  const [contact] = contacts
  if (contact === undefined) return
  message.headers.set(
    'Contact',
    `<${formatUri({ ...parseUri(contact.uri), user: 'anonymous', userDecoded: 'anonymous' })}>`,
  )
}

/** The status of what is answered here in place of the other end of a call; undefined: it is for the other end. */
export function answeredHere({ rules }: ProviderContext, request: SipRequest): number | undefined {
  const { method, headers } = request
  const { forwardsUpdate, forwardsRefer, forwardsReferStatus, confirmations } = rules.proxy
  if (rules.proxy.changesToFax === 'refused as of no call' && offersFax(request)) return 481
  if (method === 'PRACK' && confirmations !== 'forwarded') return confirmations === 'refused' ? 481 : 200
  if (method === 'UPDATE' && !forwardsUpdate) return 200
  if (method === 'REFER' && !forwardsRefer) return 202
  return method === 'NOTIFY' && !forwardsReferStatus && /^refer\b/i.test(headers.get('Event') ?? '') ? 200 : undefined
}

/** Takes out of a call what a transfer has put into it. */
export function dropTransfer({ rules }: ProviderContext, copy: SipRequest): void {
  if (rules.proxy.replaces === 'removed') copy.headers.remove('Replaces')
  if (!rules.proxy.keepsReferredBy) copy.headers.remove('Referred-By')
}
