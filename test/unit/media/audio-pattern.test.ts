import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { AudioPattern, CYCLE_SAMPLES, PatternListener } from '../../../src/media/audio-pattern.js'
import { decodeG711, encodeG711, silence, transcodeG711, type Law } from '../../../src/media/g711.js'

const random = new SeededRandom('patterns')
const CODECS = ['PCMA', 'PCMU'] as const

/** Feeds so many ms of a source, cut as given, and tells what was heard. */
function listen(
  read: (sample: number, count: number) => Uint8Array,
  o: { codec?: Law; ms?: number; frame?: number; from?: number; loss?: number; listener?: PatternListener } = {},
) {
  const { codec = 'PCMA', ms = 3000, frame = 160, from = 0, loss = 0, listener = new PatternListener() } = o
  for (let sample = 0; sample < ms * 8; sample += frame) {
    if (random.float() < loss) continue
    listener.push(read(from + sample, frame), codec, (123_456 + sample) >>> 0, sample / 8)
  }
  return listener.heard()
}

const noise = (amplitude: number) => (_: number, count: number) =>
  encodeG711(
    Int16Array.from({ length: count }, () => Math.round((random.float() * 2 - 1) * amplitude)),
    'PCMA',
  )

describe('audio patterns', () => {
  it('last less than a second, and are as loud as speech', () => {
    expect(CYCLE_SAMPLES / 8000).toBeLessThan(1)
    const samples = decodeG711(new AudioPattern(0xabcdef).read(0, CYCLE_SAMPLES, 'PCMA'), 'PCMA')
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
    const dbm0 = 10 * Math.log10(power / 32_768 ** 2) + 6.15
    expect(dbm0).toBeGreaterThan(-22)
    expect(dbm0).toBeLessThan(-14)
  })

  it.each(CODECS)('%s: any number is recognised within 1.2 s, from anywhere in the cycle', (codec) => {
    for (let i = 0; i < 300; i++) {
      const id = i < 4 ? [0, 1, 0xffffff, 0x800000][i]! : random.int(1 << 24)
      const pattern = new AudioPattern(id)
      const heard = listen((sample, count) => pattern.read(sample, count, codec), {
        codec,
        ms: 1200,
        from: random.int(CYCLE_SAMPLES),
        frame: 160,
      })
      expect(heard.map((one) => one.id)).toEqual([id])
    }
  })

  it('frames and samples are the same audio', () => {
    const pattern = new AudioPattern(77)
    const frames = Buffer.concat(Array.from({ length: 100 }, (_, i) => pattern.frame(i, 'PCMU')))
    expect(pattern.read(0, frames.length, 'PCMU').equals(frames)).toBe(true)
    expect(pattern.read(333, 1000, 'PCMU').equals(frames.subarray(333, 1333))).toBe(true)
  })

  it.each([80, 160, 240, 320, 480, 100])(
    'packets of %i samples: survives loss of one in twenty, transcoding, any phase',
    (frame) => {
      let missed = 0
      for (let i = 0; i < 40; i++) {
        const id = random.int(1 << 24)
        const pattern = new AudioPattern(id)
        const from: Law = i % 2 ? 'PCMA' : 'PCMU'
        const to: Law = i % 4 < 2 ? 'PCMA' : 'PCMU'
        const heard = listen((sample, count) => transcodeG711(pattern.read(sample, count, from), from, to), {
          codec: to,
          frame,
          ms: 4000,
          from: random.int(CYCLE_SAMPLES),
          loss: 0.05,
        })
        if (heard[0]?.id !== id) missed++
        expect(heard.filter((one) => one.id !== id)).toEqual([])
        if (heard[0] !== undefined) expect(heard[0].seconds).toBeGreaterThan(1)
      }
      expect(missed).toBe(0)
    },
  )

  it('hears one pattern after another, and keeps two sources apart', () => {
    const [a, b] = [new AudioPattern(111), new AudioPattern(222)]
    const listener = new PatternListener()
    const swap = 2000 * 8
    const heard = listen((sample, count) => (sample < swap ? a : b).read(sample, count, 'PCMA'), { ms: 4000, listener })
    expect(heard.map((one) => one.id)).toEqual([111, 222])
    expect(heard[0]!.lastAt).toBeLessThan(heard[1]!.firstAt)
    expect(heard[0]!.seconds).toBeGreaterThan(1.5)
    expect(heard[0]!.seconds).toBeLessThan(2.2)
    expect(heard[0]!.confidence).toBeGreaterThan(0.9)
  })

  it('is not misled by packets that come late or twice', () => {
    const pattern = new AudioPattern(4711)
    const listener = new PatternListener()
    for (let i = 0; i < 150; i++) {
      const at = i % 10 === 3 ? i + 1 : i % 10 === 4 ? i - 1 : i
      for (let times = 0; times < 1 + Number(i % 7 === 0); times++)
        listener.push(pattern.frame(at, 'PCMA'), 'PCMA', at * 160, at * 20)
    }
    expect(listener.heard().map((one) => one.id)).toEqual([4711])
  })

  it('never takes noise, silence, tones, digits or melodies for a pattern', () => {
    const quiet: ReturnType<typeof listen>[] = []
    // An hour of each kind of noise would take long; 20 minutes in all, in two ways of cutting.
    for (const amplitude of [100, 1000, 8000, 30_000])
      quiet.push(listen(noise(amplitude), { ms: 150_000 }), listen(noise(amplitude), { ms: 150_000, frame: 80 }))

    quiet.push(listen((_, count) => Buffer.alloc(count, silence('PCMA')), { ms: 60_000 }))
    for (let hz = 300; hz < 3400; hz += 50) {
      const tone = (sample: number, count: number) =>
        encodeG711(
          Int16Array.from({ length: count }, (_, i) =>
            Math.round(3000 * Math.sin((2 * Math.PI * hz * (sample + i)) / 8000)),
          ),
          'PCMA',
        )
      quiet.push(listen(tone, { ms: 4000 }))
    }
    const dual = (a: number, b: number) => (sample: number, count: number) =>
      encodeG711(
        Int16Array.from({ length: count }, (_, i) =>
          Math.round(
            1500 *
              (Math.sin((2 * Math.PI * a * (sample + i)) / 8000) + Math.sin((2 * Math.PI * b * (sample + i)) / 8000)),
          ),
        ),
        'PCMA',
      )
    for (const [a, b] of [
      [697, 1209],
      [941, 1633],
      [350, 440],
      [400, 450],
    ] as const)
      quiet.push(listen(dual(a, b), { ms: 4000 }))
    expect(quiet.flat()).toEqual([])
  })

  it('takes tones of its own alphabet in any order for a pattern less than once in 50,000 tones', () => {
    // The worst that can come: another melody of the very same tones and times, 100,000 of them, marks included.
    const tones = (['PCMA'] as const).flatMap((codec) => {
      const frames = new Map<string, Buffer>()
      for (let id = 0; frames.size < 18; id += 7919) {
        const pattern = new AudioPattern(id & 0xffffff)
        for (let i = 0; i < 36; i += 4) frames.set(pattern.frame(i, codec).toString('hex'), pattern.frame(i, codec))
      }
      return [...frames.values()]
    })
    const listener = new PatternListener()
    for (let i = 0, last = -1; i < 100_000; i++) {
      let tone = i % 9 === 0 ? 0 : 1 + random.int(tones.length - 1)
      if (tone === last) tone = (tone + 1) % tones.length
      last = tone
      for (let part = 0; part < 4; part++) listener.push(tones[tone]!, 'PCMA', ((i * 4 + part) * 160) >>> 0, i)
    }
    expect(listener.count).toBeLessThanOrEqual(2)
  })

  it('refuses numbers of more than 24 bits', () => {
    expect(() => new AudioPattern(1 << 24)).toThrow(RangeError)
    expect(() => new AudioPattern(-1)).toThrow(RangeError)
    expect(() => new AudioPattern(1.5)).toThrow(RangeError)
  })

  it('costs little for a frame that nobody changed', () => {
    const pattern = new AudioPattern(99)
    const listener = new PatternListener()
    let timestamp = 0
    const round = (frames: number) => {
      for (let i = 0; i < frames; i++, timestamp += 160) {
        const frame = pattern.frame(timestamp / 160, 'PCMA')
        listener.push(frame, 'PCMA', timestamp >>> 0, 0)
      }
    }
    round(50_000)
    const costs = Array.from({ length: 5 }, () => {
      const started = process.cpuUsage()
      round(20_000)
      const used = process.cpuUsage(started)
      return (used.user + used.system) / 20_000
    })
    // 1.5 µs is the aim; the rest is for a machine that is busy with something else.
    expect(Math.min(...costs)).toBeLessThan(3)
  })
})

describe('audio that is labelled with the wrong law', () => {
  it.each([
    ['PCMA', 'PCMU'],
    ['PCMU', 'PCMA'],
  ] as const)('is no voice, although its tones can be measured: %s as %s', (law, label) => {
    for (const id of [1, 4711, 123_456, 999_999]) {
      const listener = new PatternListener()
      const pattern = new AudioPattern(id)
      for (let index = 0; index < 250; index++) listener.push(pattern.frame(index, law), label, 160 * index)
      expect(listener.heard()).toEqual([])
    }
  })
})
