/**
 * Counts digits that a voice says one after the other, by the pauses between them: which digits they are is not told. Words have pauses of
 * their own (before the t of "eight", the x of "six"), which are shorter; where both cannot be told apart, nothing is counted.
 * How often it is mistaken: docs/trust.md.
 */
import { soundKind } from './sound-kind.js'
import { QUIET_DB } from './sound-frames.js'

/** 10 ms. */
const FRAME = 80
/** Frames. */
const SECOND = 100
/** Samples: what a voice is told by. */
const ENOUGH = 64_000
/** Below the loud ones by so much (dB) is a pause. */
const RANGE_DB = 25
/** …and so much above what is always there, the noise of the line. */
const ABOVE_NOISE_DB = 7
/** Voice that is less above the noise is not counted. */
const LEAST_SNR_DB = 14
/** A word lasts so long, frames. */
const [SHORTEST_WORD, LONGEST_WORD] = [12, 0.95 * SECOND]
/** A pause between digits lasts so long at least, frames. */
const LEAST_PAUSE = 11
/** Pauses between digits are longer than those within them by this factor, and the longest by this one than the shortest. */
const [APART, ALIKE] = [1.35, 4]
/** A pause within a digit has a short part before it or behind it; where both are longer (frames), it may be one between two hurried digits. */
const PART_OF_A_DIGIT = 13
/** Pauses that are shorter are part of any word, frames. */
const IN_A_WORD = 3

/**
 * How many digits are spoken. Undefined: it is no speech, or that cannot be told.
 * @param samples 8,000 a second, without gaps
 */
export function spokenDigits(samples: Int16Array): number | undefined {
  const words = wordsIn(levelsOf(samples))
  if (words === undefined || words.some(({ length }) => length < SHORTEST_WORD || length > LONGEST_WORD))
    return undefined
  const kind = soundKind(samples.subarray(0, ENOUGH))
  // One or two words may be too little to tell a voice by.
  const isVoice = kind === 'speech' || (kind === 'other' && words.length <= 2)
  return isVoice ? words.length : undefined
}

/** Level of each 10 ms, dB against the smallest step of 16 bits. */
function levelsOf(samples: Int16Array): number[] {
  return Array.from({ length: Math.floor(samples.length / FRAME) }, (_, n) => {
    let energy = 0
    for (let i = n * FRAME; i < (n + 1) * FRAME; i++) energy += (samples[i] ?? 0) ** 2
    return 10 * Math.log10(energy / FRAME + 1e-9)
  })
}

interface Word {
  readonly from: number
  /** Frames. */
  readonly length: number
}

function wordsIn(levels: readonly number[]): Word[] | undefined {
  const sorted = levels.toSorted((a, b) => a - b)
  const noise = sorted[Math.floor(0.08 * sorted.length)] ?? 0
  const heard = sorted.filter((level) => level > Math.max(QUIET_DB, noise + ABOVE_NOISE_DB))
  const loud = heard[Math.floor(0.85 * heard.length)]
  if (loud === undefined || loud < Math.max(QUIET_DB, noise) + LEAST_SNR_DB) return undefined
  const least = Math.max(QUIET_DB, loud - RANGE_DB, noise + ABOVE_NOISE_DB)
  const parts = partsOf(levels, (level) => level > least)
  const pauses = parts.slice(1).map(({ from }, n) => from - endOf(parts[n]))
  const shortest = leastBetweenWords(pauses)
  if (shortest === undefined) return undefined
  const isHurried = pauses.some((pause, n) => {
    const beside = [parts[n], parts[n + 1]].map((part) => part?.length ?? 0)
    return pause < shortest && Math.min(...beside) > PART_OF_A_DIGIT
  })
  return isHurried ? undefined : joined(parts, (pause) => pause < shortest)
}

const endOf = (word: Word | undefined): number => (word === undefined ? 0 : word.from + word.length)

/** Runs of frames, with what is hardly a pause between them. */
function partsOf(levels: readonly number[], is: (level: number) => boolean): Word[] {
  const runs: Word[] = []
  for (const [n, level] of levels.entries()) {
    const last = runs.at(-1)
    if (!is(level)) continue
    if (last !== undefined && endOf(last) === n) runs[runs.length - 1] = { from: last.from, length: last.length + 1 }
    else runs.push({ from: n, length: 1 })
  }
  return joined(runs, (pause) => pause <= IN_A_WORD)
}

function joined(parts: readonly Word[], isOne: (pause: number) => boolean): Word[] {
  const words: Word[] = []
  for (const part of parts) {
    const last = words.at(-1)
    if (last !== undefined && isOne(part.from - endOf(last)))
      words[words.length - 1] = { from: last.from, length: endOf(part) - last.from }
    else words.push(part)
  }
  return words
}

/** The shortest pause between two digits; infinite where there is but one digit, undefined where that cannot be told. */
function leastBetweenWords(pauses: readonly number[]): number | undefined {
  const sorted = pauses.toSorted((a, b) => b - a)
  const [longest = 0] = sorted
  if (longest < LEAST_PAUSE) return Number.POSITIVE_INFINITY
  const splits = sorted.flatMap((pause, n) => {
    const next = Math.max(sorted[n + 1] ?? 0, IN_A_WORD + 1)
    return pause >= LEAST_PAUSE && longest / pause <= ALIKE ? [{ pause, ratio: pause / next }] : []
  })
  const best = splits.reduce((most, one) => (one.ratio > most.ratio ? one : most), { pause: 0, ratio: 0 })
  return best.ratio >= APART ? best.pause : undefined
}
