/** Judges a server's certificate by the rules of SIP (RFC 5922), not by those of HTTPS. */
import { X509Certificate } from 'node:crypto'
import { domainToASCII } from 'node:url'
import { canonicalAddress, isNumericAddress } from './address.js'
import type { CertificateFault } from './network.js'

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
export function nameFault(certificate: X509Certificate, serverName: string): CertificateFault | undefined {
  const names = certificateNames(certificate)
  const numeric = isNumericAddress(serverName)
  const carries = numeric ? names.addresses : sipIdentities(names)
  const wanted = numeric ? canonicalAddress(serverName) : comparable(domainToASCII(serverName) || serverName)
  // A wildcard matches only itself, and nobody is called that; an empty name matches nothing.
  if (wanted !== '' && carries.includes(wanted)) return undefined
  const wildcard = carries.some((identity) => identity.startsWith('*.') && wanted.endsWith(identity.slice(1)))
  return { kind: 'name', wanted: serverName, carries, wildcard }
}

function comparable(name: string): string {
  const lower = name.toLowerCase()
  return lower.endsWith('.') ? lower.slice(0, -1) : lower
}

/** What a verification error of OpenSSL, as node:tls names it, says of the certificate. */
export function chainFault(code: string, certificate: X509Certificate | undefined): CertificateFault {
  const time = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text))
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return { kind: 'expired', at: time(certificate?.validTo) }
    case 'CERT_NOT_YET_VALID':
      return { kind: 'not-yet-valid', at: time(certificate?.validFrom) }
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return { kind: 'untrusted', why: 'self-signed' }
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return { kind: 'untrusted', why: 'unknown-authority' }
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return { kind: 'untrusted', why: 'chain-incomplete' }
    case 'INVALID_PURPOSE':
      return { kind: 'purpose' }
    case 'CERT_REVOKED':
      return { kind: 'revoked' }
    default:
      return { kind: 'other', code }
  }
}

/** A fault as a sentence that says what to do. */
export function sentenceOf(fault: CertificateFault): string {
  switch (fault.kind) {
    case 'absent':
      return 'the server sent no certificate'
    case 'expired':
      return `the certificate expired on ${dayOf(fault.at) ?? 'a day in the past'}; renew it on the server`
    case 'not-yet-valid':
      return `the certificate is not valid before ${dayOf(fault.at) ?? 'a day to come'}; check the clocks of both machines`
    case 'name':
      return `the certificate does not carry the name ${fault.wanted}: ${heldBy(fault)}; ${adviceOnName(fault)}`
    case 'untrusted':
      return UNTRUSTED[fault.why]
    case 'purpose':
      return 'the certificate is not meant for servers (extendedKeyUsage lacks serverAuth); issue one that is'
    case 'revoked':
      return 'the certificate was revoked; replace it on the server'
    case 'other':
      return `the certificate was not accepted (${fault.code})`
    default:
      return fault satisfies never
  }
}

const UNTRUSTED = {
  'self-signed': "the certificate is self-signed; give it as the endpoint's ca, or have it issued by an authority",
  'unknown-authority':
    "the certificate comes from an authority that is not trusted here; give that authority's certificate as the endpoint's ca",
  'chain-incomplete':
    "the certificate's issuer is unknown; the server must send its intermediate certificates, or give the authority as the endpoint's ca",
} as const

type NameFault = Extract<CertificateFault, { kind: 'name' }>

const heldBy = ({ carries }: NameFault): string =>
  carries.length > 0 ? `it is for ${carries.join(', ')}` : 'it names no SIP domain'

function adviceOnName({ wanted, wildcard }: NameFault): string {
  if (wildcard) return 'SIP does not accept wildcards (RFC 5922 §7.2); the certificate must list the name itself'
  return isNumericAddress(wanted)
    ? 'connect by the name in the certificate, or issue it with this address as iPAddress'
    : `set the endpoint's domain to a name that it carries, or issue it with the subjectAltName DNS:${comparable(domainToASCII(wanted) || wanted)}`
}

/** `2026-03-01`, UTC. */
function dayOf(unixMs: number | undefined): string | undefined {
  return unixMs === undefined || Number.isNaN(unixMs) ? undefined : new Date(unixMs).toISOString().slice(0, 10)
}
