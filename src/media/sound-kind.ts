/**
 * Tells speech from silence, from tones of the network, from noise and from music, by its syllables, its voice, its tonality and
 * its level. What is none of these for certain is `other`: sound that was not recognised. How often it is mistaken: docs/trust.md.
 */
import { hasSpecialTone, IN_TWO_PEAKS, isOneTone, type NetworkTone, networkTone } from './network-tones.js'
import { FRAMES_PER_SECOND, QUIET_DB, type SoundFrame, soundFrames } from './sound-frames.js'
import { measure, type SoundMeasures } from './sound-measures.js'

export type SoundKind = 'silence' | 'tone' | 'noise' | 'speech' | 'music' | 'other'

/** What something sounds like. */
export interface Sound {
  readonly kind: SoundKind
  /** Which, where it is a tone. */
  readonly tone?: NetworkTone
  /** Of noise: nothing else can be behind it. */
  readonly bare?: boolean
}

/** Noise is as loud all the time, dB; voices are not, and noise over which somebody speaks is not quite. */
const STEADY_DB = 3
const BARE_DB = 1.2
/** Nearly all frames; those at the edges of a tone are neither. */
const NEARLY_ALL = 0.85
/** Speech is told in two seconds at a time. */
const SPAN = 2 * FRAMES_PER_SECOND
const STEP = FRAMES_PER_SECOND / 2
/** Spans with less sound (s) tell nothing. */
const LEAST = 0.7
/** Notes that stay for a tenth of a second and more, for so much of the time, are no voice's. */
const HELD_NOTES = 0.4

/** @param samples 8,000 a second, in order; gaps do not matter */
export function soundOf(samples: Int16Array): Sound {
  const frames = soundFrames(samples)
  const active = frames.filter(({ level }) => level >= QUIET_DB)
  if (active.length === 0) return { kind: 'silence' }
  // Whatever is said after it: the call came to nothing.
  if (hasSpecialTone(frames)) return { kind: 'tone', tone: 'special information tone' }
  const tonal = active.filter(({ inTwo }) => inTwo > IN_TWO_PEAKS)
  if (tonal.length >= NEARLY_ALL * active.length)
    return isOneTone(tonal) ? { kind: 'tone', tone: networkTone(frames) } : { kind: 'music' }
  const whole = measure(frames)
  if (whole.flat >= NEARLY_ALL && whole.levelSpread < STEADY_DB)
    return { kind: 'noise', bare: whole.levelSpread < BARE_DB }
  const spans = spansOf(frames)
  if (spans.length === 0) return { kind: 'other' }
  const median = (of: keyof SoundMeasures) => medianOf(spans.map((span) => span[of]))
  if (isSpeech(median)) return { kind: 'speech' }
  return { kind: median('steady') > HELD_NOTES ? 'music' : 'other' }
}

export const soundKind = (samples: Int16Array): SoundKind => soundOf(samples).kind

/** Measures of two seconds each, of those that hold sound; tones, such as the ringing before an announcement, are left out. */
function spansOf(frames: readonly SoundFrame[]): SoundMeasures[] {
  const spans: SoundMeasures[] = []
  for (let from = 0; from === 0 || from + SPAN <= frames.length; from += STEP) {
    const span = measure(frames.slice(from, from + SPAN))
    if (span.active >= LEAST && span.tonal < NEARLY_ALL) spans.push(span)
  }
  return spans
}

/** Of what is not silent, so much repeats itself as voices do; so little is flat, or pure, at the most. */
const [VOICED, FLAT, PURE] = [0.4, 0.4, 0.7]
/** What the swings of speech are: of its level (dB), of its spectrum (octaves), of its syllables. Means of prompts of three languages. */
const [LEVEL_SWINGS, SPECTRUM_SWINGS, SYLLABLES] = [8, 0.75, 0.6]
/** All three together, less held notes; 3 is a prompt as prompts are. Nine in ten have 2.65 and more, hold music 1.3 and less. */
const ENOUGH = 2.4

function isSpeech(median: (of: keyof SoundMeasures) => number): boolean {
  if (median('voiced') + median('tonal') < VOICED || median('flat') > FLAT || median('tonal') > PURE) return false
  const swings =
    median('levelSpread') / LEVEL_SWINGS + median('centreSpread') / SPECTRUM_SWINGS + median('syllables') / SYLLABLES
  return swings - 3 * median('steady') > ENOUGH
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}
