/** What a media session tells whoever taps it, packet by packet. */
import type { Endpoint } from '../transport/network.js'

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
  readonly fault?: string
}

export type MediaTap = (event: MediaPacketEvent) => void
