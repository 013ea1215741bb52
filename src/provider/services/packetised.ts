/** Audio that is made 20 ms at a time, in packets of any length. */
import { type Law, silence } from '../../media/g711.js'
import type { ServiceMediaRules } from '../rules/service.js'

/** Gives the audio of 20 ms; undefined: silence, nothing is sent. */
export type AudioSource = (index: number, codec: Law) => Buffer | undefined

export const FRAME_MS = 20
const FRAME_SAMPLES = 160
/** Packet times that are sent where they are asked for, ms. */
const PACKET_TIMES: readonly number[] = [10, 20, 30, 40, 60]

/** RFC 3264 §6.1: packets are as long as the caller would like them. How much is in each, and by how much its timestamp advances, ms. */
export function packetTimes(wishMs: number, rules: Pick<ServiceMediaRules, 'packetTimes'>): [number, number] {
  const asked = PACKET_TIMES.includes(wishMs) ? wishMs : FRAME_MS
  return [rules.packetTimes === 'as asked for' ? asked : FRAME_MS, rules.packetTimes === '20 ms' ? FRAME_MS : asked]
}

/** `count` samples from the `from`th on; undefined where the source is silent all the time. */
export function packetised(source: AudioSource, from: number, count: number, law: Law): Buffer | undefined {
  if (from % FRAME_SAMPLES === 0 && count === FRAME_SAMPLES) return source(from / FRAME_SAMPLES, law)
  const packet = Buffer.alloc(count, silence(law))
  let sounds = false
  for (let done = 0; done < count; ) {
    const offset = (from + done) % FRAME_SAMPLES
    const frame = source(Math.floor((from + done) / FRAME_SAMPLES), law)
    frame?.copy(packet, done, offset, offset + count - done)
    sounds ||= frame !== undefined
    done += FRAME_SAMPLES - offset
  }
  return sounds ? packet : undefined
}
