/** Audio that is made 20 ms at a time, in packets of any length. */
import { type Law, silence } from '../../media/g711.js'

/** Gives the audio of 20 ms; undefined: silence, nothing is sent. */
export type AudioSource = (index: number, codec: Law) => Buffer | undefined

const FRAME_SAMPLES = 160

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
