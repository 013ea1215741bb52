import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { AudioPattern, PatternListener } from '../../../src/media/audio-pattern.js'
import { decodeG711, encodeG711 } from '../../../src/media/g711.js'
import { G722Decoder, G722Encoder } from '../../../src/media/g722.js'

/** A second of loud noise, quiet noise, a triangle and full scale, by whole numbers alone. */
function mixed(): Int16Array {
  let state = 7
  return Int16Array.from({ length: 8_000 }, (_, i) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    const noise = (state >>> 16) - 32_768
    if (i < 2_000) return noise
    if (i < 4_000) return noise >> 10
    if (i < 6_000) return 300 * Math.abs((i % 40) - 20) - 3_000 + (noise >> 8)
    return i % 16 < 8 ? 32_767 : -32_768
  })
}

const digest = (data: Uint8Array) => createHash('sha256').update(data).digest('hex').slice(0, 16)
const littleEndian = (samples: Int16Array) => {
  const octets = Buffer.alloc(2 * samples.length)
  for (const [i, sample] of samples.entries()) octets.writeInt16LE(sample, 2 * i)
  return octets
}

describe('G.722', () => {
  it('encodes and decodes the lower sub-band as another implementation does, bit by bit', () => {
    const octets = new G722Encoder().encode(mixed())
    expect([...octets.subarray(0, 8)]).toEqual([224, 196, 196, 196, 220, 224, 217, 215])
    // What spandsp 0.0.6 makes of the same samples (g722_encode and g722_decode with G722_SAMPLE_RATE_8000).
    expect(digest(octets)).toBe('080d6459f0d601d4')
    expect(digest(littleEndian(new G722Decoder().decode(octets)))).toBe('5d69d977dfad8295')
  })

  it('is an octet for each sample, in packets of any length', () => {
    const whole = new G722Encoder().encode(mixed())
    const encoder = new G722Encoder()
    const parts = [80, 160, 480, 7_280].reduce<{ at: number; out: Buffer[] }>(
      ({ at, out }, length) => ({ at: at + length, out: [...out, encoder.encode(mixed().subarray(at, at + length))] }),
      { at: 0, out: [] },
    )
    expect(Buffer.concat(parts.out).equals(whole)).toBe(true)
  })

  it.each([
    ['as it is', 0],
    ['with every 25th packet lost', 25],
  ])('carries the voice of a call, which is recognised: %s', (_, lostEvery) => {
    const [encoder, decoder, listener] = [new G722Encoder(), new G722Decoder(), new PatternListener()]
    const pattern = new AudioPattern(815)
    for (let index = 0; index < 300; index++) {
      const octets = encoder.encode(decodeG711(pattern.frame(index, 'PCMU'), 'PCMU'))
      if (lostEvery > 0 && index % lostEvery === 7) continue
      listener.push(encodeG711(decoder.decode(octets), 'PCMA'), 'PCMA', 160 * index, 20 * index)
    }
    expect(listener.heard().map(({ id }) => id)).toEqual([815])
    expect(listener.heard()[0]?.seconds ?? 0).toBeGreaterThan(lostEvery === 0 ? 5.5 : 2)
  })
})
