/** What is what on a port that RTP shares with others (RFC 7983 §7): told by the first octet. */
export type DatagramKind = 'stun' | 'zrtp' | 'dtls' | 'turn' | 'rtp' | 'unknown'

/** `rtp`: RTP or RTCP, clear or protected. */
export function kindOfDatagram(datagram: Uint8Array): DatagramKind {
  const [first] = datagram
  if (first === undefined) return 'unknown'
  if (first <= 3) return 'stun'
  if (first >= 16 && first <= 19) return 'zrtp'
  if (first >= 20 && first <= 63) return 'dtls'
  if (first >= 64 && first <= 79) return 'turn'
  return first >= 128 && first <= 191 ? 'rtp' : 'unknown'
}
