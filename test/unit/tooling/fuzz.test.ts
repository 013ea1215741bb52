/** A short run of `npm run fuzz`: mutated inputs through the decoders; what failed once is kept here. */
import { describe, expect, it } from 'vitest'
import { type Decoder, decoders } from '../../../bench/fuzz/decoders.js'
import { failureOf, fuzz, reduced } from '../../../bench/fuzz/fuzz.js'

/** Those that take longest for an input get fewer. */
const INPUTS: Readonly<Record<string, number>> = { message: 800, pcapng: 800, capture: 1_500, sdp: 1_500, dns: 2_000 }

describe('mutated inputs', () => {
  it.each(decoders)('are read by the decoder of $name without an exception or a hang', (decoder) => {
    expect(decoder.samples.map((sample) => failureOf(decoder, sample))).toEqual(decoder.samples.map(() => undefined))
    expect(fuzz(decoder, { inputs: INPUTS[decoder.name] ?? 6_000, seed: 1 })).toEqual([])
  })
})

it('a DNS reply that counts 65,280 records and has none of them is no hang', () => {
  const reply = Buffer.from('AAeBAAABAAQAAP8ABG1wbGUDbmV0AAAhAAE=', 'base64')
  const dns = decoders.filter(({ name }) => name === 'dns')
  expect(dns.map((decoder) => failureOf(decoder, reply))).toEqual([undefined])
})

describe('the fuzzer itself', () => {
  const broken: Decoder = {
    name: 'broken',
    samples: [Buffer.from('a long sample with a word in it')],
    decode(bytes) {
      if (bytes.includes('z9hG4bK')) throw new TypeError('it is in there')
    },
  }

  it('finds what fails, the same with the same seed, and reduces it', () => {
    const [failure, ...others] = fuzz(broken, { inputs: 2_000, seed: 1 })
    expect(others).toEqual([])
    expect(failure).toEqual({ decoder: 'broken', why: 'TypeError: it is in there', input: Buffer.from('z9hG4bK') })
    expect(fuzz(broken, { inputs: 2_000, seed: 1 })).toEqual([failure])
  })

  it('finds what takes too long', () => {
    const squared: Decoder = {
      name: 'squared',
      samples: broken.samples,
      decode(bytes) {
        let sum = 0
        for (let i = 0; i < bytes.length; i += 8) for (let j = 0; j < bytes.length; j += 8) sum ^= i * j
        if (sum === -1) throw new Error('never')
      },
    }
    // Millions of steps, which no machine takes in 0.1 ms.
    expect(failureOf(squared, Buffer.alloc(20_000), 0.1)).toBe('it takes too long')
    expect(failureOf(squared, Buffer.alloc(8))).toBe(undefined)
    expect(reduced(broken, Buffer.from('xxz9hG4bKyy'), 'TypeError: it is in there').toString()).toBe('z9hG4bK')
  })
})
