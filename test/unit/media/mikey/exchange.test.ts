import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../../src/clock/random.js'
import { MikeyError } from '../../../../src/media/mikey/mikey-error.js'
import { acceptMikey, offerMikey } from '../../../../src/media/mikey/mikey-exchange.js'
import { parseMikey, payloadsOf, serializeMikey } from '../../../../src/media/mikey/mikey-message.js'
import { ReplayCache } from '../../../../src/media/mikey/replay-cache.js'

const UNIX_MS = Date.UTC(2026, 2, 11, 6, 52, 35, 500)
const KEY = Buffer.from('a pre-shared key')
const SSRC = 0x01020304

const offer = (preSharedKey?: Buffer, seed = 1) =>
  offerMikey({
    random: new SeededRandom(seed),
    unixMs: UNIX_MS,
    ssrc: SSRC,
    preSharedKey,
    identities: ['sip:alice@example.com', 'sip:echo@example.com'],
  })
/** As somebody whom no message has come to yet. */
const taking = () => ({ allowsNull: true, unixMs: UNIX_MS, protocols: 'mikey', seen: new ReplayCache() })
const MODES: [string, Buffer | undefined][] = [
  ['a pre-shared key', KEY],
  ['null mode', undefined],
]

describe.each(MODES)('an exchange with %s', (_, preSharedKey) => {
  const taken = (bytes: Buffer) => acceptMikey(bytes, { ...taking(), preSharedKey })

  it('gives both sides the same keys, another for each direction', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const sent = offer(preSharedKey, seed)
        const { send, receive } = taken(sent.bytes)
        expect([send, receive]).toEqual([sent.receive, sent.send])
        expect(send.keys).not.toEqual(receive.keys)
      }),
    )
  })
  it('is verified, with the stream of the responder filled in', () => {
    const sent = offer(preSharedKey)
    const answer = taken(sent.bytes).answer(0x0a0b0c0d)!
    expect(sent.check(answer)).toBeUndefined()
    expect(parseMikey(answer).sessions.map(({ ssrc }) => ssrc)).toEqual([SSRC, 0x0a0b0c0d])
    expect(payloadsOf(parseMikey(answer), 'ID').map(({ value }) => value.toString())).toEqual(['sip:echo@example.com'])
  })
  it('needs no answer where none is asked for', () => {
    const message = parseMikey(offer().bytes)
    expect(taken(serializeMikey({ ...message, wantsVerification: false })).answer(1)).toBeUndefined()
  })
  it('an offer that was damaged gives an error of its own, or another bundle', () => {
    const { bytes } = offer(preSharedKey)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(bytes)
        damaged[at] = damaged[at]! ^ change
        try {
          taken(damaged).answer(1)
        } catch (error) {
          expect(error).toBeInstanceOf(MikeyError)
          return
        }
        // What has no MAC cannot be told from what was meant.
        expect(preSharedKey).toBeUndefined()
      }),
    )
  })
  it('an answer that was damaged gives an error of its own, or an error message', () => {
    const sent = offer(preSharedKey)
    const answer = taken(sent.bytes).answer(1)!
    fc.assert(
      fc.property(fc.nat(answer.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(answer)
        damaged[at] = damaged[at]! ^ change
        try {
          if (sent.check(damaged) === undefined) expect(preSharedKey).toBeUndefined()
        } catch (error) {
          expect(error).toBeInstanceOf(MikeyError)
        }
      }),
    )
  })
  it('what is no answer is told by what is wrong with it', () => {
    const sent = offer(preSharedKey)
    const right = parseMikey(taken(sent.bytes).answer(1)!)
    const check = (change: object) => () => sent.check(serializeMikey({ ...right, ...change }))
    expect(() => sent.check(sent.bytes)).toThrow("the offer's own message")
    expect(check({ csbId: 1 })).toThrow('another crypto session bundle')
    expect(check({ dataType: 0 })).toThrow('a message of type 0')
    expect(check({ sessions: [{ policy: 0, ssrc: 9, rolloverCounter: 0 }] })).toThrow('another stream')
    expect(check({ payloads: right.payloads.slice(1) })).toThrow('another timestamp')
    expect(check({ payloads: right.payloads.slice(0, 1) })).toThrow('no verification')
    expect(check({ dataType: 6, payloads: [{ kind: 'ERR', error: 3 }] })()).toBe(3)
    expect(check({ dataType: 6, payloads: [] })()).toBe(12)
  })
})

