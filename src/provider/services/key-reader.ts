/**
 * The keys that a caller presses, however they come: telephone-events (RFC 4733), INFO (no standard: RFC 6086 §2), or tones in the audio
 * where no telephone-events were agreed on. A telephone may send a key in two ways at once: it is one key.
 */
import { KeyListener } from '../../media/dtmf-tones.js'
import { decodeG711, isLaw } from '../../media/g711.js'
import type { SipRequest } from '../../message/message.js'
import type { RtpPacket } from '../../media/rtp.js'
import type { NegotiatedAudio } from '../../sdp/audio-stream.js'
import type { Rules } from '../rules/rules.js'
import { DigitReader } from './digit-reader.js'

/** The same key by another way within so long (ms) is the same press. */
const SAME_PRESS_MS = 500
/** A jitter buffer waits for no more than is lost in so many samples. */
const LONGEST_GAP = 4000

type Way = 'telephone-event' | 'INFO'

export class KeyReader {
  readonly #rules: Rules['serviceMedia']
  readonly #events: DigitReader
  #tones = new KeyListener()
  /** Timestamp of the audio that comes next. */
  #next: number | undefined
  #presses: { readonly digit: string; readonly way: Way; readonly at: number }[] = []

  constructor(rules: Rules['serviceMedia']) {
    this.#rules = rules
    this.#events = new DigitReader(rules)
  }

  /** A packet of a telephone-event. @param at when it came, ms of the clock @returns the keys that it makes known */
  event(packet: RtpPacket, at: number): string[] {
    if (!this.#rules.readsEvents) return []
    return this.#events.read(packet, at).filter((digit) => this.#isNew(digit, 'telephone-event', at))
  }

  /** An INFO in the call. @returns the key that it tells, unless it is known */
  info({ contentType, body }: Pick<SipRequest, 'contentType' | 'body'>, at: number): string[] {
    const digit = this.#rules.readsInfo ? keyOfInfo(contentType, body.toString('latin1')) : undefined
    return digit !== undefined && this.#isNew(digit, 'INFO', at) ? [digit] : []
  }

  /** A packet of audio; only in a call without telephone-events keys are looked for. @returns those whose tones have ended */
  audio(packet: RtpPacket, { codec, dtmf }: Pick<NegotiatedAudio, 'codec' | 'dtmf'>): string[] {
    if (!this.#rules.readsTones || dtmf !== undefined || !isLaw(codec)) return []
    const law = packet.payloadType === 8 ? 'PCMA' : packet.payloadType === 0 ? 'PCMU' : codec
    const gap = this.#next === undefined ? 0 : (packet.timestamp - this.#next) | 0
    // It comes too late.
    if (gap < 0 && gap > -LONGEST_GAP) return []
    if (gap !== 0 && gap < LONGEST_GAP) this.#tones.skip(gap)
    else if (gap !== 0) this.#tones = new KeyListener()
    this.#next = (packet.timestamp + packet.payload.length) >>> 0
    const keys = this.#tones.push(decodeG711(packet.payload, law))
    // One that takes each tenth of a second for a key of its own.
    const times = (ms: number) => (this.#rules.countsTones ? 1 : Math.max(1, Math.round(ms / 100)))
    return keys.flatMap(({ digit, durationMs }) => Array.from({ length: times(durationMs) }, () => digit))
  }

  #isNew(digit: string, way: Way, at: number): boolean {
    this.#presses = this.#presses.filter((one) => one.at >= at - SAME_PRESS_MS)
    const twin = this.#presses.findIndex((one) => one.digit === digit && one.way !== way)
    if (twin >= 0 && this.#rules.countsPressesOnce) {
      this.#presses.splice(twin, 1)
      return false
    }
    this.#presses.push({ digit, way, at })
    return true
  }
}

const KEY = /^[0-9*#A-D]$/

/** The key in the body of an INFO: `Signal=5` in application/dtmf-relay, `5` in application/dtmf. Undefined: it is about no key. */
export function keyOfInfo(contentType: string | undefined, body: string): string | undefined {
  const relayed = contentType === 'application/dtmf-relay'
  if (!relayed && contentType !== 'application/dtmf') return undefined
  const [, text] = relayed ? (/^Signal\s*=\s*(\S+)/im.exec(body) ?? []) : ['', body.trim()]
  const key = text === '10' ? '*' : text === '11' ? '#' : text?.toUpperCase()
  return key !== undefined && KEY.test(key) ? key : undefined
}
