/** What one end of a call would have sounded like: packets laid out in time, as somebody who listens hears them. */
import { decodeG711 } from './g711.js'
import { G722Decoder } from './g722.js'
import type { MediaPacketEvent } from './media-events.js'
import { isFault, parseRtp, type RtpPacket } from './rtp.js'
import { SAMPLES_PER_SECOND } from './wav.js'

/** What is kept of a longer one: its beginning and its end, so many samples each. */
const MOST_OF_EACH = 30 * SAMPLES_PER_SECOND
/** Where timestamps and arrival say so different things, the source has begun anew. */
const NEW_BEGINNING = SAMPLES_PER_SECOND
/** Of one source's timestamps, modulo 2^32. */
const HALF = 2 ** 31

export interface Recorded {
  /** 8,000 a second, from the moment that was given; empty where there was no sound. */
  readonly samples: Int16Array
  /** Between beginning and end, left out. */
  readonly leftOutMs: number
}

interface Piece {
  /** Samples after the beginning. */
  readonly at: number
  readonly sound: Int16Array
}

/** @param fromMs of the clock: where it begins, so that both directions of a call begin together */
export function recordingOf(packets: readonly MediaPacketEvent[], fromMs: number): Recorded {
  const sources = new Map<number, Source>()
  const pieces: Piece[] = []
  for (const { plain, fault, at } of packets) {
    const packet = plain === undefined || fault !== undefined ? undefined : parseRtp(plain)
    if (packet === undefined || isFault(packet)) continue
    const source = sources.get(packet.ssrc) ?? new Source()
    sources.set(packet.ssrc, source)
    const sound = source.decode(packet)
    const arrival = Math.round(((at - fromMs) / 1000) * SAMPLES_PER_SECOND)
    if (sound !== undefined) pieces.push({ at: source.place(packet.timestamp, arrival), sound })
  }
  const length = pieces.reduce((most, { at, sound }) => Math.max(most, at + sound.length), 0)
  const leftOut = Math.max(0, length - 2 * MOST_OF_EACH)
  const samples = new Int16Array(length - leftOut)
  for (const { at, sound } of pieces) {
    if (leftOut === 0 || at + sound.length <= MOST_OF_EACH) mix(samples, sound, at)
    else if (at >= length - MOST_OF_EACH) mix(samples, sound, at - leftOut)
  }
  return { samples, leftOutMs: Math.round((leftOut / SAMPLES_PER_SECOND) * 1000) }
}

/** Sources that speak at the same time are heard together. */
function mix(into: Int16Array, sound: Int16Array, at: number): void {
  for (let i = Math.max(0, -at); i < sound.length; i++) {
    const sum = (into[at + i] ?? 0) + (sound[i] ?? 0)
    into[at + i] = Math.max(-32_768, Math.min(32_767, sum))
  }
}

class Source {
  #wideband: G722Decoder | undefined
  /** Where a timestamp stands, in samples. */
  #anchor: { readonly timestamp: number; readonly at: number } | undefined

  /** Undefined: no sound (keys, comfort noise, what cannot be decoded). */
  decode({ payloadType, payload }: RtpPacket): Int16Array | undefined {
    if (payloadType === 0) return decodeG711(payload, 'PCMU')
    if (payloadType === 8) return decodeG711(payload, 'PCMA')
    if (payloadType === 9) return (this.#wideband ??= new G722Decoder()).decode(payload)
    return undefined
  }

  /** By its timestamp, as a jitter buffer does it; by its arrival where that makes no sense. */
  place(timestamp: number, arrival: number): number {
    if (this.#anchor !== undefined) {
      const { timestamp: before, at } = this.#anchor
      const ahead = ((timestamp - before + 3 * HALF) % (2 * HALF)) - HALF
      if (Math.abs(at + ahead - arrival) < NEW_BEGINNING) return at + ahead
    }
    this.#anchor = { timestamp, at: arrival }
    return arrival
  }
}
