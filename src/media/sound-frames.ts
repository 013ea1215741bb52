/** Sound, 10 ms at a time: how loud it is, and what its short spectrum looks like. */

/** Samples from one frame to the next: 10 ms at 8 kHz. */
const HOP = 80
export const FRAMES_PER_SECOND = 100
/** Samples that a spectrum is made of: 32 ms, lines 31.25 Hz apart. */
const WINDOW = 256
const LINE_HZ = 8000 / WINDOW
/** 190 to 3600 Hz: what telephone lines carry. */
const [LOWEST, HIGHEST] = [6, 115]
/** Lags of the periods of voices, samples: 400 to 70 Hz. */
const [SHORTEST_PERIOD, LONGEST_PERIOD] = [20, 114]

/** What was measured of a frame. */
export interface SoundFrame {
  /** dB against the smallest step of 16 bits: silence is below 36, full scale is 90. */
  readonly level: number
  /** Share of the power that its two strongest lines hold: 1 for tones of one or two frequencies. */
  readonly inTwo: number
  /** Hz, of the strongest line. */
  readonly strongest: number
  /** Of the lines' powers, mean of the logarithms against logarithm of the mean: 0.56 for white noise, hundredths for voices. */
  readonly flatness: number
  /** Hz, where the middle of the power lies. */
  readonly centre: number
  /** How much it repeats itself with the period of a voice, 0 to 1. */
  readonly periodic: number
}

/** Below this level (dB) a frame is silent: about -50 dBm0. */
export const QUIET_DB = 36

const COS = Float64Array.from({ length: WINDOW }, (_, k) => Math.cos((Math.PI * k) / WINDOW))
const SIN = Float64Array.from({ length: WINDOW }, (_, k) => -Math.sin((Math.PI * k) / WINDOW))

const hannOf = (length: number) =>
  Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / length))
const hann = hannOf(WINDOW)
/** Of the window with itself: what a steady sound's correlation loses by it. */
const windowLoss = correlationOf(powerOf(hann))

/** @param samples 8,000 a second, in order; fewer than 32 ms are one frame. Frames of silence have their level alone, the rest is 0. */
export function soundFrames(samples: Int16Array): SoundFrame[] {
  if (samples.length < WINDOW) return samples.length === 0 ? [] : [frameOf(samples)]
  const count = Math.floor((samples.length - WINDOW) / HOP) + 1
  return Array.from({ length: count }, (_, n) => frameOf(samples.subarray(n * HOP, n * HOP + WINDOW)))
}

const SILENT = { inTwo: 0, strongest: 0, flatness: 0, centre: 0, periodic: 0 }

function frameOf(samples: Int16Array): SoundFrame {
  let mean = 0
  for (const sample of samples) mean += sample
  mean /= samples.length
  let energy = 0
  const { length } = samples
  const window = length === WINDOW ? hann : hannOf(length)
  const weighted = new Float64Array(WINDOW)
  for (let i = 0; i < length; i++) {
    const sample = (samples[i] ?? 0) - mean
    energy += sample * sample
    weighted[i] = sample * (window[i] ?? 0)
  }
  const level = 10 * Math.log10(energy / length + 1e-9)
  if (level < QUIET_DB) return { level, ...SILENT }
  const power = powerOf(weighted)
  // Every other line is one of the window itself; those between are for the correlation.
  const lines = Float64Array.from({ length: WINDOW / 2 }, (_, line) => power[2 * line] ?? 0)
  return { level, ...shapeOf(lines), periodic: periodicityOf(power) }
}

function shapeOf(power: Float64Array): Omit<SoundFrame, 'level' | 'periodic'> {
  let total = 0
  let logs = 0
  let moment = 0
  for (let line = LOWEST; line <= HIGHEST; line++) {
    const one = power[line] ?? 0
    total += one
    logs += Math.log(one + 1e-9)
    moment += one * line
  }
  const lines = HIGHEST - LOWEST + 1
  const first = peakOf(power, undefined)
  const second = peakOf(power, first.line)
  return {
    inTwo: (first.power + second.power) / (total + 1e-9),
    strongest: first.hz,
    flatness: Math.exp(logs / lines) / (total / lines + 1e-9),
    centre: (moment / (total + 1e-9)) * LINE_HZ,
  }
}

