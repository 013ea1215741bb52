import { describe, expect, it } from 'vitest'
import { keySamples } from '../../../src/media/dtmf-tones.js'
import { encodeG711 } from '../../../src/media/g711.js'
import { keyOfInfo, KeyReader } from '../../../src/provider/services/key-reader.js'
import { RIGHT_SERVICE_MEDIA } from '../../../src/provider/rules/service.js'

describe('an INFO tells the key', () => {
  it.each([
    ['application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n', '5'],
    ['application/dtmf-relay', 'Signal= *\nDuration= 250', '*'],
    ['application/dtmf-relay', 'Signal=11\r\n', '#'],
    ['application/dtmf-relay', 'Duration=160\r\n', undefined],
    ['application/dtmf-relay', 'Signal=flash\r\n', undefined],
    ['application/dtmf', '7', '7'],
    ['application/dtmf', ' a\r\n', 'A'],
    ['text/plain', '7', undefined],
    [undefined, 'Signal=5', undefined],
  ])('%s %j: %s', (type, body, key) => {
    expect(keyOfInfo(type, body)).toBe(key)
  })
})

const packetsOf = (digits: string, o = { toneMs: 150, gapMs: 100 }) => {
  const octets = encodeG711(keySamples(digits, o), 'PCMA')
  return Array.from({ length: octets.length / 160 }, (_, n) => ({
    payloadType: 8,
    sequenceNumber: n,
    timestamp: n * 160,
    ssrc: 1,
    marker: false,
    csrc: [],
    padding: 0,
    payload: octets.subarray(160 * n, 160 * (n + 1)),
  }))
}
const heardIn = (packets: ReturnType<typeof packetsOf>) => {
  const reader = new KeyReader(RIGHT_SERVICE_MEDIA)
  return packets.flatMap((packet) => reader.audio(packet, { codec: 'PCMA' })).join('')
}

describe('keys as tones in packets', () => {
  it('are heard once each', () => expect(heardIn(packetsOf('1155#*90'))).toBe('1155#*90'))
  it('are heard over packets that were lost within them', () => {
    expect(heardIn(packetsOf('1155#*90', { toneMs: 160, gapMs: 100 }).filter((_, n) => n % 13 !== 3))).toBe('1155#*90')
  })
  it('are heard once where packets come twice or late', () => {
    const packets = packetsOf('27')
    expect(heardIn([...packets.slice(0, 4), packets[2]!, packets[3]!, ...packets.slice(4)])).toBe('27')
  })
})

it('a key by INFO and as a telephone-event is one; the same key again is another', () => {
  const reader = new KeyReader(RIGHT_SERVICE_MEDIA)
  const five = { contentType: 'application/dtmf', body: Buffer.from('5') }
  const event = (timestamp: number) => ({
    ...packetsOf('1')[0]!,
    timestamp,
    marker: true,
    payload: Buffer.from([5, 0x80, 0, 160]),
  })
  expect([
    reader.info(five, 0),
    reader.event(event(0), 40),
    reader.info(five, 300),
    reader.event(event(8000), 900),
  ]).toEqual([['5'], [], ['5'], ['5']])
})
