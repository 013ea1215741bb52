/** Whether what is in packets of audio, and their timestamps, agree. */
import { isFault, parseRtp } from '../media/rtp.js'
import type { Device } from './device.js'

/** Packets of audio that a device received one right after the other. */
export interface AudioPace {
  readonly packets: number
  /** How much audio most of them hold, ms. */
  readonly packetMs: number
  /** By how much their timestamps advance from one to the next, ms. */
  readonly stampedMs: number
  /** Share of them, 0 to 1, whose timestamp is as far from the next one's as they are long. */
  readonly agreeing: number
  /** For people: `packets of 30 ms, timestamps 20 ms apart`. */
  readonly words: string
}

/** RFC 3551 §6: PCMU, PCMA, G722; one octet for each step of the timestamp. */
const AUDIO: ReadonlySet<number> = new Set([0, 8, 9])
const OCTETS_PER_MS = 8

/** What came since a moment (ms of the clock); undefined where no two packets followed one another. */
export function paceAt(device: Device, sinceMs: number): AudioPace | undefined {
  const received = device.packets.flatMap(({ direction, kind, at, plain }) => {
    const packet = direction === 'in' && kind === 'rtp' && at >= sinceMs && plain ? parseRtp(plain) : undefined
    return packet === undefined || isFault(packet) || !AUDIO.has(packet.payloadType) ? [] : [packet]
  })
  const steps = received.flatMap((packet, i) => {
    const next = received[i + 1]
    const follows = next?.ssrc === packet.ssrc && next.sequenceNumber === ((packet.sequenceNumber + 1) & 0xffff)
    // Before a marker there was silence.
    if (next === undefined || !follows || next.marker) return []
    return [{ ticks: (next.timestamp - packet.timestamp) | 0, octets: packet.payload.length }]
  })
  if (steps.length === 0) return undefined
  const packetMs = mostCommon(steps.map(({ octets }) => octets)) / OCTETS_PER_MS
  const stampedMs = mostCommon(steps.map(({ ticks }) => ticks)) / OCTETS_PER_MS
  const agreeing = steps.filter(({ ticks, octets }) => ticks === octets).length / steps.length
  const words = `packets of ${packetMs} ms, timestamps ${stampedMs} ms apart`
  return { packets: received.length, packetMs, stampedMs, agreeing, words }
}

/** Some packets may come twice, or be made by the target itself. */
const MOST_AGREE = 0.8

/** Do timestamps advance by as much audio as is in the packets? */
export const fits = ({ agreeing }: AudioPace): boolean => agreeing >= MOST_AGREE

function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), [0, 0] as const)[0]
}
