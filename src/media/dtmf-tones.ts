/**
 * Keypad tones in audio: two frequencies at a time (ITU-T Q.23), told from speech by the tolerances that receivers of the network
 * have (ITU-T Q.24): within 1.5 % they are taken, 3.5 % off they are not; 40 ms are a key, 23 ms are none; a gap of 10 ms is none.
 */

/** A key that was heard. */
export interface HeardKey {
  readonly digit: string
  /** ms from the first sample. */
  readonly atMs: number
  readonly durationMs: number
}

const LOW = [697, 770, 852, 941]
const HIGH = [1209, 1336, 1477, 1633]
const DIGITS = ['123A', '456B', '789C', '*0#D']

/** Hz of a key, the lower first; none for what is no key. */
export function frequenciesOf(digit: string): readonly number[] {
  const row = DIGITS.findIndex((keys) => keys.includes(digit))
  return row < 0 ? [] : [LOW[row] ?? 0, HIGH[DIGITS[row]?.indexOf(digit) ?? 0] ?? 0]
}

const RATE = 8000
/** Of each of a key's frequencies that are sent, about -15 dBm0. */
const AMPLITUDE = 4000
/** 20 ms are looked at, every 5 ms. */
const BLOCK = 160
const HOP = 40
/** Amplitude of the faintest of both frequencies that counts: about -36 dBm0. */
const FAINTEST = 60
/** dB that the higher frequency may be above, and below, the lower one. */
const [ABOVE, BELOW] = [5, 9]
/** Share by which a frequency may be off. */
const OFF = 0.025
/** Both frequencies hold so much of the power. */
const PURE = 0.75
/** A key is heard in so many blocks: 40 ms are in seven, 23 ms in three or four. It goes on over so many others: 10 ms spoil five, 40 ms ten. */
const [LEAST_BLOCKS, GAP_BLOCKS] = [5, 6]

/** @param samples 8,000 a second */
export function keysIn(samples: Int16Array): HeardKey[] {
  const listener = new KeyListener()
  return [...listener.push(samples), ...listener.end()]
}

/** Hears keys in audio that comes bit by bit, 8,000 samples a second. */
export class KeyListener {
  /** Samples that are still needed, the first of them number `#at`, a multiple of the hop beyond the last gap. */
  #kept = new Int16Array(0)
  #at = 0
  #before: Block | undefined
  #run: { digit: string; from: number; to: number; blocks: number } | undefined

