/** Mutated inputs, seeded: no exception but the declared ones, no hang, time linear in size; what fails is reduced. */
import type { Random } from '../../src/clock/random.js'
import { SeededRandom } from '../../src/clock/random.js'
import type { Decoder } from './decoders.js'

export interface Failure {
  readonly decoder: string
  readonly why: string
  /** As small as it could be made. */
  readonly input: Buffer
}

/** No input of a datagram's size may take longer, milliseconds; a machine that is busy is given a second look. */
const HANG_MS = 250

const WORDS = [
  '\r\n',
  '\r\n\r\n',
  ' ',
  '\t',
  ',',
  ';',
  ':',
  '"',
  '<',
  '>',
  '=',
  '@',
  '%',
  '%zz',
  '\\',
  '\0',
  '\u00ff',
  '*',
  '[',
  ']',
  '/',
  '|',
  '0',
  '-1',
  '65536',
  '4294967296',
  '99999999999999999999',
  'sip:',
  'SIP/2.0',
  'z9hG4bK',
  'inline:',
  'c=IN IP4 x',
  'm=audio',
  'a=crypto:',
  'Content-Length: 9',
  'l: 1',
  'Digest ',
  'response="',
  ';tag=',
  ';lr',
].map((word) => Buffer.from(word, 'latin1'))

const pick = <T>(random: Random, from: readonly T[]): T | undefined => from[random.int(from.length)]

/** One to six changes: bits, octets, lengths, pieces doubled, removed, swapped or grown, words of the grammars put in. */
export function mutated(samples: readonly Buffer[], random: Random): Buffer {
  let data = Buffer.from(pick(random, samples) ?? Buffer.alloc(1))
  for (let times = 1 + random.int(6); times > 0; times--) {
    const at = random.int(data.length + 1)
    const to = Math.min(data.length, at + 1 + random.int(16))
    const put = (piece: Uint8Array, until = at) => Buffer.concat([data.subarray(0, at), piece, data.subarray(until)])
    switch (random.int(10)) {
      case 0:
        if (at < data.length) data[at] = (data[at] ?? 0) ^ (1 << random.int(8))
        break
      case 1:
        if (at < data.length) data[at] = random.int(256)
        break
      case 2:
        data = data.subarray(0, at)
        break
      case 3:
        data = put(random.bytes(1 + random.int(8)))
        break
      case 4:
        data = put(pick(random, WORDS) ?? Buffer.alloc(0))
        break
      case 5:
        data = put(pick(random, WORDS) ?? Buffer.alloc(0), to)
        break
      case 6:
        data = put(Buffer.alloc(0), to)
        break
      case 7:
        data = put(data.subarray(at, to))
        break
      case 8:
        // Lengths and counts stand in the first octets.
        if (data.length > 0) data[random.int(Math.min(data.length, 12))] = pick(random, [0, 1, 127, 128, 255]) ?? 0
        break
      default: {
        const other = pick(random, samples) ?? data
        data = put(other.subarray(random.int(other.length)))
      }
    }
  }
  // No datagram is longer, and none is empty.
  return data.length === 0 ? Buffer.alloc(1) : Buffer.from(data.subarray(0, 65_507))
}

/** Why an input fails; undefined where it does not. @param hangMs what is too long */
export function failureOf(decoder: Decoder, input: Buffer, hangMs = HANG_MS): string | undefined {
  const before = performance.now()
  try {
    // What it was given is compared with what it makes of it, so that it must not change it.
    decoder.decode(input)
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
  return performance.now() - before > hangMs && slowest(decoder, input) > hangMs ? 'it takes too long' : undefined
}

/** The best of three: what else this machine does is no hang. */
const slowest = (decoder: Decoder, input: Buffer): number =>
  Math.min(
    ...[1, 2, 3].map(() => {
      const before = performance.now()
      decoder.decode(input)
      return performance.now() - before
    }),
  )

/** Feeds a decoder with so many inputs. @returns one failure of each kind, reduced */
export function fuzz(decoder: Decoder, { inputs, seed }: { inputs: number; seed: number }): Failure[] {
  const random = new SeededRandom(`${decoder.name} ${seed}`)
  const found = new Map<string, Failure>()
  for (let round = 0; round < inputs; round++) {
    const input = mutated(decoder.samples, random)
    const why = failureOf(decoder, input)
    const kind = why?.replaceAll(/\d+/g, 'N')
    if (why === undefined || kind === undefined || found.has(kind)) continue
    found.set(kind, { decoder: decoder.name, why, input: reduced(decoder, input, kind) })
  }
  return [...found.values()]
}

/** Leaves out what it fails without: halves first, single octets last. */
export function reduced(decoder: Decoder, input: Buffer, kind: string): Buffer {
  let smallest = input
  for (let piece = Math.max(1, input.length >> 1); piece >= 1; piece >>= 1) {
    for (let at = 0; at < smallest.length; ) {
      const shorter = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + piece)])
      if (shorter.length > 0 && failureOf(decoder, shorter)?.replaceAll(/\d+/g, 'N') === kind) smallest = shorter
      else at += piece
    }
  }
  return smallest
}

/**
 * How the time grows with the size of an input made of one piece over and over: the exponent, 1 for linear. Sizes are large
 * enough that what is constant does not count.
 */
export function growth(decoder: Decoder, piece: Buffer): { exponent: number; largestMs: number } {
  const time = (bytes: number) => slowest(decoder, Buffer.alloc(bytes, piece))
  const [small, large] = [8_000, 64_000]
  time(small)
  const [before, after] = [time(small), time(large)]
  return {
    exponent: Math.log(Math.max(after, 0.05) / Math.max(before, 0.05)) / Math.log(large / small),
    largestMs: after,
  }
}

/** Pieces that inputs are made of for `growth`. */
export const PIECES: readonly Buffer[] = WORDS
