/**
 * How often speech is not told as speech, and something else is, on lines that change it. The figures that these bounds leave
 * room for are in docs/trust.md. `RINGPROOF_RATES=all` measures all lines, and RINGPROOF_PROMPTS and RINGPROOF_MUSIC are folders
 * of other recordings (WAVE, 8 kHz) that are measured as well: of people who speak, and of hold music.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { decodeG711 } from '../../../src/media/g711.js'
import { soundKind, type SoundKind, soundOf } from '../../../src/media/sound-kind.js'
import { likeness, soundPrint } from '../../../src/media/sound-print.js'
import { spokenDigits } from '../../../src/media/spoken-digits.js'
import { type Line, melody, music, musics, noise, noises, through, tone, tones } from './sounds.js'

type Named = readonly [name: string, samples: Int16Array]

const all = process.env.RINGPROOF_RATES === 'all'
const SECONDS = 6

function wave(path: string): Int16Array {
  const file = readFileSync(path)
  const at = file.indexOf('data')
  const data = file.subarray(at + 8, at + 8 + file.readUInt32LE(at + 4))
  if (file.readUInt16LE(20) === 6) return decodeG711(data, 'PCMA')
  return Int16Array.from({ length: data.length >> 1 }, (_, i) => data.readInt16LE(2 * i))
}

const wavesIn = (folder: string): Named[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(({ name }) => name.endsWith('.wav'))
    .map(({ name, parentPath }) => [name, wave(join(parentPath, name))] as const)
    .filter(([, samples]) => samples.length > 8000)

const ours = wavesIn('src/provider/speech')

const lines: Readonly<Record<string, Line>> = {
  'A-law': {},
  'µ-law': { codec: 'PCMU' },
  'one law after the other': { transcoded: true },
  '1 % lost': { loss: 0.01 },
  '5 % lost': { loss: 0.05, codec: 'PCMU' },
  '8 dB louder': { gainDb: 8, codec: 'PCMU' },
  'noise 30 dB below': { snrDb: 30 },
  'noise 20 dB below': { snrDb: 20 },
}
/** Here it is not told as something else, which is all that is claimed. */
const badLines: Readonly<Record<string, Line>> = {
  'hum 15 dB below': { snrDb: 15, noise: 'hum of 50 Hz and hiss' },
  '20 dB quieter': { gainDb: -20 },
  'noise 15 dB below': { snrDb: 15 },
  'noise 10 dB below': { snrDb: 10 },
  'noise 0 dB below': { snrDb: 0 },
  'pink noise 5 dB below': { snrDb: 5, noise: 'pink' },
  '20 % lost': { loss: 0.2 },
  '35 dB quieter': { gainDb: -35 },
}

type Counts = Partial<Record<SoundKind | 'bare noise', number>>

