/** G.711. Signatures first; bodies follow. */
import type { CodecName } from '../sdp/offer-answer.js'
export type { CodecName } from '../sdp/offer-answer.js'
/** Linear 16 bit to companded. */
export function encode(samples: Int16Array, codec: CodecName): Buffer {
  throw new Error(`not yet ${samples.length} ${codec}`)
}
export function decode(payload: Uint8Array, codec: CodecName): Int16Array {
  throw new Error(`not yet ${payload.length} ${codec}`)
}
