import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { answerBinding, encodeStun, looksLikeStun, parseStun } from '../../../src/nat/stun.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'
import { stunQuery } from './stun-query.js'

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')
const transactionId = hex('b7e7a701 bc34d686 fa87dfae')

describe('RFC 5769', () => {
  test('§2.1 request', () => {
    const request = hex(`00010058 2112a442 b7e7a701 bc34d686 fa87dfae
      80220010 5354554e 20746573 7420636c 69656e74 00240004 6e0001ff 80290008 932ff9b1 51263b36
      00060009 6576746a 3a683676 59202020 00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
      80280004 e57a3bcf`)
    expect(parseStun(request)).toEqual({
      class: 'request',
      method: 1,
      transactionId,
      software: 'STUN test client',
      fingerprint: true,
      // ICE's PRIORITY, which is comprehension-required and none of our business.
      notUnderstood: [0x0024],
    })
    request[30]! ^= 1
    expect(parseStun(request)?.fingerprint).toBe(false)
  })

  test.each([
    [
      '§2.2 IPv4 response',
      '192.0.2.1',
      `0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220
       00200008 0001a147 e112a643 00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96`,
    ],
    [
      '§2.3 IPv6 response',
      '2001:db8:1234:5678:11:2233:4455:6677',
      `01010048 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220
       00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9 00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
       80280004 c8fb0b4c`,
    ],
  ])('%s', (_, address, bytes) => {
    const expected = {
      class: 'success' as const,
      method: 1,
      transactionId,
      software: 'test vector',
      xorMappedAddress: { address, port: 32853 },
      fingerprint: true,
    }
    expect(parseStun(hex(bytes))).toEqual(expected)
    expect(parseStun(encodeStun(expected))).toEqual(expected)
  })
})

test('RFC 5769 §2.4: credentials are no hindrance to whoever does not ask for them', () => {
  const request = hex(`00010060 2112a442 78ad3433 c6ad72c0 29da412e
    00060012 e3839ee3 8388e383 aae38383 e382afe3 82b90000 0015001c 662f2f34 39396b39 35346436 4f4c3334 6f4c3946
    53547679 36347341 0014000b 6578616d 706c652e 6f726700 00080014 f6702465 6dd64a3e 02b8e071 2e85c9a2 8ca89666`)
  const transactionId = hex('78ad3433 c6ad72c0 29da412e')
  expect(parseStun(request)).toEqual({ class: 'request', method: 1, transactionId })
})

test('what is no STUN message is not taken for one', () => {
  const good = encodeStun({
    class: 'indication',
    method: 0xabc,
    transactionId,
    mappedAddress: { address: '::1', port: 1 },
  })
  expect(parseStun(good)).toMatchObject({
    class: 'indication',
    method: 0xabc,
    mappedAddress: { address: '::1', port: 1 },
  })
  expect(looksLikeStun(Buffer.from('OPTIONS sip:example.com SIP/2.0\r\n'))).toBe(false)
  expect(looksLikeStun(Buffer.concat([Buffer.from([0x80, 0]), Buffer.alloc(30)]))).toBe(false)
  for (let end = 0; end < good.length; end++) expect(parseStun(good.subarray(0, end))).toBeUndefined()
  // An attribute that claims to be longer than the message.
  const lying = Buffer.from(good)
  lying.writeUInt16BE(200, 22)
  expect(parseStun(lying)).toBeUndefined()
})

describe('a Binding transaction', () => {
  const server = { address: '192.0.2.3', port: 3478 }
  const ask = async (serve: (n: number) => 'answer' | 'refuse' | 'mute' | 'garble', remote = server) => {
    const clock = new VirtualClock()
    const random = new SeededRandom('stun')
    const network = new MemoryNetwork({ clock, random, link: { delayMs: 10 } })
    const sentAt: number[] = []
    const result = await clock.run(async () => {
      const socket = await network.bindUdp(remote)
      socket.onMessage = (data, from, at) => {
        sentAt.push(at - 10)
        const request = parseStun(data)!
        const what = serve(sentAt.length)
        const refusal = { ...request, notUnderstood: [0x0024] }
        const response = answerBinding(what === 'refuse' ? refusal : request, from)!
        const bytes = encodeStun(response)
        if (what === 'garble') bytes[bytes.length - 1]! ^= 1
        if (what !== 'mute') socket.send(bytes, from)
      }
      const local = { address: remote.address.includes(':') ? '2001:db8::9' : '192.0.2.9', port: 4000 }
      return stunQuery({ network, clock, random, server: remote, local })
    })
    return { result, sentAt, endedAt: clock.now() }
  }

  test.each([server, { address: '2001:db8::3', port: 3478 }])('tells the mapped address ($address)', async (remote) => {
    const { result } = await ask(() => 'answer', remote)
    expect(result).toMatchObject({ outcome: 'mapped', requestsSent: 1, roundTripMs: 20 })
    expect(result.mapped?.port).toBe(4000)
  })

  test('RFC 8489 §6.2.1: seven requests at doubling intervals, given up after 39.5 s', async () => {
    const { result, sentAt, endedAt } = await ask(() => 'mute')
    expect(sentAt).toEqual([0, 500, 1500, 3500, 7500, 15500, 31500])
    expect(endedAt).toBe(39500)
    expect(result).toEqual({ outcome: 'timeout', requestsSent: 7 })
  })

  test('a repeated request tells no round trip; a damaged response does not count; a refusal is told', async () => {
    const late = await ask((n) => (n < 3 ? 'garble' : 'answer'))
    expect(late.result).toMatchObject({ outcome: 'mapped', requestsSent: 3 })
    expect(late.result.roundTripMs).toBeUndefined()
    const refused = await ask(() => 'refuse')
    expect(refused.result).toMatchObject({
      outcome: 'error',
      response: { errorCode: { code: 420 }, unknownAttributes: [0x0024] },
    })
  })
})
