import { describe, expect, it } from 'vitest'
import type { MediaPacketEvent } from '../../../src/media/media-session.js'
import { serializeRtp } from '../../../src/media/rtp.js'
import { paceAt } from '../../../src/scenario/audio-pace.js'
import type { Device } from '../../../src/scenario/device.js'

const here = { address: '192.0.2.1', port: 4_000 }

function heard(
  count: number,
  o: { octets: number; ticks: number; skip?: number; marked?: number; payloadType?: number },
) {
  const packets: MediaPacketEvent[] = Array.from({ length: count }, (_, i) => {
    const raw = serializeRtp({
      marker: i === o.marked,
      payloadType: o.payloadType ?? 8,
      ssrc: 1,
      sequenceNumber: 65_530 + i + (i >= (o.skip ?? Infinity) ? 1 : 0),
      timestamp: (4_294_967_000 + i * o.ticks + (i >= (o.marked ?? Infinity) ? 9_000 : 0)) >>> 0,
      payload: Buffer.alloc(o.octets),
    })
    return { at: 20 * i, direction: 'in', kind: 'rtp', local: here, remote: here, raw, plain: raw }
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what is read of it
  return { packets } as unknown as Device
}

describe('the pace of audio', () => {
  it('is right where timestamps advance by what packets hold, over round numbers, losses and silence', () => {
    const pace = paceAt(heard(50, { octets: 240, ticks: 240, skip: 20, marked: 30 }), 0)
    expect(pace).toMatchObject({ packetMs: 30, stampedMs: 30, agreeing: 1, packets: 50 })
  })

  it('is wrong where packets hold more or less than their timestamps say', () => {
    expect(paceAt(heard(50, { octets: 480, ticks: 160 }), 0)).toMatchObject({
      agreeing: 0,
      words: 'packets of 60 ms, timestamps 20 ms apart',
    })
  })

  it('is not known of keypad tones, of what came before, and of a single packet', () => {
    expect(paceAt(heard(50, { octets: 4, ticks: 0, payloadType: 101 }), 0)).toBeUndefined()
    expect(paceAt(heard(50, { octets: 160, ticks: 160 }), 5_000)).toBeUndefined()
    expect(paceAt(heard(1, { octets: 160, ticks: 160 }), 0)).toBeUndefined()
  })
})
