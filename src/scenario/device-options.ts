/** What a scenario says of the devices that act in it. */
import type { DtlsMediaOptions } from '../media/dtls-keying.js'
import type { KeyKind } from '../media/dtls/certificate.js'
import type { SessionTimerWish } from '../agent/session-timer.js'
import type { MediaSessionOptions } from '../media/media-session.js'
import type { NatKind } from '../nat/nat-kind.js'
import type { TargetAccount } from '../target/target-file.js'
import type { TransportName } from '../transport/flow.js'
import type { Family } from '../transport/network.js'
import type { SourceAddress } from './world.js'

/** How a device with `srtp: 'dtls'` differs from one that does all by the book, with a P-256 certificate of its own. */
export interface DtlsDevice
  extends Pick<DtlsMediaOptions, 'offers' | 'answers' | 'protocol' | 'hash' | 'mtu' | 'asksForCookie' | 'losesFirst'> {
  readonly key?: KeyKind
  /** Its certificate has expired; with fingerprints that changes nothing. */
  readonly expired?: boolean
  /** In the handshake it shows another certificate than the one that its session description tells. */
  readonly showsAnother?: boolean
}

/** What kind of device it is. All optional: a plain telephone on the variant's transport and family, with audio. */
export interface DeviceOptions {
  /** Uses the account of that other device: two devices, one account. */
  readonly sharesAccountOf?: string
  /** Instead of the variant's. */
  readonly transport?: TransportName
  readonly family?: Family
  /** Encrypted audio with keys in SDP, or by DTLS-SRTP. Default: plain. */
  readonly srtp?: boolean | 'dtls'
  readonly dtls?: DtlsDevice
  /** `false`: signalling only; scenarios give session descriptions themselves. */
  readonly audio?: boolean
  /** Behind a NAT of this kind, or behind that of a device named before it, at an inside address of its own. */
  readonly nat?: NatKind | { readonly sameAs: string }
  /** Milliseconds between keep-alives. Default: none. */
  readonly keepAlive?: { readonly kind: 'crlf' | 'stun'; readonly everyMs: number }
  /** Seconds of registration asked for. Default 600. */
  readonly expires?: number
  /** Knows session timers (RFC 4028): what it asks for and agrees to, and how it refreshes. Default: it does not. */
  readonly sessionTimer?: SessionTimerWish
  readonly codecs?: MediaSessionOptions['codecs']
  /** `false`: it knows no telephone-events. */
  readonly dtmfPayloadType?: number | false
  readonly rtcpMux?: boolean
  /** How much audio its packets hold, and how much it asks for, ms: 10, 20, 30, 40 or 60. Default 20. */
  readonly packetMs?: number
  /** Knows comfort noise: sends it while it suppresses silence (`media.muted`). Default: it sends nothing then. */
  readonly comfortNoise?: boolean
  /** Transfers calls and lets its calls be transferred: REFER, NOTIFY, Replaces (RFC 5589). Default: no. */
  readonly transfers?: boolean
  /** Knows reliable provisional responses (RFC 3262). Default: yes. */
  readonly knowsPrack?: boolean
  /** Sits on another address than the other devices. */
  readonly whose?: SourceAddress
  /** Which account it may have: `trunk`, `queue-agent`, `wake-up`, `limited`, `paced`; default `any`. */
  readonly role?: TargetAccount['roles'][number]
  /** Has the account that diversions lead to (`services.diversionTo`); needs `diversion`. */
  readonly isDivertedTo?: boolean
}

/** The devices of a scenario, by name. */
export type Devices = Readonly<globalThis.Record<string, DeviceOptions>>
