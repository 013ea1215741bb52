/** The certificate that the provider shows on TLS, where it was given none. */
import { issueCertificate, makeAuthority } from '../transport/certificates.js'
import { sipAddressesOf } from './addresses.js'
import type { ProviderContext } from './context.js'

/** PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly ca?: string
}

/** A certificate for this start alone, by an authority for this start alone. */
export async function makeCertificate(context: ProviderContext): Promise<Certificate> {
  const { names, addresses, families, rules } = context
  const authority = await makeAuthority('ringproof embedded provider')
  const day = 86_400_000
  const now = context.clock.unixMs()
  const { certificate } = rules.transport
  const wrong = certificate === 'of another name'
  const { cert, key } = await issueCertificate(authority, {
    dnsNames: wrong ? ['www.ringproof.test'] : [names.secure, names.domain],
    // Record-Route names the provider by address, and a device may have to connect anew.
    ipAddresses: wrong ? [] : sipAddressesOf(addresses, families),
    ...(certificate === 'expired' ? { notBefore: new Date(now - 30 * day), notAfter: new Date(now - day) } : {}),
  })
  return { cert, key, ca: authority.cert }
}
