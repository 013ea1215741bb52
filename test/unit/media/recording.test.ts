/** What is heard of packets: where each stands in time, and what is heard of several sources, of gaps and of long calls. */
import { expect, it } from 'vitest'
import { encodeG711 } from '../../../src/media/g711.js'
import type { MediaPacketEvent } from '../../../src/media/media-events.js'
import { recordingOf } from '../../../src/media/recording.js'
import { serializeRtp } from '../../../src/media/rtp.js'
import { wavOf } from '../../../src/media/wav.js'

const nowhere = { address: '', port: 0 }
interface Heard {
  readonly at: number
  readonly timestamp: number
  readonly level?: number
  readonly ssrc?: number
  readonly payloadType?: number
}

/** Packets of 20 ms, each of one level throughout. */
const packets = (...list: readonly Heard[]): MediaPacketEvent[] =>
  list.map(({ at, timestamp, level = 8000, ssrc = 1, payloadType = 8 }, index) => {
    const payload = encodeG711(new Int16Array(160).fill(level), payloadType === 0 ? 'PCMU' : 'PCMA')
    const raw = serializeRtp({ payloadType, marker: false, sequenceNumber: index, timestamp, ssrc, payload })
    return { at, direction: 'in', kind: 'rtp', local: nowhere, remote: nowhere, raw, plain: raw }
  })

/** Levels in thousands, every 20 ms. */
const levels = (events: readonly MediaPacketEvent[], fromMs = 0): number[] => {
  const { samples } = recordingOf(events, fromMs)
  return Array.from({ length: samples.length / 160 }, (_, i) => Math.round((samples[i * 160 + 80] ?? 0) / 1000))
}

it('stands where its timestamps say, whatever the order and the pace in which it came; what is lost is silence', () => {
  const [first, second, fourth] = packets(
    { at: 100, timestamp: 4_294_967_200, level: 1000 },
    { at: 190, timestamp: 64, level: 2000 },
    { at: 161, timestamp: 384, level: 4000 },
  )
  expect(levels([first!, fourth!, second!], 100)).toEqual([1, 2, 0, 4])
})

it('begins where it is told to, so that both directions begin together', () => {
  expect(levels(packets({ at: 140, timestamp: 7 }), 100)).toEqual([0, 0, 8])
})

it('hears sources that speak at the same time together, and one that begins anew where it comes', () => {
  const together = packets(
    { at: 0, timestamp: 0, level: 2000 },
    { at: 0, timestamp: 9_000_000, level: 4000, ssrc: 2, payloadType: 0 },
    { at: 40, timestamp: 3_000_000_000, level: 8000 },
  )
  expect(levels(together)).toEqual([6, 0, 8])
})

it('leaves out what was refused, could not be decrypted, or is no sound', () => {
  const [refused, encrypted, key] = packets(
    { at: 0, timestamp: 0 },
    { at: 20, timestamp: 160 },
    { at: 40, timestamp: 320, payloadType: 101 },
  )
  const heard = [{ ...refused!, fault: 'unknown-payload-type' }, { ...encrypted!, plain: undefined }, key!]
  expect(recordingOf(heard, 0)).toEqual({ samples: new Int16Array(0), leftOutMs: 0 })
})

it('of a long call keeps beginning and end', () => {
  const long = packets(
    ...Array.from({ length: 5000 }, (_, i) => ({ at: i * 20, timestamp: i * 160, level: i < 2500 ? 1000 : 2000 })),
  )
  const { samples, leftOutMs } = recordingOf(long, 0)
  expect([samples.length, leftOutMs]).toEqual([60 * 8000, 40_000])
  expect([samples[29 * 8000]! < 1100, samples[31 * 8000]! > 1900]).toEqual([true, true])
})

it('is a WAV file of 16 bits, 8,000 samples a second', () => {
  const file = wavOf(Int16Array.of(1, -2))
  expect(file.toString('hex')).toBe(
    `${Buffer.from('RIFF').toString('hex')}28000000${Buffer.from('WAVEfmt ').toString('hex')}1000000001000100401f0000803e000002001000${Buffer.from('data').toString('hex')}040000000100feff`,
  )
})