function counted(sounds: readonly Named[], line: Line): Counts {
  const counts: Counts = {}
  for (const [name, samples] of sounds) {
    const { kind, bare } = soundOf(through(samples, line, new SeededRandom(name)))
    const key = bare === true ? 'bare noise' : kind
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

/** Told as what no announcement is. */
const refused = ({ tone: a = 0, 'bare noise': b = 0, silence: c = 0 }: Counts) => a + b + c
const told = (what: string, line: string, counts: object) => {
  if (all) console.log(`${what}, ${line}: ${JSON.stringify(counts)}`)
}

describe('the announcements of the embedded provider', () => {
  for (const [name, line] of Object.entries(lines)) {
    it(`are speech: ${name}`, () => {
      const counts = counted(all ? ours : ours.filter((_, n) => n % 4 === 0), line)
      told('announcements', name, counts)
      expect(Object.keys(counts)).toEqual(['speech'])
    })
  }
  for (const [name, line] of Object.entries(badLines)) {
    it.runIf(all || name === 'noise 10 dB below')(`are never told as a tone, noise or silence: ${name}`, () => {
      const counts = counted(all ? ours : ours.filter((_, n) => n % 4 === 0), line)
      told('announcements', name, counts)
      expect(refused(counts)).toBe(0)
    })
  }
})

const never = [
  ...Object.keys(tones).map((name): Named => [name, tone(name, SECONDS)]),
  ...Object.keys(noises).map((name): Named => [name, noise(name, SECONDS)]),
  ...Object.keys(musics).flatMap((name) => ['1', '2', '3'].map((n): Named => [name, music(name, SECONDS, name + n)])),
  ...[1001, 7, 0xa00001, 0xffffff].map((id): Named => [`melody ${id}`, melody(id, SECONDS)]),
  ['silence', new Int16Array(8000 * SECONDS)] as const,
]

describe('what is no speech is never told as speech', () => {
  for (const [name, line] of Object.entries(
    all ? { ...lines, ...badLines } : { 'A-law': {}, '5 % lost': { loss: 0.05 } },
  )) {
    it(name, () => {
      const counts = counted(never, line)
      told('no speech', name, counts)
      expect(counts.speech ?? 0).toBe(0)
    })
  }
})

describe('tones of the network are told by their names', () => {
  it.each(Object.keys(tones).map((name) => [name]))('%s', (name) => {
    const heard = soundOf(through(tone(name, 9), { codec: 'PCMU', loss: 0.01 }, new SeededRandom(name)))
    const expected = name.startsWith('ringing')
      ? 'ringing tone'
      : /^busy|^congestion/.test(name)
        ? 'busy tone'
        : name === 'special information tone'
          ? name
          : name.startsWith('fax, 1100')
            ? 'ringing tone'
            : expect.stringMatching(/tone$/)
    expect(heard).toEqual({ kind: 'tone', tone: expected })
  })

  it('a special information tone counts, whatever is said after it', () => {
    const [, speech] = ours.find(([name]) => name === 'credit.wav')!
    const both = Int16Array.from([...tone('special information tone', 2).subarray(0, 8000), ...speech])
    expect(soundOf(both)).toEqual({ kind: 'tone', tone: 'special information tone' })
  })

  it('ringing before an announcement does not', () => {
    const [, speech] = ours.find(([name]) => name === 'credit.wav')!
    expect(soundKind(Int16Array.from([...tone('ringing of 425 Hz, 1 s on, 4 s off', 6), ...speech]))).toBe('speech')
  })
})

/** Digits as a module speaks them, one recording after the other. @param pauseMs between them, beside what the recordings have */
function digits(of: readonly Int16Array[], count: number, pauseMs: number, random: SeededRandom): Int16Array {
  const pause = Array.from({ length: 8 * pauseMs }, () => 0)
  return Int16Array.from([
    ...Array.from({ length: 2400 }, () => 0),
    ...Array.from({ length: count }, () => [...(of[random.int(of.length)] ?? []), ...pause]).flat(),
  ])
}

/** Of so many rows of 1 to 12 digits: how many are counted right, how many are not told, and how many wrong. */
function countedDigits(of: readonly Int16Array[], pauseMs: number, line: Line, rows: number) {
  const counts = { right: 0, untold: 0, wrong: 0 }
  for (let row = 0; row < rows; row++) {
    const random = new SeededRandom(`digits ${row}`)
    const count = 1 + (row % 12)
    const heard = spokenDigits(through(digits(of, count, pauseMs, random), line, random))
    counts[heard === undefined ? 'untold' : heard === count ? 'right' : 'wrong']++
  }
  return counts
}

/** An announcement that is said again and again, from somewhere in it on. */
function repeated(samples: Int16Array, fromMs: number, seconds: number): Int16Array {
  const round = samples.length + 6400
  return Int16Array.from({ length: 8000 * seconds }, (_, i) => samples[(i + 8 * fromMs) % round] ?? 0)
}

describe('announcements are recognised by their prints', () => {
  const some = ['credit.wav', 'mailboxMenu.wav', 'wakeUpNone.wav', 'wakeUpList.wav', 'queuePaused.wav']
  const en = wavesIn('src/provider/speech/en').filter(([name]) => some.includes(name))
  const prints = en.map(([name, samples]) => [name, soundPrint(samples)] as const)
  const names = ['A-law', 'µ-law', 'noise 20 dB below', '20 dB quieter', ...(all ? Object.keys(lines) : [])]
  it.each(names.filter((name) => !name.includes('lost')))('%s', (line) => {
    for (const [name, samples] of en) {
      const heard = through(repeated(samples, 900, 5), { ...lines, ...badLines }[line] ?? {}, new SeededRandom(name))
      for (const [other, print] of prints) {
        const alike = likeness(print, heard)
        told(`print of ${other}`, `${line}, ${name}`, { alike: alike.toFixed(2) })
        if (other === name) expect([name, alike > 0.85]).toEqual([name, true])
        else expect([name, other, alike < 0.85]).toEqual([name, other, true])
      }
    }
  })
})

const DIGIT = /^(?:\d|star|hash)\.wav$/
const recordingsIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => DIGIT.test(name))
    .map((name) => wave(join(folder, name)))
const { '20 % lost': _, ...countedOn } = { ...lines, ...badLines }

describe.each(['en', 'de'])('digits that the embedded provider speaks, %s', (language) => {
  const of = recordingsIn(`src/provider/speech/${language}`)
  for (const [name, line] of Object.entries(countedOn)) {
    it.runIf(all || name === 'A-law' || name === '5 % lost')(`are counted, or not told: ${name}`, () => {
      const rows = all ? 48 : 12
      const counts = countedDigits(of, 160, line, rows)
      told(`digits in ${language}`, name, counts)
      expect(counts.wrong).toBe(0)
      if (name === 'A-law') expect(counts.right).toBeGreaterThanOrEqual(0.9 * rows)
    })
    it.runIf(all)(`in a hurry are hardly ever counted wrong: ${name}`, () => {
      const counts = countedDigits(of, 0, line, 48)
      told(`digits in a hurry in ${language}`, name, counts)
      expect(counts.wrong).toBeLessThan(4)
    })
  }
})

describe('what is no speech is no digits', () => {
  for (const [name, samples] of never) {
    it.runIf(all || name.startsWith('busy'))(name, () =>
      expect(spokenDigits(through(samples, { codec: 'PCMU' }, new SeededRandom(name)))).toBeUndefined(),
    )
  }
})

// RINGPROOF_DIGITS is a folder of other recordings, 0.wav to 9.wav.
const others = process.env.RINGPROOF_DIGITS
describe.runIf(others !== undefined)('digits of other recordings', () => {
  const of = others === undefined ? [] : recordingsIn(others)
  it.each(Object.entries(countedOn))('%s', (name, line) => {
    const counts = countedDigits(of, 0, line, 120)
    told('digits of others', name, counts)
    expect(counts.wrong).toBeLessThan(6)
  })
})

const measured = (folder: string | undefined, share: number, what: string) => {
  if (folder === undefined) return
  describe(`${what} of ${folder}`, () => {
    const sounds = wavesIn(folder)
    const pieces =
      what === 'music'
        ? sounds.flatMap(([name, samples]) =>
            Array.from(
              { length: Math.floor(samples.length / 48_000) },
              (_, n): Named => [`${name} ${n}`, samples.subarray(n * 48_000, (n + 1) * 48_000)],
            ),
          )
        : sounds.filter(([, samples]) => samples.length > 12_000)
    for (const [name, line] of Object.entries(lines)) {
      it(name, { timeout: 1_200_000 }, () => {
        const counts = counted(pieces, line)
        told(what, name, counts)
        if (what === 'music') expect((counts.speech ?? 0) / pieces.length).toBeLessThan(share)
        else expect(refused(counts)).toBeLessThan(share * pieces.length)
      })
    }
  })
}
measured(process.env.RINGPROOF_PROMPTS, 0.01, 'prompts')
measured(process.env.RINGPROOF_MUSIC, 0.1, 'music')
