/**
 * HMAC-SHA1 (RFC 2104, FIPS 180-4) for packets of a few hundred octets.
 *
 * Written out in TypeScript because node:crypto's price per call is the crossing, not the hashing: with the two pad
 * blocks hashed once per key, an RTP packet of 172 octets costs four compressions here, less than one `createHmac`.
 */

// Work space of one call at a time: everything below is synchronous.
const schedule = new Int32Array(80)
const state = new Int32Array(5)
const tail = new Uint8Array(128)
/** The last digest computed, as five big-endian words; overwritten by the next call. */
const digest = new Int32Array(5)

const INITIAL = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0)

/** A key with its inner and outer pad blocks already hashed. */
export class HmacSha1 {
  readonly #inner: Int32Array
  readonly #outer: Int32Array

  /** @param key up to 64 octets; longer ones (which SRTP never has) are refused. */
  constructor(key: Uint8Array) {
    if (key.length > 64) throw new RangeError(`an HMAC-SHA1 key of ${key.length} octets; 64 at most`)
    this.#inner = padState(key, 0x36)
    this.#outer = padState(key, 0x5c)
  }

  /**
   * Hashes `bytes[0..end)`, then `trailer` as four big-endian octets where given (the roll-over counter of RFC 3711
   * §4.2). Returns five words that stand until the next call.
   */
  compute(bytes: Uint8Array, end: number, trailer?: number): Int32Array {
    state.set(this.#inner)
    let at = 0
    for (; at + 64 <= end; at += 64) {
      for (let i = 0, j = at; i < 16; i++, j += 4) schedule[i] = wordAt(bytes, j)
      compress()
    }
    let used = 0
    for (; at < end; at++) tail[used++] = bytes[at] ?? 0
    let length = end
    if (trailer !== undefined) {
      tail[used++] = trailer >>> 24
      tail[used++] = trailer >>> 16
      tail[used++] = trailer >>> 8
      tail[used++] = trailer
      length += 4
    }
    finish(used, 64 + length)

    for (let i = 0; i < 5; i++) schedule[i] = state[i] ?? 0
    schedule[5] = 0x80000000 | 0
    schedule.fill(0, 6, 15)
    schedule[15] = (64 + 20) * 8
    state.set(this.#outer)
    compress()
    digest.set(state)
    return digest
  }

  /** Writes the leftmost `octets` of the digest (RFC 3711 §4.2.1) at `offset` of `into`. */
  write(bytes: Uint8Array, end: number, trailer: number | undefined, into: Uint8Array, offset: number, octets: number) {
    const words = this.compute(bytes, end, trailer)
    for (let i = 0; i < octets; i++) into[offset + i] = (words[i >> 2] ?? 0) >>> (24 - 8 * (i & 3))
  }

  /** Compares `octets` of tag at `offset` of `bytes`; takes the same time wherever they differ. */
  matches(bytes: Uint8Array, end: number, trailer: number | undefined, offset: number, octets: number): boolean {
    const words = this.compute(bytes, end, trailer)
    let difference = 0
    for (let i = 0; i < octets; i++)
      difference |= (((words[i >> 2] ?? 0) >>> (24 - 8 * (i & 3))) & 0xff) ^ (bytes[offset + i] ?? 0)

    return difference === 0
  }
}

function padState(key: Uint8Array, pad: number): Int32Array {
  const block = new Uint8Array(64).fill(pad)
  for (let i = 0; i < key.length; i++) block[i] = (key[i] ?? 0) ^ pad
  for (let i = 0; i < 16; i++) schedule[i] = wordAt(block, 4 * i)
  state.set(INITIAL)
  compress()
  return state.slice()
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
}

/** Pads what is left in `tail` (FIPS 180-4 §5.1.1) and compresses its one or two blocks. */
function finish(used: number, length: number): void {
  tail[used++] = 0x80
  const blocks = used > 56 ? 2 : 1
  tail.fill(0, used, 64 * blocks)
  for (let block = 0; block < blocks; block++) {
    for (let i = 0, j = 64 * block; i < 16; i++, j += 4) schedule[i] = wordAt(tail, j)
    if (block === blocks - 1) schedule[15] = length << 3
    compress()
  }
}

/** FIPS 180-4 §6.1.2 over the 16 words in `schedule`, extended to 80 on the way: the rounds wait on one another anyhow. */
function compress(): void {
  let a = state[0] ?? 0
  let b = state[1] ?? 0
  let c = state[2] ?? 0
  let d = state[3] ?? 0
  let e = state[4] ?? 0
  let i = 0
  for (; i < 16; i++) {
    const t = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + e + (schedule[i] ?? 0) + 0x5a827999) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = t
  }
  for (; i < 20; i++) {
    const t = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + e + extend(i) + 0x5a827999) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = t
  }
  for (; i < 40; i++) {
    const t = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + extend(i) + 0x6ed9eba1) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = t
  }
  for (; i < 60; i++) {
    const t = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + e + extend(i) + 0x8f1bbcdc) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = t
  }
  for (; i < 80; i++) {
    const t = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + extend(i) + 0xca62c1d6) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = t
  }
  state[0] = (state[0] ?? 0) + a
  state[1] = (state[1] ?? 0) + b
  state[2] = (state[2] ?? 0) + c
  state[3] = (state[3] ?? 0) + d
  state[4] = (state[4] ?? 0) + e
}

function extend(i: number): number {
  const x = (schedule[i - 3] ?? 0) ^ (schedule[i - 8] ?? 0) ^ (schedule[i - 14] ?? 0) ^ (schedule[i - 16] ?? 0)
  return (schedule[i] = (x << 1) | (x >>> 31))
}
