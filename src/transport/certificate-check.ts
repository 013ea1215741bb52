import { X509Certificate } from 'node:crypto'
import { domainToASCII } from 'node:url'
import { canonicalAddress, isNumericAddress } from './address.js'

/** The subject alternative names of a certificate by type; `present` also where none is of a known type. */
export interface CertificateNames {
  readonly present: boolean
  readonly dns: readonly string[]
  readonly uris: readonly string[]
  readonly addresses: readonly string[]
  readonly commonName?: string
}

export function certificateNames(certificate: X509Certificate): CertificateNames {
  const dns: string[] = []
  const uris: string[] = []
  const addresses: string[] = []
  const text = certificate.subjectAltName ?? ''
  // node:crypto writes `DNS:a, URI:sip:b, IP Address:c` and puts a value in which something is odd in JSON quotes.
  for (const [, type = '', value = ''] of text.matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g)) {
    const plain = value.startsWith('"') ? unquote(value) : value
    if (type === 'DNS') dns.push(plain)
    else if (type === 'URI') uris.push(plain)
    else if (type === 'IP Address') addresses.push(canonicalAddress(plain.toLowerCase()))
  }
  const commonName = /(?:^|\n)CN=([^\n]*)/.exec(certificate.subject ?? '')?.[1]
  return {
    present: certificate.subjectAltName !== undefined,
    dns,
    uris,
    addresses,
    ...(commonName === undefined ? {} : { commonName }),
  }
}

function unquote(value: string): string {
  try {
    return String(JSON.parse(value))
  } catch {
    return value
  }
}

/** The SIP domains that a certificate speaks for, lower case. RFC 5922 §7.1. */
export function sipIdentities(names: CertificateNames): string[] {
  // RFC 5922 §7.1 item 1, URI: only the scheme sip, and only without a user part.
  const fromUris = names.uris.flatMap((uri) => /^sip:([^@;?:/]+)(?::\d+)?(?:[;?][^@]*)?$/i.exec(uri)?.[1] ?? [])
  if (fromUris.length > 0) return fromUris.map(comparable)
  // RFC 5922 §7.1 item 1, DNS: counts only where no SIP URI was found.
  if (names.present) return names.dns.map(comparable)
  // RFC 5922 §7.1 item 2: the common name may count only where there is no subjectAltName at all.
  return names.commonName === undefined ? [] : [comparable(names.commonName)]
}

/**
 * What keeps a certificate from speaking for `serverName` (a domain or a numeric address); undefined: nothing does.
 * RFC 5922 §7.2: whole names, case ignored, no wildcards. A numeric address must be among the iPAddress names.
 */
export function nameProblem(certificate: X509Certificate, serverName: string): string | undefined {
  const names = certificateNames(certificate)
  const numeric = isNumericAddress(serverName)
  const identities = numeric ? names.addresses : sipIdentities(names)
  const wanted = numeric ? canonicalAddress(serverName) : comparable(domainToASCII(serverName) || serverName)
  // A wildcard matches only itself, and nobody is called that; an empty name matches nothing.
  if (wanted !== '' && identities.includes(wanted)) return undefined
  const held = identities.length > 0 ? `it is for ${identities.join(', ')}` : 'it names no SIP domain'
  const wildcard = identities.some((identity) => identity.startsWith('*.') && wanted.endsWith(identity.slice(1)))
  const advice = wildcard
    ? 'SIP does not accept wildcards (RFC 5922 §7.2); the certificate must list the name itself'
    : numeric
      ? 'connect by the name in the certificate, or issue it with this address as iPAddress'
      : `set the endpoint's domain to a name that it carries, or issue it with the subjectAltName DNS:${wanted}`
  return `the certificate does not carry the name ${serverName}: ${held}; ${advice}`
}

function comparable(name: string): string {
  const lower = name.toLowerCase()
  return lower.endsWith('.') ? lower.slice(0, -1) : lower
}

/** A sentence for a verification error of OpenSSL, as node:tls names it. */
export function chainProblem(code: string, certificate: X509Certificate | undefined): string {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return `the certificate expired on ${certificate?.validTo ?? 'a day in the past'}; renew it on the server`
    case 'CERT_NOT_YET_VALID':
      return `the certificate is not valid before ${certificate?.validFrom ?? 'a day to come'}; check the clocks of both machines`
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return "the certificate is self-signed; give it as the endpoint's ca, or have it issued by an authority"
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return "the certificate comes from an authority that is not trusted here; give that authority's certificate as the endpoint's ca"
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return "the certificate's issuer is unknown; the server must send its intermediate certificates, or give the authority as the endpoint's ca"
    case 'INVALID_PURPOSE':
      return 'the certificate is not meant for servers (extendedKeyUsage lacks serverAuth); issue one that is'
    case 'CERT_REVOKED':
      return 'the certificate was revoked; replace it on the server'
    default:
      return `the certificate was not accepted (${code})`
  }
}
