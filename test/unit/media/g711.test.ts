import { alaw, mulaw } from 'alawmulaw'
import { describe, expect, it } from 'vitest'
import { decodeG711, encodeG711, silence, transcodeG711 } from '../../../src/media/g711.js'

const every = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768)
const octets = Uint8Array.from({ length: 256 }, (_, i) => i)

describe('G.711', () => {
  it.each([
    ['PCMA', alaw],
    ['PCMU', mulaw],
  ] as const)('%s decodes as another implementation does', (codec, other) => {
    expect(decodeG711(octets, codec)).toEqual(Int16Array.from(other.decode(octets)))
  })

  it.each([
    ['PCMA', alaw],
    ['PCMU', mulaw],
  ] as const)('%s encodes every sample to the same value, or one that is as near', (codec, other) => {
    const ours = decodeG711(encodeG711(every, codec), codec)
    const theirs = Int16Array.from(other.decode(Uint8Array.from(other.encode(every))))
    let worse = 0
    for (let i = 0; i < every.length; i++) {
      const sample = Math.max(-32_635, Math.min(32_635, every[i]!))
      if (Math.abs(ours[i]! - sample) > Math.abs(theirs[i]! - sample)) worse++
    }
    expect(worse).toBe(0)
  })

  it.each(['PCMA', 'PCMU'] as const)('%s: every octet survives a round trip', (codec) => {
    const again = encodeG711(decodeG711(octets, codec), codec)
    // µ-law has two zeroes.
    expect([...again].filter((octet, i) => octet !== i && !(codec === 'PCMU' && i === 0x7f))).toEqual([])
  })

  it('transcodes within the coarser step', () => {
    const linear = decodeG711(transcodeG711(encodeG711(every, 'PCMA'), 'PCMA', 'PCMU'), 'PCMU')
    for (let i = 0; i < every.length; i += 97)
      expect(Math.abs(linear[i]! - every[i]!)).toBeLessThanOrEqual(Math.max(40, Math.abs(every[i]!) / 12))
  })

  it('has silence that is silent', () => {
    expect(Math.abs(decodeG711(Uint8Array.of(silence('PCMA')), 'PCMA')[0]!)).toBeLessThanOrEqual(8)
    expect(decodeG711(Uint8Array.of(silence('PCMU')), 'PCMU')[0] === 0).toBe(true)
  })
})
