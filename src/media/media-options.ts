/** What a media session is told when it is opened. */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { CodecName } from '../sdp/audio-stream.js'
import type { SuiteName } from '../sdp/crypto-attribute.js'
import type { Direction } from '../sdp/direction.js'
import type { Network } from '../transport/network.js'
import type { DtlsMediaOptions } from './dtls-keying.js'
import type { MediaClock } from './media-clock.js'
import type { MediaTap } from './media-events.js'
import type { PortRange } from './media-ports.js'

export interface MediaSessionOptions {
  readonly clock: Clock
  readonly network: Network
  readonly random: Random
  readonly localAddress: string
  /** Address and port for SDP where they are not the local ones (behind NAT, learnt by STUN). */
  readonly advertised?: { readonly address: string; readonly port?: number; readonly rtcpPort?: number }
  /** In order of preference. */
  readonly codecs: readonly CodecName[]
  /** Default 101; false: no telephone-event. */
  readonly dtmfPayloadType?: number | false
  /** Suites in order of preference; false (default): RTP/AVP only. */
  readonly srtp?: false | readonly SuiteName[]
  /** Default true where suites are given: an offer of plain RTP is refused. */
  readonly srtpRequired?: boolean
  /** Keys by DTLS-SRTP (RFC 5763) instead of those in SDP; RTCP is sent with rtcpMux then, or not at all. */
  readonly dtls?: DtlsMediaOptions
  /** 24 bits; what the session plays. */
  readonly patternId: number
  /** Default true. */
  readonly rtcp?: boolean
  /** Offer and accept rtcp-mux (RFC 5761); default false. */
  readonly rtcpMux?: boolean
  readonly portRange?: PortRange
  /** What we would like to receive; default 20. What we send is what the peer would like. */
  readonly ptimeMs?: number
  /** Packets are sent of this length whatever the peer would like; what it takes at the most holds all the same. */
  readonly sendsPtimeMs?: number
  /** Longest packets (a=maxptime) that we say we take. */
  readonly maxPtimeMs?: number
  /** Offer and accept comfort noise, and send it while muted; default false. */
  readonly comfortNoise?: boolean
  /** Direction of the first offer or answer; default sendrecv. */
  readonly direction?: Direction
  /** Send back what is heard, instead of playing. */
  readonly echo?: boolean
  /** Default 'pattern'. */
  readonly play?: 'pattern' | 'silence' | 'nothing'
  /** Default: random, and the same for the whole session (RFC 7022 §4.2). */
  readonly cname?: string
  /** Default true: sends from the moment the negotiation allows it; otherwise only after start(). */
  readonly autoStart?: boolean
  /** How long (ms) the sockets stay open after the session is closed, so that it is seen what still comes; default 0. */
  readonly lingerMs?: number
  /** Default: the one that all sessions of the clock share. */
  readonly mediaClock?: MediaClock
  /** Sees every packet, both ways, encrypted and plain. */
  readonly onPacket?: MediaTap
}
