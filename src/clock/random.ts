/** Chance, as a value that is handed in: repeatable from a seed, or unpredictable. */
import { createHash, randomFillSync } from 'node:crypto'

/** A source of random values. It is handed in wherever chance is needed, so that a run can be repeated from its seed. */
export interface Random {
  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number
  /** A whole number from 0 to `below` - 1, each equally likely. Throws RangeError unless 1 <= below <= 2^32. */
  int(below: number): number
  /** A number from 0 up to, but not including, 1. */
  float(): number
  /** `n` bytes in a buffer of their own. */
  bytes(n: number): Buffer
  /** `chars` characters of lower-case base 32 (a to z, 2 to 7): 5 bits each, fit for tags, branches and Call-IDs. */
  token(chars: number): string
  /** A source of its own for one user of chance, so that what one part draws does not shift what another draws. */
  fork(label: string): Random
}

const ALPHABET = Buffer.from('abcdefghijklmnopqrstuvwxyz234567')
/** Where tokens are put together: as a string, one would be made anew with every letter. */
const letters = Buffer.alloc(64)

abstract class Source implements Random {
  abstract uint32(): number
  abstract fork(label: string): Random

  int(below: number): number {
    if (!Number.isInteger(below) || below < 1 || below > 2 ** 32) throw new RangeError(`int(${below})`)
    const limit = 2 ** 32 - (2 ** 32 % below)
    let value = this.uint32()
    while (value >= limit) value = this.uint32()
    return value % below
  }

  float(): number {
    return this.uint32() / 2 ** 32
  }

  bytes(n: number): Buffer {
    const out = Buffer.allocUnsafe(n)
    let at = 0
    for (; at + 4 <= n; at += 4) out.writeUInt32LE(this.uint32(), at)
    for (let last = at < n ? this.uint32() : 0; at < n; at++, last >>>= 8) out[at] = last & 0xff
    return out
  }

  token(chars: number): string {
    const out = chars > letters.length ? Buffer.alloc(chars) : letters
    for (let at = 0, bits = 0, value = 0; at < chars; at++, bits -= 5, value >>>= 5) {
      if (bits < 5) {
        value = this.uint32()
        bits = 30
      }
      out[at] = ALPHABET[value & 31] ?? 0
    }
    return out.toString('latin1', 0, chars)
  }
}

/**
 * Repeatable random values (xoshiro128**, seeded through SHA-256). A fork depends on the seed, the label and how many
 * forks of that label were made before, never on how many values were drawn.
 */
export class SeededRandom extends Source {
  readonly seed: string
  #a: number
  #b: number
  #c: number
  #d: number
  readonly #forks = new Map<string, number>()

  constructor(seed: number | string) {
    super()
    this.seed = String(seed)
    const digest = createHash('sha256').update(this.seed).digest()
    this.#a = digest.readInt32LE(0)
    this.#b = digest.readInt32LE(4)
    this.#c = digest.readInt32LE(8)
    this.#d = digest.readInt32LE(12) | 1
  }

  uint32(): number {
    const times5 = Math.imul(this.#b, 5)
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result
  }

  fork(label: string): SeededRandom {
    const nth = this.#forks.get(label) ?? 0
    this.#forks.set(label, nth + 1)
    return new SeededRandom(`${this.seed}/${label}#${nth}`)
  }
}

/** Unpredictable random values from node:crypto; for the wall clock, where keys and identifiers must not be guessable. */
export class SystemRandom extends Source {
  readonly #pool = Buffer.alloc(4096)
  #used = 4096

  uint32(): number {
    if (this.#used === this.#pool.length) {
      randomFillSync(this.#pool)
      this.#used = 0
    }
    const value = this.#pool.readUInt32LE(this.#used)
    // What was handed out does not stay behind in memory.
    this.#pool.writeUInt32LE(0, this.#used)
    this.#used += 4
    return value
  }

  override bytes(n: number): Buffer {
    return n > 64 ? randomFillSync(Buffer.alloc(n)) : super.bytes(n)
  }

  fork(_label: string): SystemRandom {
    return this
  }
}