describe('what a responder refuses', () => {
  const message = parseMikey(offer().bytes)
  const refusal = (bytes: Buffer, o: Partial<Parameters<typeof acceptMikey>[1]> = {}) => {
    try {
      acceptMikey(bytes, { ...taking(), ...o })
    } catch (error) {
      return error instanceof MikeyError ? error.code : error
    }
    return 'nothing'
  }
  const changed = (change: object) => refusal(serializeMikey({ ...message, ...change }))
  const without = (kind: string) => changed({ payloads: message.payloads.filter((one) => one.kind !== kind) })

  it('another pre-shared key, or none', () => {
    expect(refusal(offer(KEY).bytes, { preSharedKey: Buffer.from('another') })).toBe('authentication')
    expect(refusal(offer(KEY).bytes)).toBe('authentication')
    expect(refusal(offer(KEY).bytes, { preSharedKey: KEY })).toBe('nothing')
  })
  it('keys that anybody reads, where they are not wanted', () => {
    expect(refusal(offer().bytes, { allowsNull: false })).toBe('unsupported')
    expect(refusal(offer(KEY).bytes, { allowsNull: false, preSharedKey: KEY })).toBe('nothing')
  })
  it('messages of another time', () => {
    expect(refusal(offer().bytes, { unixMs: UNIX_MS + 59 * 60_000 })).toBe('nothing')
    expect(refusal(offer().bytes, { unixMs: UNIX_MS + 61 * 60_000 })).toBe('outdated')
    expect(refusal(offer().bytes, { unixMs: UNIX_MS - 61 * 60_000 })).toBe('outdated')
  })
  it('messages of another time by a clock that need not be that of UTC, and counters', () => {
    const sentBy = (type: number, octets = 8) =>
      serializeMikey({
        ...message,
        payloads: message.payloads.map((one) =>
          one.kind === 'T' ? { ...one, type, value: one.value.subarray(0, octets) } : one,
        ),
      })
    const hours = 60 * 60_000
    expect(refusal(sentBy(1), { unixMs: UNIX_MS + 14 * hours })).toBe('nothing')
    expect(refusal(sentBy(1), { unixMs: UNIX_MS - 16 * hours })).toBe('outdated')
    expect(refusal(sentBy(2, 4))).toBe('unsupported')
  })
  it('a message that came before, whenever it has a MAC', () => {
    const seen = new ReplayCache()
    const { bytes } = offer(KEY)
    expect(refusal(bytes, { preSharedKey: Buffer.from('another'), seen })).toBe('authentication')
    expect(refusal(bytes, { preSharedKey: KEY, seen })).toBe('nothing')
    expect(refusal(bytes, { preSharedKey: KEY, seen, unixMs: UNIX_MS + 59 * 60_000 })).toBe('replayed')
    expect(refusal(offer(KEY, 2).bytes, { preSharedKey: KEY, seen })).toBe('nothing')
    for (const _ of [1, 2]) expect(refusal(offer().bytes, { seen })).toBe('nothing')
    expect(seen.size).toBe(2)
  })
  it('messages with parts left out, of another kind, or for other streams', () => {
    expect(['T', 'RAND', 'KEMAC'].map(without)).toEqual(['malformed', 'malformed', 'malformed'])
    expect(without('SP')).toBe('nothing')
    expect(changed({ dataType: 2 })).toBe('unsupported')
    expect(changed({ sessions: message.sessions.slice(0, 1) })).toBe('unsupported')
    expect(refusal(offer().bytes, { protocols: 'mikey;other' })).toBe('mismatch')
  })
})
