/** Tells audio in clear from audio that is encrypted, by single packets. */
import { decodeG711 } from './g711.js'
import { RTP_HEADER_BYTES } from './rtp.js'
import { soundKind } from './sound-kind.js'

/** Packets of this and more are told by their spectrum, octets. */
const FRAME = 160
/**
 * Of 80 octets at random 69 differ, of 160 it is 119, give or take 4: silence, tones and quiet voices have far fewer values. Of a
 * steady value the spectrum tells nothing.
 */
const FEW_OF_80 = 48
const FEW = 64

/**
 * Is this G.711 in packets of tens of milliseconds, without protection? By its size, without the 4 or more octets that SRTP appends,
 * and by its sound: SRTP that has lost its tags has that size, too, and is noise (RFC 3711 §4.1). Noise in clear is not recognised.
 */
export function isClearAudio(raw: Buffer): boolean {
  const type = (raw[1] ?? 0) & 0x7f
  if ((type !== 0 && type !== 8) || raw[0] !== 0x80) return false
  const payload = raw.subarray(RTP_HEADER_BYTES)
  if (payload.length === 0 || payload.length % 80 !== 0) return false
  const values = new Set(payload).size
  if (payload.length < FRAME) return values < FEW_OF_80
  return values < FEW || soundKind(decodeG711(payload, type === 8 ? 'PCMA' : 'PCMU')) !== 'noise'
}
