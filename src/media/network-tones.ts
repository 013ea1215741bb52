/** Which tone of the telephone network it is: by its frequencies and its cadence (ITU-T E.180, E.182). */
import { FRAMES_PER_SECOND, type SoundFrame } from './sound-frames.js'

export type NetworkTone = 'ringing tone' | 'busy tone' | 'special information tone' | 'tone'

/** Two peaks hold so much of a tone's power; vowels have more harmonics than two. */
export const IN_TWO_PEAKS = 0.93

/** Hz, each within 50, for 330 ms within 70, in this order (E.180). */
const SPECIAL = [950, 1400, 1800]
const SPECIAL_TOLERANCE_HZ = 55
/** Frames of 10 ms that each of them lasts at least. */
const SPECIAL_FRAMES = 20
/** Frames between two of them, at most: 30 ms, and what is spoilt at the edges. */
const SPECIAL_GAP = 12

/** Where the three tones of "number not in service" and its like follow each other. */
export function hasSpecialTone(frames: readonly SoundFrame[]): boolean {
  let next = 0
  let length = 0
  let gap = 0
  for (const frame of frames) {
    const hz = frame.inTwo > IN_TWO_PEAKS ? frame.strongest : 0
    if (Math.abs(hz - (SPECIAL[next] ?? 0)) < SPECIAL_TOLERANCE_HZ) {
      length++
      gap = 0
      if (length >= SPECIAL_FRAMES && next === SPECIAL.length - 1) return true
      continue
    }
    if (length >= SPECIAL_FRAMES && Math.abs(hz - (SPECIAL[next + 1] ?? 0)) < SPECIAL_TOLERANCE_HZ) {
      next++
      length = 1
      gap = 0
      continue
    }
    gap++
    if (gap <= SPECIAL_GAP) continue
    const again = Math.abs(hz - (SPECIAL[0] ?? 0)) < SPECIAL_TOLERANCE_HZ
    next = 0
    length = again ? 1 : 0
    gap = 0
  }
  return false
}

/** A tone is one or two frequencies at a time; a melody has more. */
const MOST_FREQUENCIES = 3
/** Frequencies that are so close (Hz) are one. */
const APART_HZ = 30
/** A frequency of a tone fills so much of it. */
const OFTEN = 0.06

/** Whether the tonal frames of these have no more frequencies than tones of the network have. */
export function isOneTone(frames: readonly SoundFrame[]): boolean {
  const heard = frames.map(({ strongest }) => strongest).toSorted((a, b) => a - b)
  const groups: { from: number; count: number }[] = []
  for (const hz of heard) {
    const last = groups.at(-1)
    if (last !== undefined && hz - last.from < APART_HZ) last.count++
    else groups.push({ from: hz, count: 1 })
  }
  return groups.filter(({ count }) => count > OFTEN * heard.length).length <= MOST_FREQUENCIES
}

/** Which tone sounds in these frames, that hold nothing else but silence. */
export function networkTone(frames: readonly SoundFrame[]): NetworkTone {
  if (hasSpecialTone(frames)) return 'special information tone'
  const spells = spellsOf(frames)
  const ended = spells.slice(0, -1)
  const tones = ended.filter(({ sounds }) => sounds)
  const pauses = (spells[0]?.sounds === true ? ended : ended.slice(1)).filter(({ sounds }) => !sounds)
  const longestPause = Math.max(0, ...spells.filter(({ sounds }) => !sounds).map(({ seconds }) => seconds))
  // Ringing pauses for 3 to 5 s; busy and congestion pause for less than 0.8 s, regularly.
  if (longestPause >= 1.5) return 'ringing tone'
  if (tones.length >= 2 && pauses.length >= 1 && [...tones, ...pauses.slice(1)].every(({ seconds }) => seconds < 0.9))
    return 'busy tone'
  return 'tone'
}

interface Spell {
  readonly sounds: boolean
  readonly seconds: number
}

/** Stretches of sound and of silence; shorter than 40 ms is none. */
function spellsOf(frames: readonly SoundFrame[]): Spell[] {
  const spells: { sounds: boolean; seconds: number }[] = []
  for (const { inTwo } of frames) {
    const sounds = inTwo > 0
    const last = spells.at(-1)
    if (last?.sounds === sounds) {
      last.seconds += 1 / FRAMES_PER_SECOND
    } else if (last !== undefined && last.seconds < 0.04 && spells.length > 1) {
      spells.pop()
      const before = spells.at(-1)
      if (before !== undefined) before.seconds += last.seconds + 1 / FRAMES_PER_SECOND
    } else {
      spells.push({ sounds, seconds: 1 / FRAMES_PER_SECOND })
    }
  }
  return spells
}
