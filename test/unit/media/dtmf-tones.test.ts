import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { keysIn } from '../../../src/media/dtmf-tones.js'
import { recording } from '../../../src/provider/services/speech.js'
import { decodeG711 } from '../../../src/media/g711.js'
import { type Line, music, musics, noise, noises, through, tone, tones } from './sounds.js'

const LOW = [697, 770, 852, 941]
const HIGH = [1209, 1336, 1477, 1633]
const KEYS = ['123A', '456B', '789C', '*0#D']

interface Press {
  readonly ms?: number
  readonly pauseMs?: number
  /** Factor of both frequencies. */
  readonly off?: number
  /** dB of the higher against the lower. */
  readonly twist?: number
  readonly amplitude?: number
  /** ms of silence in the middle. */
  readonly interruptedMs?: number
}

function pressed(digits: string, o: Press = {}): Int16Array {
  const { ms = 80, pauseMs = 80, off = 1, twist = 0, amplitude = 4000, interruptedMs = 0 } = o
  const samples = digits.split('').flatMap((digit) => {
    const row = KEYS.findIndex((keys) => keys.includes(digit))
    const [low, high] = [LOW[row]! * off, HIGH[KEYS[row]!.indexOf(digit)]! * off]
    return Array.from({ length: 8 * (ms + pauseMs) }, (_, i) => {
      const middle = 4 * ms
      if (i >= 8 * ms || Math.abs(i - middle) < 4 * interruptedMs) return 0
      return (
        amplitude *
        (Math.sin((2 * Math.PI * low * i) / 8000) + 10 ** (twist / 20) * Math.sin((2 * Math.PI * high * i) / 8000))
      )
    })
  })
  return Int16Array.from([...Array.from({ length: 800 }, () => 0), ...samples])
}

const heard = (samples: Int16Array, line: Line = {}) =>
  keysIn(through(samples, line, new SeededRandom('keys')))
    .map(({ digit }) => digit)
    .join('')

const ALL = '123A456B789C*0#D'

describe('keypad tones (ITU-T Q.24)', () => {
  it.each<[string, Press, Line]>([
    ['as they should be', {}, {}],
    ['over µ-law', {}, { codec: 'PCMU' }],
    ['of 40 ms, with pauses of 40 ms', { ms: 40, pauseMs: 40 }, {}],
    ['1.5 % too high', { off: 1.015 }, {}],
    ['1.5 % too low', { off: 0.985 }, {}],
    ['the higher 4 dB louder', { twist: 4 }, {}],
    ['the higher 8 dB quieter', { twist: -8 }, {}],
    ['interrupted for 10 ms', { interruptedMs: 10 }, {}],
    ['as quiet as -30 dBm0', { amplitude: 200 }, {}],
    ['in noise 15 dB below', {}, { snrDb: 15 }],
  ])('%s are heard, each once', (_, press, line) => {
    expect(heard(pressed(ALL, press), line)).toBe(ALL)
  })

  it('the same key twice is two', () => {
    expect(heard(pressed('1155500'))).toBe('1155500')
  })

  it('how long they last', () => {
    for (const { durationMs } of keysIn(pressed('159', { ms: 100 }))) {
      expect(durationMs).toBeGreaterThan(80)
      expect(durationMs).toBeLessThan(130)
    }
  })

  it.each<[string, Press]>([
    ['of 23 ms', { ms: 23 }],
    ['3.5 % too high', { off: 1.035 }],
    ['3.5 % too low', { off: 0.965 }],
    ['of one frequency alone', { twist: -40 }],
    ['fainter than -45 dBm0', { amplitude: 30 }],
  ])('%s are none', (_, press) => {
    expect(heard(pressed(ALL, press))).toBe('')
  })
})

describe('what is no key is none', () => {
  const speech = readdirSync('src/provider/speech').flatMap((language) =>
    readdirSync(`src/provider/speech/${language}`).map(
      (file) => [`${language} ${file}`, language, file.replace('.wav', '')] as const,
    ),
  )
  it('speech: no key in all that the embedded provider says, over both laws and with losses', () => {
    for (const [, language, name] of speech) {
      const { octets } = recording(language === 'de' ? 'de' : 'en', name)
      for (const line of [{}, { codec: 'PCMU', loss: 0.05 }] as const)
        expect(heard(decodeG711(octets, 'PCMA'), line), name).toBe('')
    }
  })

  it('tones, noises, music', () => {
    for (const name of Object.keys(tones)) expect(heard(tone(name, 4)), name).toBe('')
    for (const name of Object.keys(noises)) expect(heard(noise(name, 4)), name).toBe('')
    for (const name of Object.keys(musics)) expect(heard(music(name, 4)), name).toBe('')
  })
})
