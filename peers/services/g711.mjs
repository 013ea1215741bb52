// ITU-T G.711: both laws, by table. Samples are 16 bit linear, 8000 a second.

const BIAS = 0x84
const CLIP = 32635

function muToLinear(code) {
  const bits = ~code & 0xff
  const size = (((bits & 0x0f) << 3) + BIAS) << ((bits >> 4) & 7)
  return bits & 0x80 ? BIAS - size : size - BIAS
}

function aToLinear(code) {
  const bits = code ^ 0x55
  const exponent = (bits >> 4) & 7
  const mantissa = ((bits & 0x0f) << 4) + 8
  const size = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
  return bits & 0x80 ? size : -size
}

function linearToMu(sample) {
  const sign = sample < 0 ? 0x80 : 0
  const size = Math.min(Math.abs(sample), CLIP) + BIAS
  const exponent = Math.max(0, 24 - Math.clz32(size))
  return ~(sign | (exponent << 4) | ((size >> (exponent + 3)) & 0x0f)) & 0xff
}

function linearToA(sample) {
  const sign = sample < 0 ? 0 : 0x80
  const size = Math.min(sample < 0 ? -sample - 1 : sample, 32767) >> 4
  const exponent = size < 0x10 ? 0 : 32 - Math.clz32(size) - 4
  const mantissa = exponent < 2 ? size & 0x0f : (size >> (exponent - 1)) & 0x0f
  return (sign | (exponent << 4) | mantissa) ^ 0x55
}

const table = (decode) => Int16Array.from({ length: 256 }, (_, code) => decode(code))
const decoders = { PCMU: table(muToLinear), PCMA: table(aToLinear) }
const encoders = { PCMU: linearToMu, PCMA: linearToA }

/** @param {'PCMU' | 'PCMA'} codec */
export const decode = (codec, payload) => Int16Array.from(payload, (code) => decoders[codec][code])

/** @param {'PCMU' | 'PCMA'} codec */
export const encode = (codec, samples) => Buffer.from(Array.from(samples, encoders[codec]))
