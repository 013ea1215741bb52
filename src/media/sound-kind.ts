/**
 * Tells a tone (ringing, busy, the special information tone of a number that is not in service) and noise from anything else
 * that sounds. What is neither may be speech or music: more is not claimed.
 */

/** `other`: speech, music, melodies. */
export type SoundKind = 'silence' | 'tone' | 'noise' | 'other'

/** 20 ms at 8 kHz: lines of a spectrum are 50 Hz apart. */
const FRAME = 160
/** 200 to 3600 Hz. */
const [LOWEST, HIGHEST] = [4, 72]
/** Below this root mean square a frame is silent: about -50 dBm0. */
const QUIET = 60
/** Two peaks hold so much of a tone's power; vowels have more harmonics than two. */
const IN_TWO_PEAKS = 0.93
/** A tone is one or two frequencies at a time and three in all (ITU-T E.180, E.182); a melody has more. */
const MOST_FREQUENCIES = 4
/** Of the power's lines: mean of the logarithms against logarithm of the mean. 0.56 for white noise, hundredths for voices. */
const FLAT = 0.25
/** Noise is as loud all the time, dB; voices are not. */
const STEADY_DB = 3
/** Nearly all frames; those at the edges of a tone are neither. */
const NEARLY_ALL = 0.85

const WINDOW = Float64Array.from({ length: FRAME }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FRAME))
const WAVES = Array.from({ length: HIGHEST - LOWEST + 1 }, (_, line) => ({
  cos: Float64Array.from({ length: FRAME }, (_, i) => Math.cos((2 * Math.PI * (line + LOWEST) * i) / FRAME)),
  sin: Float64Array.from({ length: FRAME }, (_, i) => Math.sin((2 * Math.PI * (line + LOWEST) * i) / FRAME)),
}))

/** @param samples 8,000 a second, in order; gaps do not matter */
export function soundKind(samples: Int16Array): SoundKind {
  const frames = Array.from({ length: Math.floor(samples.length / FRAME) }, (_, i) =>
    samples.subarray(i * FRAME, (i + 1) * FRAME),
  ).filter((frame) => loudness(frame) > QUIET)
  if (frames.length === 0) return 'silence'
  const spectra = frames.map(spectrumOf)
  const peaks = spectra.flatMap((power) => peakOfTone(power) ?? [])
  if (peaks.length >= NEARLY_ALL * frames.length && frequencies(peaks) <= MOST_FREQUENCIES) return 'tone'
  const isFlat = spectra.filter((power) => flatness(power) > FLAT).length >= NEARLY_ALL * frames.length
  return isFlat && spread(frames.map((frame) => 20 * Math.log10(loudness(frame)))) < STEADY_DB ? 'noise' : 'other'
}

function loudness(frame: Int16Array): number {
  let sum = 0
  for (const sample of frame) sum += sample * sample
  return Math.sqrt(sum / frame.length)
}

/** Power by line, from LOWEST on. */
function spectrumOf(frame: Int16Array): Float64Array {
  return Float64Array.from(WAVES, ({ cos, sin }) => {
    let re = 0
    let im = 0
    for (let i = 0; i < FRAME; i++) {
      const value = (frame[i] ?? 0) * (WINDOW[i] ?? 0)
      re += value * (cos[i] ?? 0)
      im += value * (sin[i] ?? 0)
    }
    return re * re + im * im
  })
}

/** The line of the strongest peak, where one or two peaks are nearly all that there is. */
function peakOfTone(power: Float64Array): number | undefined {
  const total = power.reduce((sum, one) => sum + one, 0)
  const left = Float64Array.from(power)
  let held = 0
  let strongest: number | undefined
  for (let peak = 0; peak < 2; peak++) {
    const at = left.indexOf(Math.max(...left))
    strongest ??= at
    // A window spreads a line over its neighbours.
    for (let line = Math.max(0, at - 2); line <= Math.min(left.length - 1, at + 2); line++) {
      held += left[line] ?? 0
      left[line] = 0
    }
  }
  return held >= IN_TWO_PEAKS * total ? strongest : undefined
}

/** How many different ones, neighbours taken together, of those that are no exceptions. */
function frequencies(peaks: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const peak of peaks) counts.set(peak, (counts.get(peak) ?? 0) + 1)
  const often = [...counts].filter(([, count]) => count >= 0.04 * peaks.length).map(([peak]) => peak)
  return often.toSorted((a, b) => a - b).filter((peak, index, all) => index === 0 || peak - (all[index - 1] ?? 0) > 1)
    .length
}

function flatness(power: Float64Array): number {
  const mean = power.reduce((sum, one) => sum + one, 0) / power.length
  const logs = power.reduce((sum, one) => sum + Math.log(one + 1e-9), 0) / power.length
  return Math.exp(logs) / (mean + 1e-9)
}

function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length
  return Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length)
}
