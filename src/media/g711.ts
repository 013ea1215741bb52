/** G.711: A-law and µ-law against linear samples of 16 bits, and against each other. */
import type { CodecName } from '../sdp/audio-stream.js'

/** The codecs that are one octet for each sample, whatever came before. */
export type Law = Exclude<CodecName, 'G722'>

export const isLaw = (codec: CodecName): codec is Law => codec !== 'G722'

const CLIP = 32_635
const MU_BIAS = 0x84

/** Samples of 16 bits to one octet each. */
export function encodeG711(samples: Int16Array, codec: Law): Buffer {
  const law = encoder(codec)
  const out = Buffer.allocUnsafe(samples.length)
  for (let i = 0; i < samples.length; i++) out[i] = law[(samples[i] ?? 0) & 0xffff] ?? 0
  return out
}

/** Octets to samples of 16 bits. */
export function decodeG711(payload: Uint8Array, codec: Law): Int16Array {
  const law = DECODE[codec]
  const out = new Int16Array(payload.length)
  for (let i = 0; i < payload.length; i++) out[i] = law[payload[i] ?? 0] ?? 0
  return out
}

/** From one law to the other, through linear samples as relays do it. */
export function transcodeG711(payload: Uint8Array, from: Law, to: Law): Buffer {
  return from === to ? Buffer.from(payload) : encodeG711(decodeG711(payload, from), to)
}

/** The octet of silence: the smallest step, not zero, which would be full scale in µ-law. */
export function silence(codec: Law): number {
  return codec === 'PCMA' ? 0xd5 : 0xff
}

/** 256 linear values, by octet. */
export function decodeTable(codec: Law): Int16Array {
  return DECODE[codec]
}

function muLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const magnitude = Math.min(sample < 0 ? -sample : sample, CLIP) + MU_BIAS
  const exponent = 24 - Math.clz32(magnitude & 0x7f80)
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff
}

function aLaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80
  const magnitude = Math.min(sample < 0 ? -sample : sample, CLIP)
  const exponent = magnitude < 256 ? 0 : 24 - Math.clz32(magnitude)
  const value = exponent === 0 ? magnitude >> 4 : (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)
  return (value ^ sign ^ 0x55) & 0xff
}

function fromMuLaw(octet: number): number {
  const value = ~octet & 0xff
  const exponent = (value >> 4) & 0x07
  const magnitude = ((((value & 0x0f) << 3) + MU_BIAS) << exponent) - MU_BIAS
  return value & 0x80 ? -magnitude : magnitude
}

function fromALaw(octet: number): number {
  const value = octet ^ 0x55
  const exponent = (value >> 4) & 0x07
  const base = ((value & 0x0f) << 4) + 8
  const magnitude = exponent === 0 ? base : (base + 0x100) << (exponent - 1)
  return value & 0x80 ? magnitude : -magnitude
}

const DECODE: Record<Law, Int16Array> = {
  PCMA: Int16Array.from({ length: 256 }, (_, octet) => fromALaw(octet)),
  PCMU: Int16Array.from({ length: 256 }, (_, octet) => fromMuLaw(octet)),
}

// 64 KB each, made when first needed; the index is the sample's low 16 bits.
const ENCODE: Partial<Record<Law, Uint8Array>> = {}

function encoder(codec: Law): Uint8Array {
  const known = ENCODE[codec]
  if (known !== undefined) return known
  const law = codec === 'PCMA' ? aLaw : muLaw
  const table = Uint8Array.from({ length: 65_536 }, (_, index) => law(index < 32_768 ? index : index - 65_536))
  ENCODE[codec] = table
  return table
}
