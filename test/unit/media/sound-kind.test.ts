import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { AudioPattern } from '../../../src/media/audio-pattern.js'
import { decodeG711, encodeG711 } from '../../../src/media/g711.js'
import { soundKind } from '../../../src/media/sound-kind.js'

const SECONDS = 5
/** Through G.711 and back, as it comes from a call. */
const heard = (sample: (i: number) => number, amplitude = 5000) =>
  decodeG711(
    encodeG711(
      Int16Array.from({ length: 8000 * SECONDS }, (_, i) => amplitude * sample(i)),
      'PCMA',
    ),
    'PCMA',
  )
const sine = (hz: number, i: number) => Math.sin((2 * Math.PI * hz * i) / 8000)
const cadence = (i: number, onMs: number, offMs: number) => (i % (8 * (onMs + offMs)) < 8 * onMs ? 1 : 0)

describe('tones of the network (ITU-T E.180, E.182)', () => {
  it.each<[string, (i: number) => number]>([
    ['ringing, 425 Hz', (i) => sine(425, i) * cadence(i, 1000, 4000)],
    ['busy, 425 Hz', (i) => sine(425, i) * cadence(i, 480, 480)],
    ['congestion, 425 Hz', (i) => sine(425, i) * cadence(i, 240, 240)],
    ['ringing, 440 and 480 Hz', (i) => 0.5 * (sine(440, i) + sine(480, i)) * cadence(i, 2000, 4000)],
    ['busy, 480 and 620 Hz', (i) => 0.5 * (sine(480, i) + sine(620, i)) * cadence(i, 500, 500)],
    ['dial tone, 350 and 440 Hz', (i) => 0.5 * (sine(350, i) + sine(440, i))],
    ['ringing of 400 Hz modulated with 25 Hz', (i) => sine(400, i) * (0.7 + 0.3 * sine(25, i)) * cadence(i, 400, 200)],
    [
      'number not in service: 950, 1400, 1800 Hz',
      (i) => sine([950, 1400, 1800][Math.floor(i / 2640) % 3] ?? 0, i) * cadence(i, 990, 1000),
    ],
  ])('%s', (_, sample) => {
    expect(soundKind(heard(sample))).toBe('tone')
    expect(soundKind(heard(sample, 800))).toBe('tone')
  })
})

it('noise is told from voices, and silence from both', () => {
  const random = new SeededRandom('noise')
  expect(soundKind(heard(() => 2 * random.float() - 1))).toBe('noise')
  expect(soundKind(heard(() => 2 * random.float() - 1, 300))).toBe('noise')
  expect(soundKind(heard(() => 0))).toBe('silence')
  expect(soundKind(new Int16Array(0))).toBe('silence')
})

/** Neither speech for certain nor what no announcement is. */
const UNDECIDED = ['speech', 'music', 'other']

describe('what may be an announcement is left alone', () => {
  it.each(Array.from({ length: 40 }, (_, i) => 0xa00001 + i * 7919))('the melody of pattern %i', (id) => {
    const pattern = new AudioPattern(id)
    const frames = Array.from({ length: 200 }, (_, i) => pattern.frame(i, 'PCMA'))
    expect(soundKind(decodeG711(Buffer.concat(frames), 'PCMA'))).toBe('music')
  })

  /** A larynx of `hz` that glides, through two formants that move, with pauses and hisses: what speech is made of. */
  const speech = (hz: number, seed: string) => {
    const random = new SeededRandom(seed)
    let phase = 0
    let [pitch, first, second] = [hz, 500, 1500]
    return heard((i) => {
      const syllable = Math.floor(i / 1200)
      if (i % 1200 === 0) {
        pitch = hz * (0.8 + 0.4 * random.float())
        first = 300 + 500 * random.float()
        second = 900 + 1400 * random.float()
      }
      if (syllable % 6 === 5) return 0
      if (syllable % 6 === 4) return 0.15 * (2 * random.float() - 1)
      phase += pitch / 8000
      let value = 0
      for (let n = 1; n * pitch < 3600; n++) {
        const near = (formant: number) => Math.exp(-(((n * pitch - formant) / 150) ** 2))
        value += (0.15 + near(first) + 0.6 * near(second)) * Math.sin(2 * Math.PI * n * phase) * (1 / n + 0.2)
      }
      return 0.3 * value * Math.sin((Math.PI * (i % 1200)) / 1200)
    })
  }
  it.each([90, 120, 170, 210, 280, 350])('a voice of %i Hz', (hz) => {
    for (let take = 0; take < 4; take++) expect(soundKind(speech(hz, `${hz} ${take}`))).toBeOneOf(UNDECIDED)
  })

  it('a tone that goes before a voice', () => {
    const after = speech(170, 'after')
    const tone = heard((i) => sine(1000, i)).subarray(0, 8000)
    const both = new Int16Array(tone.length + after.length)
    both.set(tone)
    both.set(after, tone.length)
    expect(soundKind(both)).toBeOneOf(UNDECIDED)
  })
})
