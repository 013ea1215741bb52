/**
 * RTCP for a collector: which call's it is, and what its reports say in the JSON that collectors of Homer's read (payload type 5), as captagent,
 * rtpengine's and Asterisk's exporters write it.
 */
import { isClearRtcp, parseRtcp, type SenderReport } from '../media/rtcp.js'
import { sessionBytesIn } from '../message/body-parts.js'
import type { SipMessage } from '../message/message.js'
import { SessionDescription } from '../sdp/session-description.js'
import { type Endpoint, formatEndpoint } from '../transport/network.js'

/** Places where calls get their audio, of those that were named last. */
const MOST_PLACES = 20_000

/** Which call's audio comes to which place: the session descriptions say so. */
export class CallPlaces {
  readonly #calls = new Map<string, string>()

  /** A message with a session description names where its sender wants RTP and RTCP (RFC 3264 §5.1, RFC 3605 §2.1). */
  learn(message: SipMessage, callId: string): void {
    const description = sessionBytesIn(message)
    if (description === undefined || callId === '') return
    for (const media of SessionDescription.parse(description).media) {
      const { connection, port, rtcp } = media
      if (connection === undefined || port === 0) continue
      const { address } = connection
      this.#keep({ address, port }, callId)
      this.#keep({ address: rtcp?.connection?.address ?? address, port: rtcp?.port ?? port + 1 }, callId)
    }
  }

  /** The Call-ID of what goes between these places; undefined where no description named one of them. */
  of(...places: readonly Endpoint[]): string | undefined {
    for (const place of places) {
      const call = this.#calls.get(formatEndpoint(place))
      if (call !== undefined) return call
    }
    return undefined
  }

  #keep(place: Endpoint, callId: string): void {
    const key = formatEndpoint(place)
    // The latest stand last.
    this.#calls.delete(key)
    this.#calls.set(key, callId)
    const [oldest] = this.#calls.keys()
    if (this.#calls.size > MOST_PLACES && oldest !== undefined) this.#calls.delete(oldest)
  }
}

/** Sender and receiver reports, a text each. Empty of what has none, and of SRTCP. */
export function reportsOf(datagram: Buffer): string[] {
  if (!isClearRtcp(datagram)) return []
  return parseRtcp(datagram).packets.flatMap((packet) => {
    if (packet.type !== 'SR' && packet.type !== 'RR') return []
    const { ssrc, reports } = packet
    const sender = packet.type === 'SR' ? senderOf(packet) : null
    const blocks = reports.map((block) => ({
      source_ssrc: block.ssrc,
      fraction_lost: block.fractionLost,
      packets_lost: block.cumulativeLost,
      highest_seq_no: block.highestSequence,
      ia_jitter: block.jitter,
      lsr: block.lastSr,
      dlsr: block.delaySinceLastSr,
    }))
    const type = packet.type === 'SR' ? 200 : 201
    return [
      JSON.stringify({ sender_information: sender, ssrc, type, report_count: blocks.length, report_blocks: blocks }),
    ]
  })
}

const senderOf = ({ ntp, rtpTimestamp, packets, octets }: SenderReport) => ({
  ntp_timestamp_sec: ntp.seconds,
  // The fraction as it is, for all its name: so do the others.
  ntp_timestamp_usec: ntp.fraction,
  rtp_timestamp: rtpTimestamp,
  packets,
  octets,
})
