/**
 * Audio of a call's own: a melody that spells a number of 24 bits, and a listener that reads the number.
 *
 * A cycle is nine tones of 80 ms: one that only marks the beginning, then eight for 32 bits (the number and an eight bit
 * checksum of it). No tone follows itself, so that the tones are told apart by their changes alone, whatever relays do to
 * packet sizes and timestamps. Each tone makes whole periods in 20 ms: the encoded frame of a tone is the same wherever
 * it stands, all calls share them, and the listener knows frames that nobody changed by one look into a table. Only what
 * was repacketised or otherwise altered is measured (Goertzel, 10 ms at a time).
 */
import { decodeTable, encodeG711, transcodeG711, type Law } from './g711.js'
import { ALPHABET, AMPLITUDE, CHUNK, FREQUENCIES, toneOf } from './pattern-tones.js'

/** 20 ms at 8 kHz. */
export const FRAME_SAMPLES = 160
const FRAMES_PER_TONE = 4
export const TONE_SAMPLES = FRAMES_PER_TONE * FRAME_SAMPLES
const DATA_TONES = 8
const TONES = DATA_TONES + 1
export const CYCLE_SAMPLES = TONES * TONE_SAMPLES
const SYNC = ALPHABET

type ToneFrames = Readonly<Record<Law, readonly Buffer[]>>

const FRAMES: ToneFrames = { PCMA: toneFrames('PCMA'), PCMU: toneFrames('PCMU') }

function toneFrames(codec: Law): readonly Buffer[] {
  return FREQUENCIES.map((hz) =>
    encodeG711(
      Int16Array.from({ length: FRAME_SAMPLES }, (_, i) =>
        Math.round(AMPLITUDE * Math.sin((2 * Math.PI * hz * i) / 8000)),
      ),
      codec,
    ),
  )
}

/** What a call plays. Costs a few octets: the frames are shared by all. */
export class AudioPattern {
  readonly id: number
  readonly #tones: Uint8Array

  /** Throws RangeError for what is not a whole number of 24 bits. */
  constructor(id: number) {
    if (!Number.isInteger(id) || id < 0 || id > 0xffffff) throw new RangeError(`pattern ${id} is not of 24 bits`)
    this.id = id
    this.#tones = spell(id)
  }

  /** The 20 ms from `index` × 20 ms on. Shared: not to be written to. */
  frame(index: number, codec: Law): Buffer {
    const tone = this.#tones[Math.floor(index / FRAMES_PER_TONE) % TONES] ?? SYNC
    return FRAMES[codec][tone] ?? EMPTY
  }

  /** `count` samples from any sample on, for other packet times. */
  read(sample: number, count: number, codec: Law): Buffer {
    const out = Buffer.allocUnsafe(count)
    for (let done = 0; done < count; ) {
      const at = sample + done
      const offset = at % FRAME_SAMPLES
      done += this.frame(Math.floor(at / FRAME_SAMPLES), codec).copy(out, done, offset, offset + count - done)
    }
    return out
  }
}

const EMPTY = Buffer.alloc(0)

/** A pattern that was recognised. */
export interface HeardPattern {
  readonly id: number
  /** Of audio that spelled it. */
  readonly seconds: number
  /** ms, as given to `push`; the first one is the time of recognition, about 1 s after it began. */
  readonly firstAt: number
  readonly lastAt: number
  /** Share of the audio since then that spelled it, 0 to 1. */
  readonly confidence: number
}

interface Heard {
  readonly id: number
  samples: number
  readonly firstAt: number
  lastAt: number
  /** Samples that had passed when it was first recognised, less those that led to it. */
  readonly from: number
  /** …and when it was last confirmed. */
  to: number
}

/** A run is a tone if it lasts 20 ms or more. */
const SHORTEST_RUN = 2 * CHUNK
/** Silence, gaps and noise that break the melody. */
const LONGEST_BREAK = 480
/** How far nine tones may be from their time: repacketising and losses at both ends. */
const SPAN_TOLERANCE = 480
/** Readings in a row that must agree before a number counts. */
const CONFIRMATIONS = 4
const MOST_PATTERNS = 32

/**
 * Hears which patterns a stream carries, without being told. One listener per source: the frames of two sources in turn
 * are no melody.
 */
export class PatternListener {
  readonly #heard: Heard[] = []
  /** Tones of the latest runs, oldest first, and where they begin, in samples of the stream. */
  readonly #tones = new Uint8Array(TONES)
  readonly #starts = new Float64Array(TONES)
  #runs = 0
  #candidate = -1
  #agreed = 0
  #confirmedTo = 0
  /** The run that is being heard. */
  #tone = -1
  #toneStart = 0
  #toneSamples = 0
  #counted = false
  /** Samples of the stream up to now, losses included. */
  #position = 0
  #lastToneEnd = 0
  #nextTimestamp: number | undefined
  /** Of the last frame that was looked up in full: its tone, -1 for none. */
  #known = -1
  #key = 0
  #codec: Law | undefined
  /** Samples that do not fill a chunk yet. */
  #rest: Float64Array | undefined
  #restLength = 0

