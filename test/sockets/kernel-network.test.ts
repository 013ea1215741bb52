import net from 'node:net'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WallClock } from '../../src/clock/wall-clock.js'
import { type Authority, issueCertificate, makeAuthority } from '../../src/transport/certificates.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'
import type { Endpoint, StreamConnection, StreamListener, TlsInfo, UdpSocket } from '../../src/transport/network.js'

const clock = new WallClock()
const network = new KernelNetwork(clock)
/** Its TLS goes over streams of ours, and is to do the same. */
const keeping = new KernelNetwork(clock, { keepsTls: true })
const open: { close(): unknown }[] = []
const hold = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing)
  return thing
}

afterEach(async () => {
  for (const thing of open.splice(0).toReversed()) await thing.close()
})

const nextMessage = (socket: UdpSocket) =>
  new Promise<{ data: Buffer; from: Endpoint; at: number }>((resolve) => {
    socket.onMessage = (data, from, at) => resolve({ data, from, at })
  })

const untilClosed = (connection: StreamConnection) =>
  new Promise<{ text: string; code: string | undefined }>((resolve) => {
    let text = ''
    connection.onData = (data) => {
      text += data.toString()
    }
    connection.onClose = (error) => resolve({ text, code: error?.code })
  })

describe.each(['127.0.0.1', '::1'])('on %s', (address) => {
  test('UDP carries datagrams both ways and stamps them with the clock', async () => {
    const a = hold(await network.bindUdp({ address, port: 0 }))
    const b = hold(await network.bindUdp({ address, port: 0 }))
    const before = network.clock.now()
    a.send(Buffer.from('ping'), b.local)
    const ping = await nextMessage(b)
    expect(ping.data.toString()).toBe('ping')
    expect(ping.from).toEqual(a.local)
    expect(ping.at).toBeGreaterThanOrEqual(before)
    b.send(Buffer.from('pong'), ping.from)
    expect((await nextMessage(a)).data.toString()).toBe('pong')
    await expect(network.bindUdp(b.local)).rejects.toMatchObject({ code: 'port-taken' })
  })

  test('TCP carries bytes in order; what came before anybody listened is kept; closing is seen', async () => {
    const accepted: StreamConnection[] = []
    const listener = hold(
      await network.listen({ kind: 'tcp', at: { address, port: 0 }, onConnection: (c) => accepted.push(hold(c)) }),
    )
    await expect(network.listen({ kind: 'tcp', at: listener.local, onConnection: () => {} })).rejects.toMatchObject({
      code: 'port-taken',
    })
    const client = hold(await network.connect({ kind: 'tcp', remote: listener.local, localAddress: address }))
    const big = 'x'.repeat(300_000)
    client.write(Buffer.from('first'))
    client.write(Buffer.from(big))
    client.close()
    expect(client.open).toBe(false)
    await expect.poll(() => accepted.length).toBe(1)
    const server = accepted[0]!
    expect(server.remote).toEqual(client.local)
    expect(await untilClosed(server)).toEqual({ text: `first${big}`, code: undefined })
    // Nothing may throw after the end.
    server.write(Buffer.from('late'))
    client.write(Buffer.from('late'))
    server.close()

    await listener.close()
    await expect(network.connect({ kind: 'tcp', remote: listener.local })).rejects.toMatchObject({ code: 'refused' })
  })
})

test('what the kernel refuses is told, and never thrown', async () => {
  await expect(network.bindUdp({ address: '203.0.113.1', port: 0 })).rejects.toMatchObject({ code: 'address' })
  await expect(network.bindUdp({ address: 'localhost', port: 0 })).rejects.toMatchObject({ code: 'address' })
  await expect(network.connect({ kind: 'tcp', remote: { address: 'example.com', port: 1 } })).rejects.toMatchObject({
    code: 'address',
  })
  const socket = hold(await network.bindUdp({ address: '127.0.0.1', port: 0 }))
  const codes: string[] = []
  socket.onError = (error) => codes.push(error.code)
  socket.send(Buffer.alloc(70_000), socket.local)
  socket.send(Buffer.from('x'), { address: '::1', port: 5060 })
  socket.send(Buffer.from('x'), { address: '127.0.0.1', port: 0 })
  await expect.poll(() => codes.toSorted()).toEqual(['address', 'address', 'other'])
  socket.close()
  socket.close()
  socket.send(Buffer.from('late'), socket.local)
})

