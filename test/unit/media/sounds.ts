/** Sounds of telephone lines, to measure what tells them apart: tones, noises, music, and what lines do to all of them. */
import { SeededRandom } from '../../../src/clock/random.js'
import { AudioPattern } from '../../../src/media/audio-pattern.js'
import { type Law, decodeG711, encodeG711, transcodeG711 } from '../../../src/media/g711.js'

const sine = (hz: number, i: number) => Math.sin((2 * Math.PI * hz * i) / 8000)
const on = (i: number, ...ms: readonly number[]) => {
  let left = (i / 8) % ms.reduce((sum, one) => sum + one, 0)
  for (const [n, one] of ms.entries()) {
    if (left < one) return n % 2 === 0 ? 1 : 0
    left -= one
  }
  return 0
}
const samplesOf = (seconds: number, sample: (i: number) => number, amplitude = 5000) =>
  Int16Array.from({ length: 8000 * seconds }, (_, i) => Math.max(-32_000, Math.min(32_000, amplitude * sample(i))))

/** ITU-T E.180, and those of countries that do otherwise (its supplement). */
export const tones: Readonly<Record<string, (i: number) => number>> = {
  'ringing of 425 Hz, 1 s on, 4 s off': (i) => sine(425, i) * on(i, 1000, 4000),
  'ringing of 425 Hz, 1.5 s on, 3.5 s off': (i) => sine(425, i) * on(i, 1500, 3500),
  'ringing of 440 and 480 Hz': (i) => 0.5 * (sine(440, i) + sine(480, i)) * on(i, 2000, 4000),
  'ringing of 400 and 450 Hz, twice': (i) => 0.5 * (sine(400, i) + sine(450, i)) * on(i, 400, 200, 400, 2000),
  'ringing of 400 Hz modulated with 25 Hz': (i) =>
    sine(400, i) * (0.7 + 0.3 * sine(25, i)) * on(i, 400, 200, 400, 2000),
  'ringing of 440 Hz modulated with 16 Hz': (i) => sine(400, i) * (0.5 + 0.5 * sine(16, i)) * on(i, 1000, 2000),
  'busy, 425 Hz, 480 ms': (i) => sine(425, i) * on(i, 480, 480),
  'busy, 425 Hz, 500 ms': (i) => sine(425, i) * on(i, 500, 500),
  'busy, 480 and 620 Hz': (i) => 0.5 * (sine(480, i) + sine(620, i)) * on(i, 500, 500),
  'congestion, 425 Hz, 240 ms': (i) => sine(425, i) * on(i, 240, 240),
  'congestion, 480 and 620 Hz, 250 ms': (i) => 0.5 * (sine(480, i) + sine(620, i)) * on(i, 250, 250),
  'congestion, 425 Hz, 200 and 600 ms': (i) => sine(425, i) * on(i, 200, 200, 200, 600),
  'dial tone, 350 and 440 Hz': (i) => 0.5 * (sine(350, i) + sine(440, i)),
  'dial tone, 425 Hz': (i) => sine(425, i),
  'special information tone': (i) => sine([950, 1400, 1800][Math.floor((i % 15_840) / 2640)] ?? 0, i) * on(i, 990, 990),
  'test tone of 1000 Hz': (i) => sine(1000, i),
  'fax, 1100 Hz': (i) => sine(1100, i) * on(i, 500, 3000),
  'fax, 2100 Hz': (i) => sine(2100, i),
}

export const tone = (name: string, seconds: number) => samplesOf(seconds, tones[name] ?? (() => 0))

export const noises: Readonly<Record<string, (random: SeededRandom) => (i: number) => number>> = {
  white: (random) => () => 2 * random.float() - 1,
  pink: (random) => {
    let [slow, slower] = [0, 0]
    return () => {
      const white = 2 * random.float() - 1
      slow += 0.1 * (white - slow)
      slower += 0.01 * (white - slower)
      return 0.3 * white + 1.2 * slow + 2 * slower
    }
  },
  'modulated at 4 Hz': (random) => (i) => (2 * random.float() - 1) * (0.5 + 0.5 * sine(4, i)),
  'in bursts': (random) => (i) => (2 * random.float() - 1) * on(i, 120, 90),
  'hum of 50 Hz and hiss': (random) => (i) =>
    0.3 * (sine(50, i) + sine(150, i) + 0.5 * sine(250, i)) + 0.1 * (2 * random.float() - 1),
  crackle: (random) => () => (random.float() < 0.01 ? 2 * random.float() - 1 : 0),
}