  /** @returns the keys that are known to have ended */
  push(samples: Int16Array): HeardKey[] {
    const all = new Int16Array(this.#kept.length + samples.length)
    all.set(this.#kept)
    all.set(samples, this.#kept.length)
    const keys: HeardKey[] = []
    let offset = 0
    for (; offset + BLOCK <= all.length; offset += HOP)
      keys.push(...this.#look(blockOf(all, offset, this.#at + offset)))
    this.#at += offset
    this.#kept = all.slice(offset)
    return keys
  }

  /** So many samples were lost on the way: a key that was heard before them goes on beyond them, if it is heard there. */
  skip(samples: number): void {
    this.#at += this.#kept.length + samples
    this.#kept = new Int16Array(0)
    this.#before = undefined
    if (this.#run !== undefined) this.#run.to = this.#at
  }

  /** Nothing follows. */
  end(): HeardKey[] {
    const run = this.#run
    this.#run = undefined
    if (run === undefined || run.blocks < LEAST_BLOCKS) return []
    return [{ digit: run.digit, atMs: (1000 * run.from) / RATE, durationMs: (1000 * (run.to - run.from)) / RATE }]
  }

  #look(block: Block): HeardKey[] {
    const digit = this.#before === undefined ? undefined : digitOf(block, this.#before)
    this.#before = block
    const { at } = block
    const isOver =
      this.#run !== undefined &&
      digit !== this.#run.digit &&
      (digit !== undefined || at - this.#run.to + BLOCK > GAP_BLOCKS * HOP)
    const keys = isOver ? this.end() : []
    if (digit === undefined) return keys
    this.#run ??= { digit, from: at, to: at, blocks: 0 }
    this.#run.to = at + BLOCK
    this.#run.blocks++
    return keys
  }
}

/** Keys as their two frequencies, with silence behind each, 8,000 samples a second. */
export function keySamples(digits: string, o: { readonly toneMs: number; readonly gapMs: number }): Int16Array {
  const [tone, whole] = [8 * o.toneMs, 8 * (o.toneMs + o.gapMs)]
  const hz = digits.split('').map(frequenciesOf)
  return Int16Array.from({ length: whole * digits.length }, (_, i) => {
    const at = i % whole
    if (at >= tone) return 0
    return (hz[Math.floor(i / whole)] ?? []).reduce(
      (sum, one) => sum + AMPLITUDE * Math.sin((2 * Math.PI * one * at) / RATE),
      0,
    )
  })
}

interface Line {
  readonly hz: number
  readonly re: number
  readonly im: number
}

interface Block {
  /** Number of its first sample. */
  readonly at: number
  /** Mean square. */
  readonly power: number
  readonly low: Line
  readonly high: Line
}

/** One frequency over a block: what its samples are multiplied with. */
interface Filter {
  readonly hz: number
  readonly cos: Float64Array
  readonly sin: Float64Array
}

const filterOf = (hz: number): Filter => {
  const wave = (of: (angle: number) => number) =>
    Float64Array.from({ length: BLOCK }, (_, i) => of((2 * Math.PI * hz * i) / RATE))
  return { hz, cos: wave(Math.cos), sin: wave(Math.sin) }
}
const LOW_FILTERS = LOW.map(filterOf)
const HIGH_FILTERS = HIGH.map(filterOf)

/** @param offset of its first sample in `samples` @param at that sample's number */
function blockOf(samples: Int16Array, offset: number, at: number): Block {
  const block = samples.subarray(offset, offset + BLOCK)
  return {
    at,
    power: powerOf(block),
    low: turned(strongest(LOW_FILTERS, block), at),
    high: turned(strongest(HIGH_FILTERS, block), at),
  }
}

/** Mean square. */
function powerOf(samples: Int16Array): number {
  let power = 0
  for (const sample of samples) power += sample * sample
  return power / samples.length
}

/** @param samples a block, or fewer */
function strongest(filters: readonly Filter[], samples: Int16Array): Line {
  let most: Line = { hz: 0, re: 0, im: 0 }
  for (const filter of filters) {
    const line = lineOf(filter, samples)
    if (most.hz === 0 || square(line) > square(most)) most = line
  }
  return most
}

/** One frequency's amplitude, its phase that of the first sample. */
function lineOf({ hz, cos, sin }: Filter, samples: Int16Array): Line {
  let re = 0
  let im = 0
  const { length } = samples
  for (let i = 0; i < length; i++) {
    const sample = samples[i] ?? 0
    re += sample * (cos[i] ?? 0)
    im -= sample * (sin[i] ?? 0)
  }
  return { hz, re: (2 * re) / length, im: (2 * im) / length }
}

/** Its phase that of sample 0 instead of sample `at`. */
function turned({ hz, re, im }: Line, at: number): Line {
  const angle = (2 * Math.PI * hz * at) / RATE
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  return { hz, re: re * cos + im * sin, im: im * cos - re * sin }
}

/** Share of the power that two frequencies show in all that a listener takes for a key, however far off they are. */
const HINT = 0.2

/** A quick look: may these samples be part of a key? False is certain where a key fills a block of them. */
export function mayBeKey(samples: Int16Array): boolean {
  for (let offset = 0; offset < samples.length; offset += BLOCK) {
    const from = Math.max(0, Math.min(offset, samples.length - BLOCK))
    const block = samples.subarray(from, from + BLOCK)
    const power = powerOf(block)
    if (power < HINT * FAINTEST * FAINTEST) continue
    const both = square(strongest(LOW_FILTERS, block)) + square(strongest(HIGH_FILTERS, block))
    if (both / 2 > HINT * power) return true
  }
  return false
}

const square = ({ re, im }: Line) => re * re + im * im

/** By how many Hz the frequency is off: the phase turns from block to block. */
function offBy(now: Line, before: Line): number {
  const turn = Math.atan2(now.im * before.re - now.re * before.im, now.re * before.re + now.im * before.im)
  return (turn * RATE) / (2 * Math.PI * HOP)
}

function digitOf(now: Block, before: Block): string | undefined {
  const { low, high } = now
  if (before.low.hz !== low.hz || before.high.hz !== high.hz) return undefined
  const [lowOff, highOff] = [offBy(low, before.low), offBy(high, before.high)]
  if (Math.abs(lowOff) > OFF * low.hz || Math.abs(highOff) > OFF * high.hz) return undefined
  // What a block shows of a frequency that is off is less than there is.
  const [lower, higher] = [square(low) / shown(lowOff), square(high) / shown(highOff)]
  if (Math.min(lower, higher) < FAINTEST * FAINTEST) return undefined
  const twist = 10 * Math.log10(higher / lower)
  if (twist > ABOVE || twist < -BELOW) return undefined
  if ((lower + higher) / 2 < PURE * now.power) return undefined
  return DIGITS[LOW.indexOf(low.hz)]?.[HIGH.indexOf(high.hz)]
}

/** Share of its power that a frequency shows in a block which is so many Hz off. */
function shown(off: number): number {
  const x = (Math.PI * off * BLOCK) / RATE
  return Math.abs(x) < 1e-6 ? 1 : (Math.sin(x) / x) ** 2
}
