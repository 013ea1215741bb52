/**
 * The keys of a media session by DTLS-SRTP: one association at a time, begun, kept or replaced as offers and answers say
 * (RFC 5763 §5, §6.6; RFC 8842 §5), over the port of RTP.
 */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { CryptoAttribute } from '../sdp/crypto-attribute.js'
import type { LocalDtls, NegotiatedDtls, Setup } from '../sdp/dtls-setup.js'
import type { Endpoint } from '../transport/network.js'
import { sameEndpoint } from '../transport/network.js'
import { DtlsAssociation, type DtlsFailure, type DtlsState } from './dtls/association.js'
import { type DtlsIdentity, fingerprintOf } from './dtls/certificate.js'

/** How a media session agrees on keys by DTLS-SRTP. All but the identity has a default. */
export interface DtlsMediaOptions {
  /** What is shown in the handshake. */
  readonly identity: DtlsIdentity
  /** Whose fingerprint the session description tells; default: that of `identity`. */
  readonly told?: DtlsIdentity
  readonly hash?: string
  readonly offers?: Setup
  readonly answers?: 'active' | 'passive'
  readonly protocol?: 'UDP/TLS/RTP/SAVP' | 'UDP/TLS/RTP/SAVPF'
  /** Octets of a datagram; see DtlsOptions. */
  readonly mtu?: number
  readonly asksForCookie?: boolean
  /** So many of the first datagrams of a handshake that come are lost. */
  readonly losesFirst?: number
  /** Default true: the peer's certificate is the one of its SDP, or there are no keys. */
  readonly checksFingerprint?: boolean
  /** Default true: an active side begins. */
  readonly begins?: boolean
  /** Default true: a flight that is not answered is sent again. */
  readonly repeats?: boolean
  /** Default true: messages that come in pieces are put together. */
  readonly joinsFragments?: boolean
  /** Default true: an association goes on while nothing about it changes (RFC 8842 §5.5). */
  readonly keepsAssociation?: boolean
}

export interface DtlsKeyingOptions extends DtlsMediaOptions {
  readonly clock: Clock
  readonly random: Random
  /** A side that waits for the handshake sends empty datagrams, so that NATs and relays on the way know where it is. */
  readonly opensPath: boolean
  /** To where media goes now; or back to where the other side began before its description came. */
  readonly send: (datagram: Buffer, to: Endpoint | undefined) => void
  /** Keys, state or failure have changed. */
  readonly onChange: () => void
}

/** How often, and how far apart, a path is opened that nobody uses yet. */
const OPENINGS = 4
const OPENING_MS = 900

export class DtlsKeying {
  readonly #o: DtlsKeyingOptions
  readonly local: LocalDtls
  #association: DtlsAssociation | undefined
  #agreed: NegotiatedDtls | undefined
  #remote: Endpoint | undefined
  #from: Endpoint | undefined
  #lost = 0
  #closed = false
  /** Datagrams of DTLS that came. */
  received = 0
  /** Associations that were begun. */
  associations = 0

  constructor(o: DtlsKeyingOptions) {
    this.#o = o
    const { offers, answers, protocol } = o
    this.local = {
      fingerprint: fingerprintOf((o.told ?? o.identity).certificate, o.hash),
      // RFC 8842 §4: 120 bits of chance at least.
      tlsId: o.random.token(32),
      ...(offers === undefined ? {} : { offers }),
      ...(answers === undefined ? {} : { answers }),
      ...(protocol === undefined ? {} : { protocol }),
    }
  }

  get state(): DtlsState {
    return this.#association?.state ?? 'new'
  }

  get failure(): DtlsFailure | undefined {
    return this.#association?.failure
  }

  get role(): 'client' | 'server' | undefined {
    return this.#association?.role
  }

  /** What the peer showed, DER. */
  get peerCertificate(): Buffer | undefined {
    return this.#association?.peerCertificate
  }

  get profile(): string | undefined {
    return this.#association?.keying?.profile.name
  }

