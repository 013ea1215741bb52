/** What tells speech from other sounds, of two seconds or so: its syllables, its voice, how its spectrum moves. */
import { IN_TWO_PEAKS } from './network-tones.js'
import { FRAMES_PER_SECOND, QUIET_DB, type SoundFrame } from './sound-frames.js'

export interface SoundMeasures {
  /** Seconds that are not silent. */
  readonly active: number
  /** Standard deviation of the level where it is not silent, dB: noise is as loud all the time. */
  readonly levelSpread: number
  /** Share of what is active in which one or two frequencies are nearly all. */
  readonly tonal: number
  /** Share of the loud frames whose spectrum is as flat as that of noise. */
  readonly flat: number
  /** Share of what is active that repeats itself with the period of a voice, and is no tone. */
  readonly voiced: number
  /** …whose strongest frequency has been the same, or nearly so, for a tenth of a second. */
  readonly steady: number
  /** Standard deviation of the middle of the spectrum, octaves: vowels lie low, s and t lie high. */
  readonly centreSpread: number
  /** How deep the loudness swings 2 to 8 times a second, as syllables do, against its mean. */
  readonly syllables: number
}

/** Below the loudest by so much (dB) is as good as silent. */
const RANGE_DB = 32
/** …and within so much of it is loud. */
const LOUD_DB = 15
const FLAT = 0.25
const VOICED = 0.55
const STEADY_FRAMES = 10
const STEADY_SHARE = 0.012

export function measure(frames: readonly SoundFrame[]): SoundMeasures {
  const loud = quantile(
    frames.map(({ level }) => level),
    0.9,
  )
  const least = Math.max(QUIET_DB, loud - RANGE_DB)
  const active = frames.filter(({ level }) => level > least)
  const share = (is: (frame: SoundFrame) => boolean) =>
    active.length === 0 ? 0 : active.filter(is).length / active.length
  // Between words there is the noise of the line alone.
  const loudest = active.filter(({ level }) => level > loud - LOUD_DB)
  let still = 0
  let steady = 0
  for (const [n, frame] of frames.entries()) {
    const before = frames[n - 1]
    const same = before !== undefined && Math.abs(frame.strongest - before.strongest) < STEADY_SHARE * frame.strongest
    still = same && frame.level > least ? still + 1 : 0
    if (still >= STEADY_FRAMES) steady += still === STEADY_FRAMES ? STEADY_FRAMES : 1
  }
  return {
    active: active.length / FRAMES_PER_SECOND,
    levelSpread: deviation(active.map(({ level }) => level)),
    tonal: share(({ inTwo }) => inTwo > IN_TWO_PEAKS),
    flat: loudest.length === 0 ? 0 : loudest.filter(({ flatness }) => flatness > FLAT).length / loudest.length,
    voiced: share(({ periodic, inTwo }) => periodic > VOICED && inTwo <= IN_TWO_PEAKS),
    steady: active.length === 0 ? 0 : steady / active.length,
    centreSpread: deviation(active.map(({ centre }) => Math.log2(centre + 1))),
    syllables: syllables(frames),
  }
}

/** Loudness as ears compress it, so that one loud syllable does not hide the others. */
const LOUDNESS = 0.3
/** Times a second. */
const [SLOW, FAST] = [2, 8]

/** Depth of the swings between SLOW and FAST, of what lasts half a second and more. */
function syllables(frames: readonly SoundFrame[]): number {
  const loudness = frames.map(({ level }) => 10 ** ((LOUDNESS * Math.max(level, QUIET_DB - 6)) / 10))
  const { length } = loudness
  const mean = average(loudness)
  if (length < FRAMES_PER_SECOND / 2) return 0
  const turns = Float64Array.from(loudness, (_, n) => Math.cos((2 * Math.PI * n) / length))
  const weighted = loudness.map((one, n) => (0.5 - 0.5 * (turns[n] ?? 0)) * (one - mean))
  // Lines of the whole: the one at `k` swings k times in it.
  const seconds = length / FRAMES_PER_SECOND
  let power = 0
  for (let k = Math.ceil(SLOW * seconds); k <= FAST * seconds; k++) {
    let re = 0
    let im = 0
    for (let n = 0; n < length; n++) {
      const one = weighted[n] ?? 0
      re += one * (turns[(k * n) % length] ?? 0)
      im += one * (turns[(k * n + ((3 * length) >> 2)) % length] ?? 0)
    }
    power += re * re + im * im
  }
  // Of a sine as deep as the mean: a quarter of the window's length squared, in three lines.
  return Math.sqrt(power / 1.5) / ((mean * length) / 4)
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, one) => sum + one, 0) / values.length
}

function deviation(values: readonly number[]): number {
  const mean = average(values)
  return Math.sqrt(average(values.map((one) => (one - mean) ** 2)))
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * values.length)] ?? 0
}