  /** Number of patterns recognised so far; grows when `heard()` has another one. */
  get count(): number {
    return this.#heard.length
  }

  /** Takes a payload of any size. `timestamp`: RTP's, in samples; `at`: ms. What comes behind its time is left out. */
  push(payload: Uint8Array, codec: Law, timestamp: number, at = 0): void {
    this.read(payload, 0, payload.length, codec, timestamp, at)
  }

  /** The same, of a payload that is part of a packet. */
  read(packet: Uint8Array, start: number, end: number, codec: Law, timestamp: number, at: number): void {
    const samples = end - start
    if (this.#nextTimestamp !== undefined) {
      const gap = (timestamp - this.#nextTimestamp) | 0
      // Out of its place it would spell something else: as good as lost.
      if (gap < 0 && gap > -CYCLE_SAMPLES) return
      if (gap !== 0) {
        this.#restLength = 0
        this.#position += gap > 0 && gap < CYCLE_SAMPLES ? gap : CYCLE_SAMPLES
      }
    }
    this.#nextTimestamp = (timestamp + samples) >>> 0
    // Packets of several frames are as good as so many packets.
    let from = start
    const lastFrame = samples % FRAME_SAMPLES === 0 ? end - FRAME_SAMPLES : -1
    for (; from <= lastFrame; from += FRAME_SAMPLES) {
      const tone = this.#frame(packet, from, codec)
      if (tone === UNKNOWN) break
      this.#restLength = 0
      if (tone !== MISLABELLED) this.#hear(tone, this.#position, FRAME_SAMPLES, at)
      this.#position += FRAME_SAMPLES
    }
    if (from < end) this.#measure(packet, from, end, codec, at)
  }

  /** True where this pattern was recognised, and no other one; false where another was; undefined where none was. */
  hearsOnly(id: number): boolean | undefined {
    return this.#heard.length === 0 ? undefined : this.#heard.length === 1 && this.#heard[0]?.id === id
  }

  /** In the order of their recognition. */
  heard(): HeardPattern[] {
    return this.#heard.map((one) => ({
      id: one.id,
      seconds: one.samples / 8000,
      firstAt: one.firstAt,
      lastAt: one.lastAt,
      confidence: one.to > one.from ? Math.min(1, one.samples / (one.to - one.from)) : 0,
    }))
  }

  /**
   * The tone of which this is a frame that nobody changed, `UNKNOWN`, or `MISLABELLED`. Within a tone that was recognised in full, the next frames
   * are told by the octets in which all tones differ.
   */
  #frame(packet: Uint8Array, start: number, codec: Law): number {
    const key = keyOf(packet, start)
    const isSame = key === this.#key && codec === this.#codec && this.#tone === this.#known && this.#known >= 0
    if (isSame && this.#toneSamples < TONE_SAMPLES && this.#position === this.#lastToneEnd) return this.#known
    this.#key = key
    this.#codec = codec
    return (this.#known = lookUp(packet, start, key, codec))
  }

  #measure(packet: Uint8Array, start: number, end: number, codec: Law, at: number): void {
    const rest = (this.#rest ??= new Float64Array(CHUNK))
    const linear = decodeTable(codec)
    for (let i = start; i < end; i++) {
      rest[this.#restLength++] = linear[packet[i] ?? 0] ?? 0
      this.#position++
      if (this.#restLength < CHUNK) continue
      this.#restLength = 0
      const tone = toneOf(rest, this.#tone)
      if (tone >= 0) this.#hear(tone, this.#position - CHUNK, CHUNK, at)
    }
  }

  #hear(tone: number, start: number, samples: number, at: number): void {
    if (start - this.#lastToneEnd > LONGEST_BREAK) {
      this.#runs = 0
      this.#agreed = 0
      this.#tone = -1
    }
    this.#lastToneEnd = start + samples
    if (tone !== this.#tone) {
      this.#tone = tone
      this.#toneStart = start
      this.#toneSamples = 0
      this.#counted = false
    }
    this.#toneSamples += samples
    if (!this.#counted && this.#toneSamples >= SHORTEST_RUN) {
      this.#counted = true
      this.#run(tone, this.#toneStart, at)
    }
  }

  #run(tone: number, start: number, at: number): void {
    // A spoilt piece in the middle of a tone parts it in two; they are one.
    if (this.#runs > 0 && this.#tones[this.#runs - 1] === tone) return
    if (this.#runs === TONES) {
      this.#tones.copyWithin(0, 1)
      this.#starts.copyWithin(0, 1)
      this.#runs--
    }
    this.#tones[this.#runs] = tone
    this.#starts[this.#runs] = start
    this.#runs++
    if (this.#runs < TONES) return
    const span = start - (this.#starts[0] ?? 0)
    const fits = Math.abs(span - (TONES - 1) * TONE_SAMPLES) <= SPAN_TOLERANCE
    const id = fits ? read(this.#tones) : -1
    if (id < 0) {
      this.#agreed = 0
      return
    }
    if (id !== this.#candidate) this.#agreed = 0
    this.#candidate = id
    this.#agreed++
    if (this.#agreed >= CONFIRMATIONS) this.#recognise(id, start, at)
  }

  #recognise(id: number, start: number, at: number): void {
    const end = start + TONE_SAMPLES
    const first = this.#agreed === CONFIRMATIONS
    // The first recognition stands for the cycle and the confirmations before it, later ones for a tone each.
    const samples = first
      ? Math.min(CYCLE_SAMPLES + (CONFIRMATIONS - 1) * TONE_SAMPLES, end - this.#confirmedTo)
      : end - this.#confirmedTo
    this.#confirmedTo = end
    const known = this.#heard.find((one) => one.id === id)
    if (known !== undefined) {
      known.samples += samples
      known.lastAt = at
      known.to = end
    } else if (this.#heard.length < MOST_PATTERNS) {
      this.#heard.push({ id, samples, firstAt: at, lastAt: at, from: end - samples, to: end })
    }
  }
}

/** The tones of a number: the marking one, then one for each four bits, none equal to the one before. */
function spell(id: number): Uint8Array {
  const word = ((id << 8) | checksum(id)) >>> 0
  const tones = new Uint8Array(TONES)
  tones[0] = SYNC
  let previous = -1
  for (let i = 0; i < DATA_TONES; i++) {
    const nibble = (word >>> (28 - 4 * i)) & 0x0f
    const tone = previous >= 0 && nibble >= previous ? nibble + 1 : nibble
    tones[i + 1] = tone
    previous = tone
  }
  return tones
}

/** The number that nine tones in a row spell, wherever in the cycle they begin; -1 if none. */
function read(tones: Uint8Array): number {
  const sync = tones.indexOf(SYNC)
  if (sync < 0 || tones.indexOf(SYNC, sync + 1) >= 0) return -1
  let word = 0
  let previous = -1
  for (let i = 1; i <= DATA_TONES; i++) {
    const tone = tones[(sync + i) % TONES] ?? SYNC
    if (tone === previous) return -1
    const nibble = previous >= 0 && tone > previous ? tone - 1 : tone
    if (nibble > 15) return -1
    word = ((word << 4) | nibble) >>> 0
    previous = tone
  }
  const id = word >>> 8
  return (word & 0xff) === checksum(id) ? id : -1
}

/** CRC-8, x^8 + x^2 + x + 1, over 24 bits; begins with ones so that zeroes are not their own checksum. */
function checksum(id: number): number {
  let crc = 0xff
  for (let shift = 16; shift >= 0; shift -= 8) {
    crc ^= (id >>> shift) & 0xff
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1
  }
  return crc
}

interface KnownFrame {
  readonly bytes: Buffer
  readonly tone: number
}

/** Frames as sent, and as a relay makes them of the other law, by four octets that differ for all. */
const KNOWN: Readonly<Record<Law, ReadonlyMap<number, readonly KnownFrame[]>>> = {
  PCMA: knownFrames('PCMA', 'PCMU'),
  PCMU: knownFrames('PCMU', 'PCMA'),
}

function knownFrames(codec: Law, other: Law): ReadonlyMap<number, readonly KnownFrame[]> {
  const known = new Map<number, KnownFrame[]>()
  for (let tone = 0; tone <= ALPHABET; tone++) {
    const own = FRAMES[codec][tone] ?? EMPTY
    const transcoded = transcodeG711(FRAMES[other][tone] ?? EMPTY, other, codec)
    for (const bytes of own.equals(transcoded) ? [own] : [own, transcoded]) {
      const list = known.get(keyOf(bytes, 0)) ?? []
      list.push({ bytes, tone })
      known.set(keyOf(bytes, 0), list)
    }
  }
  return known
}

function keyOf(packet: Uint8Array, start: number): number {
  return (
    ((packet[start + 3] ?? 0) << 24) |
    ((packet[start + 10] ?? 0) << 16) |
    ((packet[start + 37] ?? 0) << 8) |
    (packet[start + 90] ?? 0)
  )
}

const UNKNOWN = -1
/** A frame of a tone as the other law has it: what a telephone plays of it is noise, in which the tone can still be measured. */
const MISLABELLED = -2

function lookUp(packet: Uint8Array, start: number, key: number, codec: Law): number {
  const candidates = KNOWN[codec].get(key)
  if (candidates !== undefined) for (const one of candidates) if (isAt(packet, start, one.bytes)) return one.tone
  const others = KNOWN[codec === 'PCMA' ? 'PCMU' : 'PCMA'].get(key)
  return others?.some((one) => isAt(packet, start, one.bytes)) === true ? MISLABELLED : UNKNOWN
}

function isAt(packet: Uint8Array, start: number, frame: Uint8Array): boolean {
  for (let i = 0; i < FRAME_SAMPLES; i++) if (packet[start + i] !== frame[i]) return false
  return true
}