test('a reset by the peer closes with an error of its kind', async () => {
  const server = net.createServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  const client = hold(await network.connect({ kind: 'tcp', remote: { address: '127.0.0.1', port } }))
  client.write(Buffer.from('hello'))
  expect(await untilClosed(client)).toEqual({ text: '', code: 'closed' })
  client.write(Buffer.from('late'))
  server.close()
})

describe.each([
  ['TLS', network],
  ['TLS that is kept', keeping],
])('%s', (_name, network) => {
  let authority: Authority
  let listening: StreamListener
  const serve = async (tls: { cert: string; key: string; maxVersion?: 'TLSv1.2' }) => {
    listening = hold(
      await network.listen({
        kind: 'tls',
        at: { address: '127.0.0.1', port: 0 },
        tls,
        onConnection: (c) => {
          hold(c).onData = (data) => c.write(data)
        },
      }),
    )
    return listening.local
  }
  const dial = (serverName: string, over: object = {}) =>
    network.connect({
      kind: 'tls',
      remote: listening.local,
      tls: { serverName, ca: authority.cert, verify: true, ...over },
    })

  beforeAll(async () => {
    authority = await makeAuthority()
  })

  test.each(['127.0.0.1', '::1'])('a good certificate is accepted, and its facts are told (%s)', async (address) => {
    const served: (TlsInfo | undefined)[] = []
    const listener = hold(
      await network.listen({
        kind: 'tls',
        at: { address, port: 0 },
        tls: await issueCertificate(authority, { dnsNames: ['sip.example'], ipAddresses: [address] }),
        onConnection: (c) => {
          served.push(hold(c).tls)
          c.onData = (data) => {
            c.write(data)
            c.close()
          }
        },
      }),
    )
    for (const serverName of ['SIP.example', address]) {
      const client = hold(
        await network.connect({
          kind: 'tls',
          remote: listener.local,
          tls: { serverName, ca: authority.cert, verify: true },
        }),
      )
      expect(client.tls).toMatchObject({ version: 'TLSv1.3', standIn: false, serverName })
      expect(client.tls?.subjectAltNames).toEqual(['DNS:sip.example', `IP:${address}`])
      expect(client.tls?.validTo).toBeGreaterThan(client.tls?.validFrom ?? Number.POSITIVE_INFINITY)
      client.write(Buffer.from('hello'))
      expect(await untilClosed(client)).toEqual({ text: 'hello', code: undefined })
    }
    expect(served.map((info) => info?.serverName)).toEqual(['SIP.example', undefined])
  })

  const yesterday = new Date(Date.now() - 86_400_000)
  const lastYear = new Date(Date.now() - 365 * 86_400_000)
  test.each([
    [
      'wrong name',
      { dnsNames: ['other.example'] },
      'sip.example',
      /not carry the name sip\.example: it is for other\.ex/,
    ],
    ['a parent domain', { dnsNames: ['example'] }, 'sip.example', /does not carry the name/],
    ['a wildcard', { dnsNames: ['*.example'] }, 'sip.example', /does not accept wildcards/],
    ['expired', { dnsNames: ['sip.example'], notBefore: lastYear, notAfter: yesterday }, 'sip.example', /expired on/],
    [
      'not yet valid',
      { dnsNames: ['sip.example'], notBefore: new Date(Date.now() + 86_400_000) },
      'sip.example',
      /not valid before/,
    ],
    [
      'a SIP URI hides the DNS names',
      { dnsNames: ['sip.example'], uris: ['sip:other.example'] },
      'sip.example',
      /it is for other/,
    ],
    ['a URI with a user', { uris: ['sip:bob@sip.example'] }, 'sip.example', /names no SIP domain/],
    [
      'the common name beside other names',
      { commonName: 'sip.example', uris: ['https://x.example'] },
      'sip.example',
      /names no SIP domain/,
    ],
    ['an address that is only a DNS name', { dnsNames: ['127.0.0.1'] }, '127.0.0.1', /as iPAddress/],
  ])('refused: %s', async (_, fields, serverName, sentence) => {
    await serve(await issueCertificate(authority, fields))
    await expect(dial(serverName)).rejects.toMatchObject({
      code: 'certificate',
      message: expect.stringMatching(sentence),
    })
    // Told to go on regardless, it does, and says so.
    const client = hold(await dial(serverName, { verify: false }))
    expect(client.tls?.certificateProblem).toMatch(sentence)
  })

  test('refused: self-signed, and issued by an authority that nobody knows', async () => {
    await serve(await issueCertificate(undefined, { dnsNames: ['sip.example'] }))
    await expect(dial('sip.example')).rejects.toMatchObject({
      code: 'certificate',
      message: expect.stringMatching(/self-signed/),
    })
    await serve(await issueCertificate(await makeAuthority('somebody'), { dnsNames: ['sip.example'] }))
    await expect(dial('sip.example')).rejects.toMatchObject({
      code: 'certificate',
      message: expect.stringMatching(/authority|issuer/),
    })
  })

  test('accepted: a SIP URI name, and a common name where there is no other', async () => {
    await serve(await issueCertificate(authority, { uris: ['sip:sip.example'] }))
    expect(hold(await dial('sip.example')).tls?.certificateProblem).toBeUndefined()
    await serve(await issueCertificate(authority, { commonName: 'sip.example' }))
    expect(hold(await dial('sip.example')).tls?.certificateProblem).toBeUndefined()
  })

  test('versions that do not meet, and a server that speaks no TLS, fail with a reason', async () => {
    await serve({ ...(await issueCertificate(authority, { dnsNames: ['sip.example'] })), maxVersion: 'TLSv1.2' })
    await expect(dial('sip.example', { minVersion: 'TLSv1.3' })).rejects.toMatchObject({ code: 'tls' })
    await expect(dial('sip.example', { ca: 'no certificate' })).rejects.toHaveProperty('name', 'NetworkError')
    await expect(
      network.listen({ kind: 'tls', at: listening.local, tls: { cert: 'x', key: 'y' }, onConnection: () => {} }),
    ).rejects.toHaveProperty('name', 'NetworkError')

    const plain = hold(
      await network.listen({
        kind: 'tcp',
        at: { address: '127.0.0.1', port: 0 },
        onConnection: (c) => {
          hold(c).onData = () => c.write(Buffer.from('SIP/2.0 400 Bad Request\r\n\r\n'))
        },
      }),
    )
    await expect(
      network.connect({ kind: 'tls', remote: plain.local, tls: { serverName: 'sip.example', verify: true } }),
    ).rejects.toMatchObject({ code: 'tls' })
    // One that accepts and stays mute.
    const mute = hold(await network.listen({ kind: 'tcp', at: { address: '127.0.0.1', port: 0 }, onConnection: hold }))
    await expect(
      network.connect({
        kind: 'tls',
        remote: mute.local,
        tls: { serverName: 'sip.example', verify: true },
        timeoutMs: 30,
      }),
    ).rejects.toMatchObject({ code: 'timeout' })
  })

  test('garbage and half-open handshakes harm nobody, and end with the listener', async () => {
    const remote = await serve(await issueCertificate(authority, { dnsNames: ['sip.example'] }))
    const garbage = await Promise.all(Array.from({ length: 20 }, () => network.connect({ kind: 'tcp', remote })))
    const garbageEnds = garbage.map(untilClosed)
    for (const connection of garbage) connection.write(Buffer.from('OPTIONS sip:x SIP/2.0\r\n\r\n'))
    await Promise.all(garbageEnds)

    const halfOpen = await Promise.all(Array.from({ length: 20 }, () => network.connect({ kind: 'tcp', remote })))
    // The beginning of a ClientHello.
    for (const connection of halfOpen) connection.write(Buffer.from('1603010200010001fc0303', 'hex'))
    const client = hold(await dial('sip.example'))
    client.write(Buffer.from('still there'))
    await new Promise<void>((resolve) => {
      client.onData = () => resolve()
    })
    const ends = halfOpen.map(untilClosed)
    await listening.close()
    await Promise.all(ends)
    // An accepted connection outlives its listener.
    expect(client.open).toBe(true)
  })
})
