/** What callers of a service hear: speech, or the tones and noises that come of a media server in trouble. */
import { frequenciesOf } from '../../media/dtmf-tones.js'
import { type Law, encodeG711, silence } from '../../media/g711.js'
import type { AnnouncementSound } from '../rules/service.js'
import type { AudioSource } from './packetised.js'
import type { Recording } from './speech.js'

const FRAME_SAMPLES = 160
/** Pause before speech is said again, frames of 20 ms. */
const PAUSE_FRAMES = 40

/** Plays a sequence of recordings; again and again, with pauses, where `again` is set. */
export function speech(parts: readonly Recording[], again: boolean): AudioSource {
  const spoken = parts.reduce((sum, { frames }) => sum + frames, 0)
  return (index, codec) => {
    let at = again ? index % (spoken + PAUSE_FRAMES) : index
    if (at >= spoken) return again ? silent(codec) : undefined
    for (const part of parts) {
      if (at < part.frames) return part.frame(at, codec)
      at -= part.frames
    }
    return undefined
  }
}

export function played(sound: AnnouncementSound, spoken: AudioSource): AudioSource | undefined {
  if (sound === 'speech') return spoken
  if (sound === 'nothing') return undefined
  return sound === 'silence' ? (_, codec) => silent(codec) : looped(SOUNDS[sound]())
}

/** Keys as their two frequencies (ITU-T Q.23), 100 ms each, with pauses of 80 ms. */
export function keypadTones(digits: string): AudioSource {
  const samples = joined(...digits.split('').flatMap((digit) => [tone(frequenciesOf(digit), 100), tone([], 80)]))
  const once = looped(samples)
  return (index, codec) => (index < samples.length / FRAME_SAMPLES ? once(index, codec) : undefined)
}

const SILENT: Readonly<Record<Law, Buffer>> = {
  PCMA: Buffer.alloc(FRAME_SAMPLES, silence('PCMA')),
  PCMU: Buffer.alloc(FRAME_SAMPLES, silence('PCMU')),
}

const silent = (codec: Law): Buffer => SILENT[codec]

function looped(samples: Int16Array): AudioSource {
  const octets: Partial<Record<Law, Buffer>> = {}
  const frames = Math.floor(samples.length / FRAME_SAMPLES)
  return (index, codec) => {
    const all = (octets[codec] ??= encodeG711(samples, codec))
    const at = (index % frames) * FRAME_SAMPLES
    return all.subarray(at, at + FRAME_SAMPLES)
  }
}

const AMPLITUDE = 5000

/** One round of each. Tones and cadences: ITU-T E.180, E.182. */
const SOUNDS = {
  ringing: () => joined(tone([425], 1000), tone([], 4000)),
  busy: () => joined(tone([425], 480), tone([], 480)),
  'special information tone': () => joined(tone([950], 330), tone([1400], 330), tone([1800], 330), tone([], 1000)),
  noise: () => {
    // A linear congruential generator: noise that is the same each time.
    let state = 1
    return Int16Array.from({ length: 8000 }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return (state / 2 ** 31 - 1) * AMPLITUDE
    })
  },
  music: () => joined(...[262, 330, 392, 523, 392, 330].map((hz) => tone([hz, 2 * hz, 3 * hz, hz * 1.5], 400))),
}

/** Whole periods and frames; without frequencies, silence. */
function tone(frequencies: readonly number[], ms: number): Int16Array {
  return Int16Array.from({ length: 8 * ms }, (_, i) =>
    frequencies.reduce(
      (sum, hz) => sum + (AMPLITUDE / frequencies.length) * Math.sin((2 * Math.PI * hz * i) / 8000),
      0,
    ),
  )
}

function joined(...parts: readonly Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => Array.from(part)))
}
