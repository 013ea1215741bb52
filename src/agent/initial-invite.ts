/** The INVITE that begins a call (RFC 3261 §13.2.1). */
import { createRequest } from '../message/build.js'
import { parseNameAddr, type SipRequest } from '../message/message.js'
import type { Hop } from '../transport/flow.js'
import type { AgentCore } from './agent-core.js'
import type { InviteOptions } from './call.js'
import type { Capabilities } from './capabilities.js'
import { bodyOf } from './exchange-record.js'

/** What is different from call to call, or from try to try. */
export interface InviteIdentity {
  readonly uri: string
  readonly callId: string
  /** In From. */
  readonly tag: string
  readonly cseq: number
  readonly offer: string | undefined
}

/** Without Via and credentials. */
export function composeInvite(core: AgentCore, hop: Hop, o: InviteOptions, id: InviteIdentity): SipRequest {
  const { account } = core
  const from = o.from === undefined ? { uri: core.aor } : parseNameAddr(o.from)
  const sips = /^sips:/i.test(id.uri)
  const request = createRequest({
    method: 'INVITE',
    uri: id.uri,
    from: { display: account.displayName, ...from, tag: id.tag },
    to: o.to ?? { uri: id.uri },
    callId: id.callId,
    cseq: id.cseq,
    contact: `<${core.contactFor(hop, { sips })}>`,
    maxForwards: o.maxForwards,
    headers: headersOf(o, core.capabilities),
    ...bodyOf(id.offer === undefined ? o : { body: id.offer, contentType: o.contentType }),
  })
  core.sign(request)
  return request
}

function headersOf(
  { route = [], reliableProvisionals: wish = 'supported' }: InviteOptions,
  { allow, supported }: Capabilities,
): [string, string][] {
  const list = route.map((uri): [string, string] => ['Route', `<${uri}>`])
  list.push(['Allow', allow])
  const tags = wish === 'supported' ? supported : supported.filter((tag) => tag !== '100rel')
  if (tags.length > 0) list.push(['Supported', tags.join(', ')])

  if (wish === 'required') list.push(['Require', '100rel'])

  return list
}
