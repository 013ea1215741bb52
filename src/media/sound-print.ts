/**
 * What an announcement sounds like, in a few hundred octets: the levels of six bands, 25 times a second. Two prints are alike where they
 * rise and fall together, however loud either is, whichever law it went through, and wherever one begins in the other.
 * How often it is mistaken: docs/trust.md.
 */

/** 8,000 samples a second; levels are those of 32 ms, every 40 ms. */
const HOP = 320
const WINDOW = 256
export const PRINTS_PER_SECOND = 25
/** Edges of the bands, lines of 31.25 Hz: 250 to 3,400 Hz. */
const EDGES = [8, 13, 20, 30, 45, 68, 108]
const BANDS = EDGES.length - 1
/** Below the loudest by so much (dB) is nothing. */
const RANGE_DB = 45
/** So much of both has to be beside each other, frames. */
const LEAST_BESIDE = 2 * PRINTS_PER_SECOND

/** Frames of six octets: 0 is nothing, 255 the loudest. */
export type SoundPrint = Uint8Array

const hann = Float64Array.from({ length: WINDOW }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW))
const COS = Float64Array.from({ length: WINDOW }, (_, i) => Math.cos((2 * Math.PI * i) / WINDOW))

/** @param samples 8,000 a second, without gaps @param from the first sample that counts */
export function soundPrint(samples: Int16Array, from = 0): SoundPrint {
  const frames = Math.max(0, Math.floor((samples.length - from - WINDOW) / HOP) + 1)
  const levels = new Float64Array(frames * BANDS)
  for (let n = 0; n < frames; n++) levels.set(bandsOf(samples, from + n * HOP), n * BANDS)
  const loudest = levels.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY)
  return Uint8Array.from(levels, (one) => Math.max(0, Math.round((255 * (one - loudest + RANGE_DB)) / RANGE_DB)))
}

/** Levels of the bands, dB. */
function bandsOf(samples: Int16Array, from: number): number[] {
  const weighted = hann.map((weight, i) => weight * (samples[from + i] ?? 0))
  return EDGES.slice(1).map((end, band) => {
    let power = 1
    for (let line = EDGES[band] ?? 0; line < end; line++) {
      let re = 0
      let im = 0
      for (let i = 0; i < WINDOW; i++) {
        const one = weighted[i] ?? 0
        re += one * (COS[(line * i) % WINDOW] ?? 0)
        im += one * (COS[(line * i + WINDOW / 4) % WINDOW] ?? 0)
      }
      power += re * re + im * im
    }
    return 10 * Math.log10(power)
  })
}

/** How alike a recording and what is heard are, 0 to 1; 0 where less than two seconds of them can be laid side by side. */
export function likeness(reference: SoundPrint, heard: Int16Array): number {
  // What is heard begins anywhere between two frames of the reference.
  return Math.max(...[0, HOP / 2].map((from) => bestMatch(reference, soundPrint(heard, from))))
}

function bestMatch(one: SoundPrint, other: SoundPrint): number {
  const [length, others] = [one.length / BANDS, other.length / BANDS]
  let best = 0
  for (let shift = LEAST_BESIDE - length; shift <= others - LEAST_BESIDE; shift++) {
    const from = Math.max(0, -shift)
    best = Math.max(best, correlation(one, other, { from, shift, count: Math.min(length, others - shift) - from }))
  }
  return best
}

/** Of the frames of `one` from `from` on with those of `other` that are `shift` later; each band against its own mean. */
function correlation(
  one: SoundPrint,
  other: SoundPrint,
  { from, shift, count }: { readonly from: number; readonly shift: number; readonly count: number },
): number {
  let [both, first, second] = [0, 0, 0]
  for (let band = 0; band < BANDS; band++) {
    let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0]
    for (let n = from; n < from + count; n++) {
      const x = one[n * BANDS + band] ?? 0
      const y = other[(n + shift) * BANDS + band] ?? 0
      a += x
      b += y
      aa += x * x
      bb += y * y
      ab += x * y
    }
    both += ab - (a * b) / count
    first += aa - (a * a) / count
    second += bb - (b * b) / count
  }
  return first * second > 0 ? Math.max(0, both / Math.sqrt(first * second)) : 0
}
