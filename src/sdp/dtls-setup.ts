/** DTLS-SRTP in offers and answers (RFC 5763 §5, RFC 8842 §5): who begins the handshake, and which certificates are believed. */
import type { Fingerprint } from './key-management.js'
import type { MediaDescription } from './section.js'

/** RFC 4145 §4; `holdconn` is not for DTLS (RFC 8842 §5.1). */
export type Setup = 'actpass' | 'active' | 'passive'

/** How our side speaks DTLS-SRTP. */
export interface LocalDtls {
  readonly fingerprint: Fingerprint
  /** Of our end of the association (RFC 8842 §4): another one asks for a new association. */
  readonly tlsId: string
  /** Default actpass, as offers must have it (RFC 8842 §5.2, §5.5). */
  readonly offers?: Setup
  /** To offers of actpass; default active, as RFC 5763 §5 recommends. */
  readonly answers?: 'active' | 'passive'
  /** Of offers; answers take that of the offer. Default UDP/TLS/RTP/SAVP. */
  readonly protocol?: 'UDP/TLS/RTP/SAVP' | 'UDP/TLS/RTP/SAVPF'
}

/** What an exchange has settled. */
export interface NegotiatedDtls {
  readonly role: 'client' | 'server'
  /** One of them is the peer's. */
  readonly fingerprints: readonly Fingerprint[]
  /** Of the peer; undefined: it does not speak of it. */
  readonly tlsId: string | undefined
}

const TLS_ID = /^[A-Za-z0-9+/_-]{20,255}$/

export function isDtlsProtocol(protocol: string): boolean {
  return /^UDP\/TLS\/RTP\/SAVPF?$/i.test(protocol)
}

/** The attributes of a description of ours. @param withId RFC 8842 §5.3: not in answers to offers without */
export function dtlsLines({ fingerprint, tlsId }: LocalDtls, setup: Setup, withId: boolean): string[] {
  const lines = [`a=fingerprint:${fingerprint.hash} ${fingerprint.value}`, `a=setup:${setup}`]
  return withId ? [...lines, `a=tls-id:${tlsId}`] : lines
}

/** What is answered to an offer, or why it cannot be. @param before our role so far, which is kept (RFC 8842 §5.3) */
export function answerDtls(
  media: MediaDescription,
  local: LocalDtls,
  before: NegotiatedDtls['role'] | undefined,
): { readonly setup: 'active' | 'passive'; readonly dtls: NegotiatedDtls } | string {
  const { fingerprints, setup = 'active' } = media.keyManagement
  if (fingerprints.length === 0) return 'DTLS-SRTP without a fingerprint'
  const kept = before === undefined ? (local.answers ?? 'active') : before === 'client' ? 'active' : 'passive'
  // RFC 4145 §4.1: without the attribute it is active; RFC 8842 §5.3: offers may have any of the three.
  const own = setup === 'actpass' ? kept : setup === 'active' ? 'passive' : setup === 'passive' ? 'active' : undefined
  if (own === undefined) return `a=setup:${setup.slice(0, 20)} in an offer of DTLS-SRTP`
  return { setup: own, dtls: negotiated(media, own === 'active' ? 'client' : 'server') }
}

/** What an answer settles, or why it cannot be used. @param offered what we offered */
export function acceptDtls(media: MediaDescription, offered: Setup): NegotiatedDtls | string {
  const { fingerprints, setup } = media.keyManagement
  if (fingerprints.length === 0) return 'the answer accepts DTLS-SRTP without a fingerprint'
  // RFC 5763 §5: active or passive, and nothing else; RFC 4145 §4.1: as the offer lets it choose.
  if (setup !== 'active' && setup !== 'passive')
    return `a=setup:${(setup ?? 'missing').slice(0, 20)} in an answer (RFC 5763 §5)`
  if (setup === offered) return `a=setup:${setup} answers a=setup:${offered}: nobody, or both, would begin`
  return negotiated(media, setup === 'active' ? 'server' : 'client')
}

function negotiated(media: MediaDescription, role: NegotiatedDtls['role']): NegotiatedDtls {
  const tlsId = media.attribute('tls-id')
  return {
    role,
    fingerprints: media.keyManagement.fingerprints,
    tlsId: tlsId !== undefined && TLS_ID.test(tlsId) ? tlsId : undefined,
  }
}
