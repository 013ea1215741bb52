/** The Contact of a user agent that is the provider's own: a service, or a notifier. */
import type { Flow } from '../transport/flow.js'
import { familyOf, formatEndpoint } from '../transport/network.js'
import type { ProviderContext } from './context.js'
import { ownUriOverTls } from './hops.js'

/**
 * @param prefix of its user part, by which its requests are known
 * @param contact of the device that is answered or called
 */
export function ownContact(
  context: ProviderContext,
  prefix: string,
  o: { readonly flow: Flow; readonly contact: string | undefined; readonly requestUri: string },
): string {
  const { addresses, random } = context
  const { flow, contact, requestUri } = o
  const tls = flow.transport === 'tls'
  const address = familyOf(flow.local.address) === 'ipv6' ? addresses.ipv6 : addresses.ipv4
  const port = tls ? addresses.sipsPort : addresses.sipPort
  const place = formatEndpoint({ address, port })
  const user = `${prefix}${random.token(12)}`
  if (tls) return ownUriOverTls(`${user}@${place}`, contact, requestUri)
  return `sip:${user}@${place}${flow.transport === 'tcp' ? ';transport=tcp' : ''}`
}
