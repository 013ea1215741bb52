/** What the telephones of a story said and heard, call by call, decrypted: to be listened to where something failed. */
import type { MediaPacketEvent } from '../media/media-events.js'
import { recordingOf } from '../media/recording.js'
import type { Speech } from '../evidence/evidence-file.js'
import type { Device } from './device.js'

/** Packets of one direction that are listened to: half an hour. */
const MOST_PACKETS = 90_000

/** A call of less (ms) is nothing to listen to. */
const SHORTEST_MS = 200

/** Both directions of each audio session in which there is something to hear; both begin with the first packet of either. */
export function speechOf(devices: readonly Device[]): Speech[] {
  return devices.flatMap(({ name, mediaSessions, packets }) => {
    const sessions = mediaSessions.flatMap(({ local }) => {
      const own = packets.filter(
        (one) => one.kind === 'rtp' && one.local.port === local.port && one.local.address === local.address,
      )
      const [first, last] = [own[0], own.at(-1)]
      return first && last && last.at - first.at >= SHORTEST_MS ? [own] : []
    })
    return sessions.flatMap((own, index) =>
      directionsOf(own, sessions.length > 1 ? `${name}, call ${index + 1}` : name),
    )
  })
}

function directionsOf(packets: readonly MediaPacketEvent[], who: string): Speech[] {
  const fromMs = packets[0]?.at ?? 0
  const of = (direction: MediaPacketEvent['direction']) =>
    recordingOf(packets.filter((one) => one.direction === direction).slice(0, MOST_PACKETS), fromMs)
  return [
    { who, direction: 'sent', ...of('out') },
    { who, direction: 'heard', ...of('in') },
  ]
}