/** The strongest line, with the neighbours over which the window spreads it. @param beside line that does not count */
function peakOf(power: Float64Array, beside: number | undefined): { line: number; power: number; hz: number } {
  const counts = (line: number) => beside === undefined || Math.abs(line - beside) > 4
  let line = LOWEST
  let most = -1
  for (let one = LOWEST; one <= HIGHEST; one++) {
    if (!counts(one) || (power[one] ?? 0) <= most) continue
    line = one
    most = power[one] ?? 0
  }
  let sum = 0
  for (let one = Math.max(LOWEST, line - 2); one <= Math.min(HIGHEST, line + 2); one++)
    if (beside === undefined || Math.abs(one - beside) > 2) sum += power[one] ?? 0
  const [left, middle, right] = [-1, 0, 1].map((step) => Math.log((power[line + step] ?? 0) + 1e-9))
  // A parabola through three lines' logarithms.
  const bend = (left ?? 0) - 2 * (middle ?? 0) + (right ?? 0)
  const offset = bend < 0 ? Math.max(-0.5, Math.min(0.5, (0.5 * ((left ?? 0) - (right ?? 0))) / bend)) : 0
  return { line, power: sum, hz: (line + offset) * LINE_HZ }
}

function periodicityOf(power: Float64Array): number {
  const correlation = correlationOf(power)
  const whole = correlation[0] ?? 0
  let most = 0
  for (let lag = SHORTEST_PERIOD; lag <= LONGEST_PERIOD; lag++) {
    const one = (correlation[lag] ?? 0) / (windowLoss[lag] ?? 1)
    if (one > most) most = one
  }
  return whole > 0 ? Math.min(1, (most * (windowLoss[0] ?? 1)) / whole) : 0
}

// --- Fourier

/** Powers of all lines; the window is padded with as much silence, so that correlations do not wrap. */
function powerOf(samples: Float64Array): Float64Array {
  const re = new Float64Array(2 * WINDOW)
  re.set(samples)
  const im = new Float64Array(2 * WINDOW)
  transform(re, im)
  return Float64Array.from(re, (value, line) => value * value + (im[line] ?? 0) ** 2)
}

/** The correlation whose spectrum this is (Wiener and Khinchin). */
function correlationOf(power: Float64Array): Float64Array {
  const re = Float64Array.from(power)
  const im = new Float64Array(re.length)
  transform(re, im)
  return re
}

/** In place, forward, of twice the window (Cooley and Tukey). */
function transform(re: Float64Array, im: Float64Array): void {
  const size = re.length
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1
    for (; j & bit; bit >>= 1) j ^= bit
    j ^= bit
    if (i < j) {
      ;[re[i], re[j]] = [re[j] ?? 0, re[i] ?? 0]
      ;[im[i], im[j]] = [im[j] ?? 0, im[i] ?? 0]
    }
  }
  for (let length = 2; length <= size; length <<= 1) {
    const half = length >> 1
    for (let k = 0; k < half; k++) {
      const cos = COS[k * (size / length)] ?? 0
      const sin = SIN[k * (size / length)] ?? 0
      for (let at = k; at < size; at += length) {
        const low = at + half
        const a = (re[low] ?? 0) * cos - (im[low] ?? 0) * sin
        const b = (re[low] ?? 0) * sin + (im[low] ?? 0) * cos
        re[low] = (re[at] ?? 0) - a
        im[low] = (im[at] ?? 0) - b
        re[at] = (re[at] ?? 0) + a
        im[at] = (im[at] ?? 0) + b
      }
    }
  }
}
