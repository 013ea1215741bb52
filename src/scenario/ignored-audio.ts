/** What comes to a port of audio and is not played, in words that name what the far end sent. */
import { isClearAudio } from '../media/clear-audio.js'
import type { MediaPacketEvent } from '../media/media-session.js'

/** So many payload types are named. */
const MOST_TYPES = 5

type Packet = Pick<MediaPacketEvent, 'fault' | 'plain' | 'raw'>

/** Does a telephone drop it? */
export const isIgnored = ({ fault, plain }: Packet): boolean => fault !== undefined || plain === undefined

/** Another source under the same number: of its own it could be played. */
export const isRepetition = ({ fault, plain }: Packet): boolean => fault === 'ssrc-collision' && plain !== undefined

/** What most of these packets, all ignored, are. */
export function whatIsIgnored(packets: readonly Packet[]): string {
  const kinds = new Map<string, Packet[]>()
  for (const packet of packets) {
    const kind = kindOf(packet)
    kinds.set(kind, [...(kinds.get(kind) ?? []), packet])
  }
  const [[kind, most] = ['', []]] = [...kinds].sort(([, a], [, b]) => b.length - a.length)
  if (kind !== UNLISTED) return `${most.length} ${kind}`
  const types = [...new Set(most.map(({ raw }) => (raw[1] ?? 0) & 0x7f))]
  const named = `${types.slice(0, MOST_TYPES).join(', ')}${types.length > MOST_TYPES ? ', …' : ''}`
  return types.length === 1
    ? `${most.length} packets with payload type ${named}, which was not agreed on`
    : `${most.length} packets with payload types that were not agreed on: ${named}`
}

const UNLISTED = 'unknown-payload-type'

function kindOf({ fault = '', raw }: Packet): string {
  if (fault === UNLISTED) return UNLISTED
  if (/^rtp-|^not-rtp$|^too-short$/.test(fault)) return 'datagrams that are not RTP'
  if (fault === 'replayed' || fault === 'too-old') return 'packets that were sent before'
  if (fault === 'ssrc-collision') return 'packets under the source (SSRC) of another sender'
  return isClearAudio(raw) ? 'packets that are not encrypted' : 'packets that cannot be decrypted'
}
