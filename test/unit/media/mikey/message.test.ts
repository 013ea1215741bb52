import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MikeyError } from '../../../../src/media/mikey/mikey-error.js'
import {
  type MikeyMessage,
  type MikeyPayload,
  parseMikey,
  payloadOf,
  payloadsOf,
  serializeMikey,
} from '../../../../src/media/mikey/mikey-message.js'
import { suiteOfPolicy, usualPolicy } from '../../../../src/media/mikey/mikey-policy.js'

// RFC 4567 §5.1: what Alice offers and what Bob answers.
const OFFER = Buffer.from(
  'AQAFgM0XflABAAAAAAAAAAAAAAsAyONQ6gAAAAAGEEoo2pee4hp2UaDX8ZE22YwKAAAPZG9uYWxkQGR1Y2suY29tAQAAAAAAAQAk0JKpgaVkDaawi9whVBtBt0KZ14ymNuu62+Nv3ozPLygwK/GbAV9iemnGUIZ19fWQUOSrzKTAv9zV',
  'base64',
)
const ANSWER = Buffer.from(
  'AQEFgM0XflABAAAAAAAAAAAAAAYAyONQ6gAAAAAJAAAQbWlja2V5QG1vdXNlLmNvbQABn8HdGE5BMDXFIuGEga+62AgY5cc=',
  'base64',
)

describe('the messages of RFC 4567 §5.1', () => {
  it('the offer: pre-shared key, one stream, its identity, an encrypted key of 36 octets', () => {
    const message = parseMikey(OFFER)
    expect(message).toMatchObject({ dataType: 0, wantsVerification: true, csbId: 0xcd177e50 })
    expect(message.sessions).toEqual([{ policy: 0, ssrc: 0, rolloverCounter: 0 }])
    expect(message.payloads.map(({ kind }) => kind)).toEqual(['T', 'RAND', 'ID', 'SP', 'KEMAC'])
    expect(payloadOf(message, 'ID')?.value.toString()).toBe('donald@duck.com')
    expect(payloadOf(message, 'RAND')?.value).toHaveLength(16)
    expect(payloadOf(message, 'KEMAC')).toMatchObject({ encryption: 1, mac: { algorithm: 1 } })
    expect(payloadOf(message, 'KEMAC')?.data).toHaveLength(36)
    expect(serializeMikey(message)).toEqual(OFFER)
  })
  it('the answer: a verification message of the same bundle and time', () => {
    const message = parseMikey(ANSWER)
    expect(message).toMatchObject({ dataType: 1, csbId: 0xcd177e50 })
    expect(message.payloads.map(({ kind }) => kind)).toEqual(['T', 'ID', 'V'])
    expect(payloadOf(message, 'T')).toEqual(payloadOf(parseMikey(OFFER), 'T'))
    expect(payloadsOf(message, 'ID')[0]?.value.toString()).toBe('mickey@mouse.com')
    expect(serializeMikey(message)).toEqual(ANSWER)
  })
})

const octets = (o: { minLength?: number; maxLength?: number }) => fc.uint8Array(o).map((bytes) => Buffer.from(bytes))
const uint8 = fc.integer({ min: 0, max: 255 })
const uint32 = fc.integer({ min: 0, max: 0xffffffff })
const mac = fc.oneof(
  fc.constant({ algorithm: 0, value: Buffer.alloc(0) }),
  octets({ minLength: 20, maxLength: 20 }).map((value) => ({ algorithm: 1, value })),
)
const middle: fc.Arbitrary<MikeyPayload> = fc.oneof(
  fc.record({
    kind: fc.constant('T' as const),
    type: fc.constantFrom(0, 1),
    value: octets({ minLength: 8, maxLength: 8 }),
  }),
  fc.record({ kind: fc.constant('T' as const), type: fc.constant(2), value: octets({ minLength: 4, maxLength: 4 }) }),
  fc.record({ kind: fc.constant('RAND' as const), value: octets({ maxLength: 255 }) }),
  fc.record({ kind: fc.constant('ID' as const), type: uint8, value: octets({}) }),
  fc.record({ kind: fc.constant('ERR' as const), error: uint8 }),
  fc.record({ kind: fc.constant('extension' as const), type: uint8, data: octets({}) }),
  fc.record({
    kind: fc.constant('SP' as const),
    number: uint8,
    protocol: uint8,
    parameters: fc.array(fc.tuple(uint8, octets({ maxLength: 20 }))).map((entries) => new Map(entries)),
  }),
)
const last: fc.Arbitrary<MikeyPayload> = fc.oneof(
  fc.record({ kind: fc.constant('KEMAC' as const), encryption: uint8, data: octets({}), mac }),
  fc.record({ kind: fc.constant('V' as const), mac }),
)
const messages: fc.Arbitrary<MikeyMessage> = fc.record({
  dataType: uint8,
  wantsVerification: fc.boolean(),
  csbId: uint32,
  sessions: fc.array(fc.record({ policy: uint8, ssrc: uint32, rolloverCounter: uint32 }), { maxLength: 5 }),
  payloads: fc.tuple(fc.array(middle, { maxLength: 6 }), last).map(([some, end]) => [...some, end]),
})

