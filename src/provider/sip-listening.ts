/** Where the provider takes SIP: on UDP, TCP and TLS. */
import type { SipTransport } from '../transport/sip-transport.js'
import type { ProviderContext } from './context.js'
import type { Certificate } from './own-certificate.js'

/** SIP at one address. @throws NetworkError when a port is taken */
export async function listenAt(
  { transport, context }: { readonly transport: SipTransport; readonly context: ProviderContext },
  address: string,
  { cert, key }: Certificate,
): Promise<void> {
  const { addresses, rules } = context
  await transport.listen({ transport: 'udp', at: { address, port: addresses.sipPort } })
  if (rules.transport.listensOnTcp)
    await transport.listen({ transport: 'tcp', at: { address, port: addresses.sipPort } })
  const tls = { cert, key, minVersion: rules.transport.minTlsVersion }
  await transport.listen({ transport: 'tls', at: { address, port: addresses.sipsPort }, tls })
}