export const noise = (name: string, seconds: number, seed = name) =>
  samplesOf(seconds, noises[name]?.(new SeededRandom(seed)) ?? (() => 0))

/** Chords, melodies, beats. */
export const musics: Readonly<Record<string, (random: SeededRandom) => (i: number) => number>> = {
  'a piano of sorts': (random) => {
    let [root, third] = [262, 330]
    return (i) => {
      if (i % 2400 === 0) {
        root = 131 * 2 ** (Math.floor(random.float() * 24) / 12)
        third = root * 2 ** ((random.float() < 0.5 ? 3 : 4) / 12)
      }
      const fade = Math.exp(-(i % 2400) / 2000)
      let value = 0
      for (let n = 1; n <= 6; n++) value += (sine(n * root, i) + sine(n * third, i)) / n / n
      return 0.4 * fade * value
    }
  },
  'an organ': (random) => {
    let chord = [262, 330, 392]
    return (i) => {
      if (i % 6400 === 0) {
        const root = 131 * 2 ** (Math.floor(random.float() * 12) / 12)
        chord = [root, root * 1.26, root * 1.5, root * 2]
      }
      return 0.2 * chord.reduce((sum, hz) => sum + sine(hz, i) + 0.5 * sine(2 * hz, i) + 0.3 * sine(3 * hz, i), 0)
    }
  },
  'a flute alone': (random) => {
    let hz = 523
    return (i) => {
      if (i % 1600 === 0) hz = 392 * 2 ** (Math.floor(random.float() * 14) / 12)
      return (sine(hz, i) + 0.2 * sine(2 * hz, i)) * Math.sin((Math.PI * (i % 1600)) / 1600)
    }
  },
  'drums and a bass': (random) => {
    let bass = 98
    return (i) => {
      if (i % 4000 === 0) bass = 65 * 2 ** (Math.floor(random.float() * 12) / 12)
      const beat = Math.exp(-(i % 2000) / 300) * (2 * random.float() - 1)
      return 0.5 * beat + 0.4 * Math.exp(-(i % 4000) / 3000) * (sine(bass, i) + sine(2 * bass, i) + sine(3 * bass, i))
    }
  },
}

export const music = (name: string, seconds: number, seed = name) =>
  samplesOf(seconds, musics[name]?.(new SeededRandom(seed)) ?? (() => 0))

/** The melody that a call of ours plays. */
export const melody = (id: number, seconds: number) => {
  const pattern = new AudioPattern(id)
  return decodeG711(Buffer.concat(Array.from({ length: 50 * seconds }, (_, i) => pattern.frame(i, 'PCMA'))), 'PCMA')
}

/** What happens to audio on its way. */
export interface Line {
  readonly codec?: Law
  /** Share of packets of 20 ms lost. */
  readonly loss?: number
  readonly gainDb?: number
  /** Noise beside it: so many dB below. */
  readonly snrDb?: number
  readonly noise?: string
  /** Through the other law on its way. */
  readonly transcoded?: boolean
  /** Read as the other law. */
  readonly mistaken?: boolean
}

export function through(samples: Int16Array, line: Line, random: SeededRandom): Int16Array {
  const gain = 10 ** ((line.gainDb ?? 0) / 20)
  const power = (of: Int16Array) => of.reduce((sum, one) => sum + one * one, 0) / of.length
  let beside: Int16Array | undefined
  if (line.snrDb !== undefined) {
    const name = line.noise ?? 'white'
    const bare = noise(name, Math.ceil(samples.length / 8000), `${name} ${random.uint32()}`)
    const factor = Math.sqrt(power(samples) / power(bare) / 10 ** (line.snrDb / 10))
    beside = bare.map((one) => one * factor)
  }
  const mixed = samples.map((one, i) => Math.max(-32_000, Math.min(32_000, gain * (one + (beside?.[i] ?? 0)))))
  const codec = line.codec ?? 'PCMA'
  const other = codec === 'PCMA' ? 'PCMU' : 'PCMA'
  let octets = encodeG711(mixed, line.transcoded ? other : codec)
  if (line.transcoded) octets = transcodeG711(octets, other, codec)
  const packets = Array.from({ length: Math.floor(octets.length / 160) }, (_, n) =>
    octets.subarray(160 * n, 160 * n + 160),
  )
  const arrived = packets.filter(() => random.float() >= (line.loss ?? 0))
  return decodeG711(Buffer.concat(arrived), line.mistaken ? other : codec)
}