  /** What is sent with and what comes with, once the handshake is over and the peer is who its SDP says. */
  get crypto(): { readonly send: CryptoAttribute; readonly receive: CryptoAttribute } | undefined {
    const { keying, role } = this.#association ?? {}
    if (keying === undefined || this.#agreed === undefined) return undefined
    return role === 'client'
      ? { send: keying.client, receive: keying.server }
      : { send: keying.server, receive: keying.client }
  }

  /** An exchange of offer and answer is over. @param remote where media goes; undefined: nowhere for now */
  agree(dtls: NegotiatedDtls, remote: Endpoint | undefined): void {
    if (this.#closed) return
    const before = this.#agreed
    const moved = remote !== undefined && this.#remote !== undefined && !sameEndpoint(remote, this.#remote)
    this.#agreed = dtls
    this.#remote = remote ?? this.#remote
    const isOver = this.state === 'closed' || this.state === 'failed'
    if (before !== undefined && !moved && !isOver && isSame(before, dtls) && this.#o.keepsAssociation !== false) return
    const early = before === undefined ? this.#association : undefined
    if (early !== undefined && early.role === dtls.role) {
      // RFC 8842 §5.2: it began before its fingerprint was known.
      early.trusts(dtls.fingerprints)
      return
    }
    if (this.#o.keepsAssociation !== false) this.#association?.close()
    this.#begins(dtls)
  }

  /** A datagram that is DTLS. Never throws. Once the session is closed, nothing is begun any more: a late ClientHello is passed over. */
  receive(datagram: Buffer, from: Endpoint): void {
    if (this.#closed) return
    this.received++
    if (this.#lost < (this.#o.losesFirst ?? 0)) {
      this.#lost++
      return
    }
    this.#from = from
    if (this.#association === undefined) {
      // RFC 8842 §5.2: an offerer is prepared for a ClientHello before the answer.
      this.#association = this.#makes('server', undefined)
    }
    this.#association.receive(datagram)
  }

  close(): void {
    this.#closed = true
    this.#association?.close()
  }

  #begins(dtls: NegotiatedDtls): void {
    const association = this.#makes(dtls.role, dtls.fingerprints)
    this.#association = association
    if (dtls.role === 'client' && this.#o.begins !== false) association.start()
    else if (this.#o.opensPath) this.#opens(association, OPENINGS)
  }

  /** RFC 6263 §4.1: a datagram of no octets asks for nothing. */
  #opens(association: DtlsAssociation, times: number): void {
    if (times === 0 || association.state !== 'new' || this.#association !== association) return
    this.#o.send(Buffer.alloc(0), this.#remote)
    this.#o.clock.after(OPENING_MS, () => this.#opens(association, times - 1))
  }

  #makes(role: 'client' | 'server', fingerprints: NegotiatedDtls['fingerprints'] | undefined): DtlsAssociation {
    const { clock, random, identity, mtu, asksForCookie, checksFingerprint, repeats, joinsFragments } = this.#o
    this.associations++
    const association = new DtlsAssociation({
      role,
      clock,
      random: random.fork('dtls'),
      identity,
      fingerprints,
      send: (datagram) => this.#o.send(datagram, this.#remote ?? this.#from),
      onChange: () => {
        if (this.#association === association) this.#o.onChange()
      },
      ...(mtu === undefined ? {} : { mtu }),
      ...(asksForCookie === undefined ? {} : { asksForCookie }),
      ...(checksFingerprint === undefined ? {} : { checksFingerprint }),
      ...(repeats === undefined ? {} : { repeats }),
      ...(joinsFragments === undefined ? {} : { joinsFragments }),
    })
    return association
  }
}

/** RFC 8842 §4: the same association, as far as descriptions tell. */
function isSame(a: NegotiatedDtls, b: NegotiatedDtls): boolean {
  const set = ({ fingerprints }: NegotiatedDtls) =>
    fingerprints
      .map(({ hash, value }) => `${hash} ${value}`)
      .toSorted()
      .join()
  return a.role === b.role && set(a) === set(b) && a.tlsId === b.tlsId
}
