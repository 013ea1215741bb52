/**
 * G.722 at 64 kbit/s (ITU-T G.722) of what telephone lines carry: its lower sub-band is sound of 8,000 samples a second as G.711
 * has it, and is coded and decoded here; the upper one (4 to 7 kHz) is sent as silence and not listened to. An octet is one
 * sample of each sub-band, so octets and timestamps count 8,000 a second (RFC 3551 §4.5.2).
 *
 *      0   1   2   3   4   5   6   7
 *    +-------+-----------------------+
 *    | upper |      lower (6 bits)   |
 *    +-------+-----------------------+
 */

/** Of the lower sub-band: decision levels of the encoder (Q6), and what they are called where the difference is below or above zero. */
const LEVELS = [
  35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458,
  1612, 1765, 1980, 2195, 2557, 2919,
]
const HIGHEST_LEVEL = LEVELS.length
const codeAbove = (level: number) => 61 - level
const codeBelow = (level: number) => (level < 2 ? 63 - level : 33 - level)

/** What a code of four bits (the upper four of six) stands for, and one of six: inverse quantisers. */
const FOUR_BITS = [0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0]
const SIX_BITS = [
  -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856,
  -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728, 24808,
  21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008,
  3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
]
/** How the scale grows or shrinks (logarithm, WL), by the code of four bits. */
const GROWTH = [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60]
/** 2^(n/32), 11 bits after the point (ILB). */
const POWERS = Array.from({ length: 32 }, (_, n) => Math.floor(2048 * 2 ** (n / 32) + 0.5))
const MOST_GROWN = 18_432
/** Of the upper sub-band: again and again the smallest step, whose scale shrinks to nothing. */
const UPPER_SILENCE = 0b11 << 6

const clip = (value: number): number => (value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value)
/** A 15 bit sample at the most. */
const clipOutput = (value: number): number => (value > 16_383 ? 16_383 : value < -16_384 ? -16_384 : value)

/** What both ends know of the lower sub-band: scale of the differences, and the predictor of two poles and six zeros. */
class Predictor {
  /** What is expected next. */
  expected = 0
  scale = 32
  #log = 0
  #zeros = 0
  #pole1 = 0
  #pole2 = 0
  #rebuilt1 = 0
  #rebuilt2 = 0
  #partial1 = 0
  #partial2 = 0
  readonly #b = new Int32Array(6)
  readonly #d = new Int32Array(6)

  /** Takes in a code of four bits. */
  adapt(code: number): void {
    const difference = (this.scale * (FOUR_BITS[code] ?? 0)) >> 15
    this.#rescale(code)
    const rebuilt = clip(this.expected + difference)
    const partial = clip(this.#zeros + difference)
    this.#movePoles(partial)
    this.#moveZeros(difference)
    this.#d.copyWithin(1, 0, 5)
    this.#d[0] = difference
    this.#rebuilt2 = this.#rebuilt1
    this.#rebuilt1 = rebuilt
    const byPoles = clip(
      ((this.#pole1 * clip(2 * this.#rebuilt1)) >> 15) + ((this.#pole2 * clip(2 * this.#rebuilt2)) >> 15),
    )
    let byZeros = 0
    for (let i = 0; i < 6; i++) byZeros += ((this.#b[i] ?? 0) * clip(2 * (this.#d[i] ?? 0))) >> 15
    this.#zeros = clip(byZeros)
    this.expected = clip(byPoles + this.#zeros)
  }

  #rescale(code: number): void {
    const log = ((this.#log * 127) >> 7) + (GROWTH[code] ?? 0)
    this.#log = log < 0 ? 0 : log > MOST_GROWN ? MOST_GROWN : log
    const power = POWERS[(this.#log >> 6) & 31] ?? 0
    const shift = 8 - (this.#log >> 11)
    this.scale = (shift < 0 ? power << -shift : power >> shift) << 2
  }

  #movePoles(partial: number): void {
    const agrees1 = partial < 0 === this.#partial1 < 0
    const agrees2 = partial < 0 === this.#partial2 < 0
    const four = clip(4 * this.#pole1)
    const second =
      (Math.min(agrees1 ? -four : four, 32_767) >> 7) + (agrees2 ? 128 : -128) + ((this.#pole2 * 32_512) >> 15)
    this.#pole2 = second > 12_288 ? 12_288 : second < -12_288 ? -12_288 : second
    const first = clip((agrees1 ? 192 : -192) + ((this.#pole1 * 32_640) >> 15))
    const most = clip(15_360 - this.#pole2)
    this.#pole1 = first > most ? most : first < -most ? -most : first
    this.#partial2 = this.#partial1
    this.#partial1 = partial
  }

  #moveZeros(difference: number): void {
    const step = difference === 0 ? 0 : 128
    for (let i = 0; i < 6; i++) {
      const towards = (this.#d[i] ?? 0) < 0 === difference < 0 ? step : -step
      this.#b[i] = clip(towards + (((this.#b[i] ?? 0) * 32_640) >> 15))
    }
  }
}

/** One stream's encoder. */
export class G722Encoder {
  readonly #predictor = new Predictor()

  /** Samples of 16 bits, 8,000 a second, to one octet each. */
  encode(samples: Int16Array): Buffer {
    const octets = Buffer.allocUnsafe(samples.length)
    for (let i = 0; i < samples.length; i++) {
      // The sub-band has 15 bits.
      const difference = clip(((samples[i] ?? 0) >> 1) - this.#predictor.expected)
      const size = difference < 0 ? ~difference : difference
      let level = 0
      while (level < HIGHEST_LEVEL && size >= ((LEVELS[level] ?? 0) * this.#predictor.scale) >> 12) level++
      const code = difference < 0 ? codeBelow(level) : codeAbove(level)
      this.#predictor.adapt(code >> 2)
      octets[i] = code | UPPER_SILENCE
    }
    return octets
  }
}

/** One stream's decoder: packets in their order; one that is missing is heard as a click, as everywhere. */
export class G722Decoder {
  readonly #predictor = new Predictor()

  /** @returns samples of 16 bits, 8,000 a second */
  decode(octets: Uint8Array): Int16Array {
    const samples = new Int16Array(octets.length)
    for (let i = 0; i < octets.length; i++) {
      const code = (octets[i] ?? 0) & 0x3f
      const difference = (this.#predictor.scale * (SIX_BITS[code] ?? 0)) >> 15
      samples[i] = clipOutput(this.#predictor.expected + difference) << 1
      this.#predictor.adapt(code >> 2)
    }
    return samples
  }
}