/** Reads, and tells whether it was a message; everything thrown but MikeyError fails the test. */
function isMessage(bytes: Buffer): boolean {
  try {
    parseMikey(bytes)
    return true
  } catch (error) {
    if (error instanceof MikeyError) return false
    throw error
  }
}

describe('messages of all kinds', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(parseMikey(serializeMikey(message))).toEqual(message)
      }),
    )
  })
  it('that are cut off are none', () => {
    fc.assert(
      fc.property(messages, fc.nat(), (message, cut) => {
        const bytes = serializeMikey(message)
        expect(isMessage(bytes.subarray(0, cut % bytes.length))).toBe(false)
      }),
    )
  })
  it('with an octet changed are read, or refused in words', () => {
    fc.assert(
      fc.property(messages, fc.nat(), uint8, (message, at, octet) => {
        const bytes = serializeMikey(message)
        bytes[at % bytes.length] = octet
        isMessage(bytes)
      }),
    )
  })
  it('chance is refused in words', () => {
    fc.assert(fc.property(octets({ maxLength: 300 }), (bytes) => void isMessage(bytes)))
    fc.assert(
      fc.property(octets({ maxLength: 300 }), (bytes) => void isMessage(Buffer.concat([OFFER.subarray(0, 19), bytes]))),
    )
  })
  it('each octet is looked at once: no message has more payloads than octets', () => {
    // The shortest payload there is, RAND without an octet, as often as fits into a large body.
    const header = OFFER.subarray(0, 19)
    const many = Buffer.alloc(2 * 200_000)
    for (let at = 0; at < many.length - 2; at += 2) many[at] = 11
    const bytes = Buffer.concat([header, many])
    bytes[2] = 11
    expect(parseMikey(bytes).payloads).toHaveLength(200_000)
  })
  it.each([
    ['another version', (bytes: Buffer) => bytes.writeUInt8(2, 0), 'version 2'],
    ['another PRF', (bytes: Buffer) => bytes.writeUInt8(0x81, 3), 'PRF 1'],
    ['another map of streams', (bytes: Buffer) => bytes.writeUInt8(1, 9), 'CS ID map 1'],
    ['a payload of another method', (bytes: Buffer) => bytes.writeUInt8(4, 2), 'a payload of type 4'],
    ['another clock', (bytes: Buffer) => bytes.writeUInt8(3, 20), 'timestamp of type 3'],
    ['another MAC', (bytes: Buffer) => bytes.writeUInt8(2, bytes.length - 21), 'MAC 2'],
    [
      'a payload behind the MAC',
      (bytes: Buffer) => bytes.writeUInt8(5, bytes.length - 61),
      'behind the one with the MAC',
    ],
  ])('%s is refused', (_, change, why) => {
    const bytes = Buffer.from(OFFER)
    change(bytes)
    expect(() => parseMikey(bytes)).toThrow(why)
  })
  it('octets behind the last payload are refused', () => {
    expect(() => parseMikey(Buffer.concat([OFFER, Buffer.alloc(1)]))).toThrow('1 octets behind')
  })
})

describe('policies of SRTP', () => {
  it('say what the suites of SDP say', () => {
    expect(suiteOfPolicy(usualPolicy())).toBe('AES_CM_128_HMAC_SHA1_80')
    expect(suiteOfPolicy(new Map())).toBe('AES_CM_128_HMAC_SHA1_80')
    expect(suiteOfPolicy(usualPolicy().set(1, Buffer.from([32])))).toBe('AES_256_CM_HMAC_SHA1_80')
    expect(suiteOfPolicy(usualPolicy().set(6, Buffer.from([0, 0])))).toBe('AES_CM_128_HMAC_SHA1_80')
  })
  it.each([
    [0, [2]],
    [1, [24]],
    [7, [0]],
    [10, [0]],
    [11, [4]],
    [6, [1]],
    [13, [0]],
    [0, []],
  ])('parameter %i of value %o is that of none', (type, value) => {
    expect(() => suiteOfPolicy(usualPolicy().set(type, Buffer.from(value)))).toThrow(MikeyError)
  })
})
