/**
 * Keys of the keypad in the sound of a captured stream. Most packets get one quick look; only where two tones show is the audio listened to,
 * from the packet before on.
 */
import { type HeardKey, KeyListener, mayBeKey } from '../media/dtmf-tones.js'

/** A key of the keypad, as telephone-event (RFC 4733) or as tones in the audio. */
export interface KeyPressed {
  readonly at: number
  readonly frame: number
  readonly digit: string
  readonly timestamp: number
}

/** A packet of audio. */
interface Heard {
  readonly samples: Int16Array
  /** When it was seen, ms. */
  readonly at: number
  readonly frame: number
}

/** Shorter ones are what a gateway lets through before it knows a key, or speech; people and machines press longer. */
const LEAST_MS = 60
/** Samples that may be lost within a key: two packets. A telephone-event in place of the audio lasts longer. */
const LONGEST_GAP = 320
/** Samples that a packet may be late. */
const LATEST = 8_000
/** So many samples without two tones are the end of a key. */
const QUIET = 480
const MOST_MARKS = 256

export class ToneReader {
  #listener: KeyListener | undefined
  /** The packet before, where nobody listens. */
  #before: Heard | undefined
  /** Timestamp of the sample that comes next. */
  #next: number | undefined
  /** Samples since the listener began. */
  #sample = 0
  #quiet = 0
  /** Where packets begin. */
  #marks: { readonly sample: number; readonly at: number; readonly frame: number }[] = []

  /** @returns keys that are known to have ended */
  push(timestamp: number, packet: Heard): KeyPressed[] {
    const gap = this.#next === undefined ? 0 : (timestamp - this.#next) | 0
    // It comes late, or again.
    if (gap < 0 && gap > -LATEST) return []
    const isNew = gap < 0 || gap > LONGEST_GAP
    const keys = isNew ? this.end() : []
    this.#next = (timestamp + packet.samples.length) >>> 0
    const isLikely = mayBeKey(packet.samples)
    if (this.#listener === undefined) {
      const before = gap === 0 ? this.#before : undefined
      this.#before = packet
      if (!isLikely) return keys
      this.#listener = new KeyListener()
      if (before !== undefined) this.#listen(this.#listener, before)
    } else if (gap > 0) {
      this.#listener.skip(gap)
      this.#sample += gap
    }
    keys.push(...this.#listen(this.#listener, packet))
    this.#quiet = isLikely ? 0 : this.#quiet + packet.samples.length
    if (this.#quiet >= QUIET) keys.push(...this.end())
    return keys
  }

  /** Nothing follows. */
  end(): KeyPressed[] {
    const keys = this.#told(this.#listener?.end() ?? [])
    this.#listener = undefined
    this.#before = undefined
    this.#sample = 0
    this.#quiet = 0
    this.#marks = []
    return keys
  }

  #listen(listener: KeyListener, { samples, at, frame }: Heard): KeyPressed[] {
    this.#marks.push({ sample: this.#sample, at, frame })
    if (this.#marks.length > MOST_MARKS) this.#marks.shift()
    this.#sample += samples.length
    return this.#told(listener.push(samples))
  }

  #told(keys: readonly HeardKey[]): KeyPressed[] {
    return keys.flatMap(({ digit, atMs, durationMs }) => {
      const mark = this.#marks.findLast(({ sample }) => sample <= 8 * atMs) ?? this.#marks[0]
      if (durationMs < LEAST_MS || mark === undefined) return []
      const timestamp = ((this.#next ?? 0) - this.#sample + 8 * atMs) >>> 0
      return [{ digit, at: mark.at + atMs - mark.sample / 8, frame: mark.frame, timestamp }]
    })
  }
}
