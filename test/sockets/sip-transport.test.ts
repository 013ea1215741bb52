import { afterEach, describe, expect, it } from 'vitest'
import { SystemRandom } from '../../src/clock/random.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { createRequest, createResponse } from '../../src/message/build.js'
import { timerTable } from '../../src/transaction/timers.js'
import { TransactionLayer } from '../../src/transaction/transaction-layer.js'
import { issueCertificate, makeAuthority } from '../../src/transport/certificates.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'
import type { TlsServerOptions } from '../../src/transport/network.js'
import {
  type Hop,
  SipTransport,
  type SipTransportOptions,
  type TransportName,
} from '../../src/transport/sip-transport.js'

const clock = new WallClock()
const network = new KernelNetwork(clock)
const running: SipTransport[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((transport) => transport.close()))
})

/** A transport with transactions on a loopback port, and a hop that leads to it. */
async function peer(
  name: TransportName,
  address: string,
  o: Partial<SipTransportOptions> & { tls?: TlsServerOptions; serverName?: string } = {},
) {
  const transport = new SipTransport({ network, clock, parseMode: 'fast', ...o })
  running.push(transport)
  const layer = new TransactionLayer({ transport, clock, timers: timerTable(), random: new SystemRandom() })
  const at = await transport.listen({ transport: name, at: { address, port: 0 }, ...(o.tls && { tls: o.tls }) })
  const hop: Hop = { transport: name, remote: at, ...(o.serverName && { serverName: o.serverName }) }
  return { transport, layer, hop }
}

type PeerHere = Awaited<ReturnType<typeof peer>>

function ask(from: PeerHere, hop: Hop, method = 'OPTIONS', body = ''): Promise<string> {
  const request = createRequest({
    method,
    uri: 'sip:bob@example.com',
    from: '<sip:alice@example.com>;tag=a',
    to: '<sip:bob@example.com>',
    callId: from.layer.newBranch(),
    cseq: 1,
    body,
  })
  return new Promise((resolve) => {
    from.layer.request(request, hop, {
      onResponse: (response, flow) => {
        if (response.status >= 200) resolve(`${response.status} over ${flow.transport}`)
      },
      onTimeout: () => resolve('timeout'),
      onTransportError: (error) => resolve(error.message),
    })
  })
}

function answers(who: PeerHere): void {
  who.layer.onRequest = (tx) => tx.respond(createResponse(tx.request, 200, undefined, { toTag: 'b' }))
}

describe('transactions over sockets', () => {
  for (const [name, address] of [
    ['udp', '127.0.0.1'],
    ['udp', '::1'],
    ['tcp', '127.0.0.1'],
    ['tcp', '::1'],
  ] as const) {
    it(`a question and its answer over ${name} to ${address}`, async () => {
      const alice = await peer(name, address)
      const bob = await peer(name, address)
      answers(bob)
      expect(await ask(alice, bob.hop)).toBe(`200 over ${name}`)
      expect(await ask(alice, bob.hop, 'INVITE')).toBe(`200 over ${name}`)
      expect(alice.transport.flows().length).toBe(1)
    })
  }

  it('over TLS, to the name in the certificate and no other', async () => {
    const authority = await makeAuthority()
    const issued = await issueCertificate(authority, { dnsNames: ['sip.example.com'] })
    const tlsClient = { ca: authority.cert, verify: true }
    const alice = await peer('udp', '127.0.0.1', { tlsClient })
    const bob = await peer('tls', '127.0.0.1', { tls: issued, serverName: 'sip.example.com' })
    answers(bob)
    expect(await ask(alice, bob.hop)).toBe('200 over tls')
    expect(await ask(alice, { ...bob.hop, serverName: 'other.example.com' })).toContain('other.example.com')
  })

  it('a long request goes over TCP to the same port (RFC 3261 §18.1.1), over UDP where TCP is refused', async () => {
    const alice = await peer('udp', '127.0.0.1')
    const bob = await peer('udp', '127.0.0.1')
    answers(bob)
    expect(await ask(alice, bob.hop, 'MESSAGE', 'x'.repeat(2000))).toBe('200 over udp')
    await bob.transport.listen({ transport: 'tcp', at: bob.hop.remote })
    expect(await ask(alice, bob.hop, 'MESSAGE', 'x'.repeat(2000))).toBe('200 over tcp')
  })

  it('a refused connection is an error of transport', async () => {
    const alice = await peer('udp', '127.0.0.1')
    const gone = await peer('tcp', '127.0.0.1')
    await gone.transport.close()
    expect(await ask(alice, gone.hop)).toContain('refused')
  })

  it('300 calls at once over one port, nothing lost, nothing left in flight', async () => {
    const alice = await peer('udp', '127.0.0.1')
    const bob = await peer('udp', '127.0.0.1')
    answers(bob)
    const answersHeard = await Promise.all(Array.from({ length: 300 }, () => ask(alice, bob.hop)))
    expect(new Set(answersHeard)).toEqual(new Set(['200 over udp']))
    alice.layer.close()
    bob.layer.close()
    expect([alice.layer.size, bob.layer.size]).toEqual([
      { client: 0, server: 0 },
      { client: 0, server: 0 },
    ])
  })
})
