import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { isForbiddenUri } from '../../../src/target/dial-policy.js'
import { type Gate, GatedNetwork, type Refusal } from '../../../src/transport/gated-network.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'
import type { NetworkError, StreamConnection } from '../../../src/transport/network.js'
import { reflectionGate } from '../../../src/worlds/reflection-gate.js'

const US = '192.0.2.1'
const FRIEND = '192.0.2.2'
const STRANGER = '203.0.113.7'

/** A wire on which everybody listens, with all that was sent over it. */
async function onWire(
  gate: Gate,
  story: (o: {
    network: GatedNetwork<string>
    inner: MemoryNetwork
    clock: VirtualClock
    heard: string[]
    refused: Refusal[]
  }) => Promise<void>,
): Promise<void> {
  const clock = new VirtualClock()
  const inner = new MemoryNetwork({ clock, random: new SeededRandom(1), link: { delayMs: 5 }, splitStreams: false })
  const refused: Refusal[] = []
  const heard: string[] = []
  const network = new GatedNetwork(inner, gate, (refusal) => refused.push({ ...refusal }))
  await clock.run(async () => {
    for (const address of [FRIEND, STRANGER]) {
      const socket = await inner.bindUdp({ address, port: 5060 })
      socket.onMessage = (data) => heard.push(`${address} ${data.toString()}`)
      const onConnection = (connection: StreamConnection) => {
        heard.push(`${address} connected`)
        connection.onData = (data) => heard.push(`${address} ${data.toString()}`)
      }
      await inner.listen({ kind: 'tcp', at: { address, port: 5060 }, onConnection })
    }
    await story({ network, inner, clock, heard, refused })
  })
}

const friendsOnly: Gate = {
  refuses: ({ address }) => (address === FRIEND ? undefined : 'elsewhere'),
  forbids: isForbiddenUri,
}

