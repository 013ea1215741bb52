/** Tells an announcement from silence. */
import type { MediaPacketEvent } from '../media/media-session.js'
import { isFault, parseRtp } from '../media/rtp.js'
import type { Device } from './device.js'

/** Audio that a device received. */
export interface SoundHeard {
  readonly packets: number
  /** Audio packets that are not one and the same sample all through, as digital silence is. */
  readonly sounding: number
}

/** What a device has received since a moment (ms of the clock), as long as its record goes. */
export function soundAt(device: Device, sinceMs = 0): SoundHeard {
  const received = device.packets.filter(
    ({ direction, kind, at }) => direction === 'in' && kind === 'rtp' && at >= sinceMs,
  )
  return { packets: received.length, sounding: received.filter(isSounding).length }
}

/** G.711 of quiet noise has a handful of values; of speech or a tone, dozens. */
const FEW_VALUES = 6

function isSounding({ plain }: MediaPacketEvent): boolean {
  const packet = plain && parseRtp(plain)
  return packet !== undefined && !isFault(packet) && new Set(packet.payload).size > FEW_VALUES
}
