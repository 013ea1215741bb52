/** What a media session tells whoever taps it, packet by packet. */
import type { Endpoint } from '../transport/network.js'
import type { SrtcpFields } from './srtp.js'

/** One packet as it was on the wire and as it was meant. */
export interface MediaPacketEvent {
  /** ms of the clock; for what is received, the socket's callback. */
  readonly at: number
  readonly direction: 'in' | 'out'
  readonly kind: 'rtp' | 'rtcp'
  readonly local: Endpoint
  readonly remote: Endpoint
  /** As on the wire. */
  readonly raw: Buffer
  /** Decrypted; the same as raw where there is no SRTP; undefined if it was refused. */
  readonly plain: Buffer | undefined
  /** Why it was refused: an SrtpErrorCode or a PacketFault's code. */
  readonly fault?: string | undefined
  /** Of SRTCP whose keys are known: what stands behind the reports. */
  readonly srtcp?: SrtcpSeen | undefined
}

/** The fields of an SRTCP packet (RFC 3711 §3.4), and since when its key is in use (ms of the clock). */
export interface SrtcpSeen extends SrtcpFields {
  readonly keysAt: number
}

/** Where packets are lent (`UdpSocket.lends`), so are events: whoever keeps one copies it. */
export type MediaTap = (event: MediaPacketEvent) => void

const NOWHERE: Endpoint = { address: '', port: 0 }
const NOTHING = Buffer.alloc(0)
/** The event of all packets that are lent, one after the other: loads have tens of thousands of them a second. */
const LENT: { -readonly [K in keyof MediaPacketEvent]: MediaPacketEvent[K] } = {
  at: 0,
  direction: 'in',
  kind: 'rtp',
  local: NOWHERE,
  remote: NOWHERE,
  raw: NOTHING,
  plain: undefined,
  fault: undefined,
}

/** What a tap is told of an RTP packet. @param lends whether the packet, and so the event, is lent */
export function rtpEvent(
  lends: boolean,
  at: number,
  direction: 'in' | 'out',
  local: Endpoint,
  remote: Endpoint,
  raw: Buffer,
  plain: Buffer | undefined,
  fault?: string,
): MediaPacketEvent {
  if (!lends)
    return { at, direction, kind: 'rtp', local, remote, raw, plain, ...(fault === undefined ? {} : { fault }) }

  LENT.at = at
  LENT.direction = direction
  LENT.local = local
  LENT.remote = remote
  LENT.raw = raw
  LENT.plain = plain
  LENT.fault = fault
  return LENT
}
