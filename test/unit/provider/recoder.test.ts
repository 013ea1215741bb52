import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { transcodeG711 } from '../../../src/media/g711.js'
import { isFault, parseRtp, serializeRtp } from '../../../src/media/rtp.js'
import { Recoder } from '../../../src/provider/recoder.js'
import { RIGHT_RELAY } from '../../../src/provider/rules/relay.js'

const format = (payloadType: number, encoding: string) => ({ payloadType, encoding, clockRate: 8000, channels: 1 })
const [PCMU, PCMA, G722] = [format(0, 'PCMU'), format(8, 'PCMA'), format(9, 'G722')]
const payload = Buffer.from(Array.from({ length: 160 }, (_, i) => i))
const header = { marker: true, payloadType: 8, sequenceNumber: 7, timestamp: 1120, ssrc: 5 }
const toMuLaw = (packet: Buffer, rules = RIGHT_RELAY) =>
  new Recoder({ sources: [PCMA], target: PCMU }, rules).recode(packet)

describe('a relay that codes packets anew', () => {
  it.each([
    ['plain', {}],
    ['with contributing sources', { csrc: [1, 2, 3] }],
    ['with a header extension', { extension: { profile: 0xbede, data: Buffer.alloc(8, 3) } }],
    ['padded', { padding: 4 }],
    ['with all of them', { csrc: [9], extension: { profile: 1, data: Buffer.alloc(4) }, padding: 255 }],
  ])('codes the payload of one that is %s, and leaves its header', (_, o) => {
    const packet = parseRtp(toMuLaw(serializeRtp({ ...header, ...o, payload })))
    if (isFault(packet)) throw new Error(packet.code)
    const { padding: _padding, ...kept } = { csrc: [], ...o, padding: undefined }
    expect(packet).toEqual({
      ...header,
      ...kept,
      padding: 0,
      payloadType: 0,
      payload: transcodeG711(payload, 'PCMA', 'PCMU'),
    })
  })

  it.each([
    ['other formats', serializeRtp({ ...header, payloadType: 101, payload: Buffer.alloc(4) })],
    ['RTCP', Buffer.from('80c90001000000050000', 'hex')],
    ['another version', Buffer.concat([Buffer.from('000800070000000000000005', 'hex'), payload])],
    ['padding of more than there is', Buffer.from('a00800070000000000000005c8', 'hex')],
    ['sources that are cut off', Buffer.from('8f080007000000000000000500000001', 'hex')],
    ['an extension that is cut off', Buffer.from('900800070000000000000005bede0005', 'hex')],
  ])('leads on as it is: %s', (_, packet) => {
    expect(toMuLaw(packet)).toBe(packet)
  })

  it('takes datagrams of any length and content', () => {
    const coders = [PCMA, PCMU, G722].flatMap((source) =>
      [PCMA, G722].map((target) => new Recoder({ sources: [source], target }, RIGHT_RELAY)),
    )
    const start = fc.constantFrom('', '80', '8008', '8089', '8000', '800900', 'b088')
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 40 }), (prefix, rest) => {
        const packet = Buffer.concat([Buffer.from(prefix, 'hex'), rest])
        for (const coder of coders) expect(coder.recode(packet).length).toBeLessThanOrEqual(packet.length)
      }),
    )
  })
})