describe('the gate', () => {
  test('lets datagrams through to whom it knows, and no others, whoever was last', async () => {
    await onWire(friendsOnly, async ({ network, clock, heard, refused }) => {
      const socket = await network.bindUdp({ address: US, port: 5060 })
      const errors: NetworkError[] = []
      socket.onError = (error) => errors.push(error)
      const [friend, stranger] = [FRIEND, STRANGER].map((address) => ({ address, port: 5060 }))
      for (const to of [friend!, stranger!, friend!, friend!, stranger!]) socket.send(Buffer.from([0x80, 1]), to)
      socket.send(Buffer.from('BYE sip:112@203.0.113.7 SIP/2.0\r\n\r\n'), stranger!)
      await clock.sleep(20)
      expect(heard.map((text) => text.split(' ')[0])).toEqual([FRIEND, FRIEND, FRIEND])
      expect(refused.map(({ why, remote }) => [why, remote.address])).toEqual(
        Array.from({ length: 3 }, () => ['elsewhere', STRANGER]),
      )
      // Of SIP alone somebody waits for an answer.
      expect(errors.map(({ code, cause }) => [code, cause])).toEqual([['not-allowed', stranger]])
    })
  })

  test('opens no connection to others, and writes nothing on theirs', async () => {
    await onWire(friendsOnly, async ({ network, inner, clock, heard, refused }) => {
      const connect = (address: string) => network.connect({ kind: 'tcp', remote: { address, port: 5060 } })
      await expect(connect(STRANGER)).rejects.toMatchObject({ code: 'not-allowed' })
      const friend = await connect(FRIEND)
      friend.write(Buffer.from('hello'))
      await network.listen({
        kind: 'tcp',
        at: { address: US, port: 5060 },
        onConnection: (connection) => connection.write(Buffer.from('SIP/2.0 200 OK\r\n\r\n')),
      })
      const theirs = await inner.connect({
        kind: 'tcp',
        remote: { address: US, port: 5060 },
        localAddress: STRANGER,
      })
      theirs.onData = (data) => heard.push(`${STRANGER} ${data.toString()}`)
      await clock.sleep(50)
      expect(heard).toEqual([`${FRIEND} connected`, `${FRIEND} hello`])
      expect(refused).toHaveLength(2)
    })
  })

  test.each([
    ['INVITE sip:112@192.0.2.2 SIP/2.0\r\n\r\n', 'sip:112@192.0.2.2'],
    ['INVITE tel:+49-110 SIP/2.0\r\n\r\n', 'tel:+49-110'],
    ['INVITE  sip:%31%31%32@x SIP/2.0\r\n\r\n', 'sip:%31%31%32@x'],
    ['MESSAGE urn:service:sos SIP/2.0\r\n\r\n', 'urn:service:sos'],
    ['INVITE sip:*40*112%23@192.0.2.2 SIP/2.0\r\n\r\n', 'sip:*40*112%23@192.0.2.2'],
    ['REFER sip:bob@x SIP/2.0\r\nVia: x\r\nRefer-To: "x" <sip:112@x>\r\n\r\n', 'sip:112@x'],
    ['REFER sip:bob@x SIP/2.0\r\nr: sip:0900123456@x\r\n\r\n', 'sip:0900123456@x'],
  ])('no call to an emergency or premium number leaves: %j', async (request, uri) => {
    await onWire(friendsOnly, async ({ network, clock, heard, refused }) => {
      const to = { address: FRIEND, port: 5060 }
      const socket = await network.bindUdp({ address: US, port: 5060 })
      // Also where the last datagram to the same place was let through.
      socket.send(Buffer.from('OPTIONS sip:x SIP/2.0\r\n\r\n'), to)
      socket.send(Buffer.from(request), to)
      const connection = await network.connect({ kind: 'tcp', remote: to })
      connection.write(Buffer.from(request))
      await clock.sleep(50)
      expect(heard.filter((text) => !/OPTIONS|connected/.test(text))).toEqual([])
      expect(refused.map((refusal) => [refusal.why, refusal.uri])).toEqual([
        ['dialling', uri],
        ['dialling', uri],
      ])
    })
  })

  test.each([
    'INVITE sip:030112233@x SIP/2.0',
    'BYE sip:112@x SIP/2.0',
    'INVITE sip:8112@x SIP/2.0',
    'INVITE',
    'MIVITE sip:112@x',
  ])('other requests leave: %s', async (line) => {
    await onWire(friendsOnly, async ({ network, clock, heard }) => {
      const socket = await network.bindUdp({ address: US, port: 5060 })
      socket.send(Buffer.from(`${line}\r\n\r\n`), { address: FRIEND, port: 5060 })
      await clock.sleep(20)
      expect(heard).toHaveLength(1)
    })
  })
})

describe('a provider that phones reach from elsewhere', () => {
  test('sends to those it has heard from, and to nobody that they name', async () => {
    await onWire(reflectionGate([US]), async ({ network, inner, clock, heard, refused }) => {
      const server = await network.bindUdp({ address: US, port: 5060 })
      server.onMessage = (_, from) => {
        server.send(Buffer.from('answer'), { ...from, port: 5060 })
        server.send(Buffer.from('audio'), { address: STRANGER, port: 5060 })
      }
      server.send(Buffer.from('too early'), { address: FRIEND, port: 5060 })
      const phone = await inner.bindUdp({ address: FRIEND, port: 5070 })
      phone.send(Buffer.from('hello'), server.local)
      await clock.sleep(50)
      expect(heard).toEqual([`${FRIEND} answer`])
      expect(refused.map(({ remote }) => remote.address)).toEqual([FRIEND, STRANGER])
    })
  })

  test('on loopback, to loopback alone', () => {
    const gate = reflectionGate(['127.0.0.71', '::1'])
    expect(gate.refuses({ address: '127.0.0.1', port: 1 })).toBeUndefined()
    expect(gate.refuses({ address: '10.0.0.2', port: 1 })).toBe('stranger')
    // The hot path of a load remembers nobody.
    expect('heard' in gate).toBe(false)
  })
})
