/**
 * Somebody on the path of a call who has what travelled, and no more: SIP that is not on TLS, and every packet of media. What it
 * reads is proven: audio is recognised and digits are counted, after decryption with keys that it read where the packets
 * are encrypted.
 */
import { PatternListener } from '../media/audio-pattern.js'
import { isFault, isRtcp, parseRtp, type RtpPacket } from '../media/rtp.js'
import { EventReceiver } from '../media/telephone-event.js'
import { type SrtpContext, SrtpError } from '../media/srtp.js'
import { srtpContextOf } from '../media/srtp-setup.js'
import { isSuiteName, parseCrypto } from '../sdp/crypto-attribute.js'

/** What was seen on the path: a whole message or packet, with its source. */
export interface Captured {
  readonly at: number
  readonly transport: string
  readonly packet: string
  readonly data?: Buffer
}

/** A call has a handful of keys and of sources; more are not for it. */
const MOST = 64

interface Source {
  readonly ear: PatternListener
  readonly events: EventReceiver
  /** What its packets are decrypted with; undefined: no key was found that fits. */
  reads: SrtpContext | undefined
  /** Packets that no key fitted. */
  misses: number
}

export class Eavesdropper {
  /** All SIP that was in clear, one text. */
  readonly text: string
  /** Does anything that was recognised rest on a key that was read? */
  decrypted = false
  readonly #sources = new Map<number, Source>()
  readonly #lines: readonly string[]

  constructor(capture: readonly Captured[]) {
    const readable = capture.filter(({ transport }) => transport !== 'tls')
    this.text = readable
      .flatMap(({ packet, data }) => (packet === 'sip' && data !== undefined ? [data.toString('latin1')] : []))
      .join('\n')
    // Signalling first: keys are read before the packets are tried, as whoever keeps a capture can.
    this.#lines = [...new Set([...this.text.matchAll(/^a=crypto:(.*?)\r?$/gm)].map(([, line = '']) => line))].slice(
      0,
      MOST,
    )
    for (const { packet, data, at } of readable)
      if (packet === 'rtp' && data !== undefined && !isRtcp(data)) this.#hears(data, at)
  }

  /** Keys of SRTP that stood in clear. */
  get keys(): number {
    return this.#lines.filter((line) => parseCrypto(line).attribute !== undefined).length
  }

  /** Numbers of the voices that were recognised. */
  get voices(): number[] {
    return [...this.#sources.values()].flatMap(({ ear }) => ear.heard().map(({ id }) => id))
  }

  /** Keypad tones (RFC 4733), one text for each source. */
  get digits(): string[] {
    return [...this.#sources.values()].map(({ events }) => events.digits)
  }

  #hears(data: Buffer, at: number): void {
    const seen = parseRtp(data)
    if (isFault(seen)) return
    let source = this.#sources.get(seen.ssrc)
    if (source === undefined) {
      if (this.#sources.size >= MOST) return
      source = { ear: new PatternListener(), events: new EventReceiver(), reads: undefined, misses: 0 }
      this.#sources.set(seen.ssrc, source)
    }
    const packet = this.#read(source, data, seen)
    if (packet === undefined) return
    const { payloadType, payload, timestamp, marker } = packet
    if (payloadType === 8 || payloadType === 0)
      source.ear.push(payload, payloadType === 8 ? 'PCMA' : 'PCMU', timestamp, at)
    else source.events.push(payload, timestamp, marker, at)
  }

  /** The packet in clear, by whichever key fits; as it is where none does, and only its sound will tell. */
  #read(source: Source, data: Buffer, seen: RtpPacket): RtpPacket | undefined {
    if (source.reads === undefined && source.misses < MOST) {
      for (const line of this.#lines) {
        const { attribute } = parseCrypto(line)
        if (attribute === undefined || !isSuiteName(attribute.suite)) continue
        const context = srtpContextOf(attribute)
        if (context.unprotect(data) instanceof SrtpError) continue
        // Its tag matches: this is the key, and nothing else.
        source.reads = srtpContextOf(attribute)
        this.decrypted = true
        break
      }
      if (source.reads === undefined) source.misses++
    }
    if (source.reads === undefined) return seen
    const plain = source.reads.unprotect(data)
    const packet = plain instanceof SrtpError ? undefined : parseRtp(plain)
    return packet === undefined || isFault(packet) ? undefined : packet
  }
}
