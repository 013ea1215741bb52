/** What SRTP keeps per source: packet index, replay list, key stream made ahead (RFC 3711 §3.2.1, §3.3). */
import { LOOK_AHEAD_BLOCKS } from './srtp-keys.js'
import type { SessionKeys } from './srtp-keys.js'

const SEQUENCE_RANGE = 0x10000
/** RFC 3711 §9.2: indices, and so packets, of one SRTP stream under one key. */
export const RTP_INDICES = 2 ** 48
/** Half a second of G.711 in packets of 20 ms: 4,000 octets of key stream. Twice that is hardly faster. */
const LOOK_AHEAD_PACKETS = 25
const NOTHING = Buffer.alloc(0)

/** The packets had lately, as a bitmap that slides with the highest index (RFC 3711 §3.3.2). */
export class ReplayList {
  /** -1 until the first packet. */
  highest = -1
  readonly #size: number
  readonly #bits: Int32Array

  /** @param window in packets; RFC 3711 §3.3.2 wants 64 at least. */
  constructor(window: number) {
    // A lag of exactly the window's size is still inside: one bit more, rounded up to a power of two.
    this.#size = 2 ** Math.ceil(Math.log2(window + 1))
    this.#bits = new Int32Array(this.#size / 32)
  }

  judge(index: number): 'new' | 'replayed' | 'too-old' {
    if (index > this.highest) return 'new'
    if (this.highest - index >= this.#size) return 'too-old'
    const bit = index & (this.#size - 1)
    return ((this.#bits[bit >> 5] ?? 0) >>> (bit & 31)) & 1 ? 'replayed' : 'new'
  }

  /** Only after authentication (RFC 3711 §3.3, step 7). */
  add(index: number): void {
    if (index > this.highest) {
      if (index - this.highest >= this.#size) this.#bits.fill(0)
      else for (let skipped = this.highest + 1; skipped < index; skipped++) this.#clear(skipped)
      this.highest = index
    }
    const bit = index & (this.#size - 1)
    this.#bits[bit >> 5] = (this.#bits[bit >> 5] ?? 0) | (1 << (bit & 31))
  }

  #clear(index: number): void {
    const bit = index & (this.#size - 1)
    this.#bits[bit >> 5] = (this.#bits[bit >> 5] ?? 0) & ~(1 << (bit & 31))
  }
}

/** One SSRC of one direction. */
export class SrtpStream {
  readonly ssrc: number
  /** ROC of the highest index; given from outside for a session joined late, else 0 (RFC 3711 §3.3.1). */
  rolloverCounter: number
  /** s_l, the highest sequence number; -1 until the first packet. */
  highestSequence = -1
  readonly seen: ReplayList

  #stream: Buffer = NOTHING
  #keys: SessionKeys | undefined
  #first = 0
  #packets = 0
  #blocks = 0
  /** How many packets to make key stream for, doubled as long as they are used: none is made ahead for an idle source. */
  #run = 1

  constructor(ssrc: number, rolloverCounter: number, window: number) {
    this.ssrc = ssrc
    this.rolloverCounter = rolloverCounter
    this.seen = new ReplayList(window)
  }

  /** The index nearest to the highest one so far (RFC 3711 §3.3.1, Appendix A); out of range where ROC leaves 32 bits. */
  estimateIndex(sequence: number): number {
    const highest = this.highestSequence
    let roc = this.rolloverCounter
    if (highest >= 0) {
      if (highest < 0x8000) {
        if (sequence - highest > 0x8000) roc -= 1
      } else if (highest - 0x8000 > sequence) {
        roc += 1
      }
    }
    // DEVIATION: ROC is not taken modulo 2^32, because an index past either end has no valid packet (§9.2).
    return roc * SEQUENCE_RANGE + sequence
  }

  /** Moves ROC, s_l and the replay list on, after authentication (RFC 3711 §3.3.1, §3.3.2). */
  accept(index: number): void {
    const roc = Math.floor(index / SEQUENCE_RANGE)
    const sequence = index & 0xffff
    if (this.highestSequence < 0 || roc > this.rolloverCounter) {
      this.rolloverCounter = roc
      this.highestSequence = sequence
    } else if (roc === this.rolloverCounter && sequence > this.highestSequence) {
      this.highestSequence = sequence
    }
    this.seen.add(index)
  }

  /**
   * XORs key stream of packet `index` into `from[start..end)`, result in `into` at the same offsets. Key stream for the
   * packets that follow is made in the same call of the cipher.
   * @param epochEnd first index of the next key derivation epoch
   */
  encrypt(
    keys: SessionKeys,
    index: number,
    epochEnd: number,
    from: Uint8Array,
    into: Uint8Array,
    start: number,
    end: number,
  ): void {
    const blocks = (end - start + 15) >> 4
    if (blocks === 0) return
    const position = this.#position(keys, index, blocks, epochEnd)
    const stream = position < 0 ? keys.stream.generate(this.ssrc, index, 1, blocks) : this.#stream
    for (let i = start, k = Math.max(position, 0); i < end; i++, k++) into[i] = (from[i] ?? 0) ^ (stream[k] ?? 0)
  }

  /** Where the key stream of a packet begins in what was made ahead; -1 for a straggler that has to be made alone. */
  #position(keys: SessionKeys, index: number, blocks: number, epochEnd: number): number {
    const ahead = index - this.#first
    const same = keys === this.#keys
    if (same && ahead < 0) return -1
    if (!same || ahead >= this.#packets || blocks > this.#blocks) {
      const follows = same && ahead < 2 * this.#packets
      this.#run = follows ? Math.min(2 * this.#run, LOOK_AHEAD_PACKETS) : 1
      const packets = Math.min(this.#run, Math.floor(LOOK_AHEAD_BLOCKS / blocks), epochEnd - index, RTP_INDICES - index)
      this.#packets = Math.max(packets, 1)
      this.#blocks = blocks
      this.#first = index
      this.#keys = keys
      this.#stream = keys.stream.generate(this.ssrc, index, this.#packets, blocks)
      return 0
    }
    return 16 * ahead * this.#blocks
  }
}
