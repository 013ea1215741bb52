import { afterEach, describe, expect, it } from 'vitest'
import type { IncomingCall } from '../../src/agent/call.js'
import { UserAgent } from '../../src/agent/user-agent.js'
import { SystemRandom } from '../../src/clock/random.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { MediaSession } from '../../src/media/media-session.js'
import { defaultAddresses, EmbeddedProvider, type FaultName } from '../../src/provider/embedded-provider.js'
import { timerTable } from '../../src/transaction/timers.js'
import { DnsClient } from '../../src/transport/dns-client.js'
import type { TransportName } from '../../src/transport/flow.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'
import { locate } from '../../src/transport/locate.js'
import type { TlsVersion } from '../../src/transport/network.js'
import { stunQuery } from '../unit/nat/stun-query.js'

// Addresses of this test alone, so that it runs beside others.
const PREFIX = '127.0.46'
const SLOT = 9
const clock = new WallClock()
const network = new KernelNetwork(clock)
const random = new SystemRandom()
const running: { stop(): Promise<void> }[] = []

async function provider(...faults: FaultName[]): Promise<EmbeddedProvider> {
  const addresses = defaultAddresses({ prefix: PREFIX, ipv6Slot: SLOT })
  const started = await EmbeddedProvider.start({ network, clock, random, addresses, accounts: 4, faults })
  running.push(started)
  return started
}

async function phone(at: EmbeddedProvider, n: number, transport: TransportName, family: 'ipv4' | 'ipv6') {
  const { user, password } = at.accounts[n]!
  const localAddress = family === 'ipv4' ? '127.0.0.1' : '::1'
  const agent = new UserAgent({
    name: `phone ${n}`,
    clock,
    network,
    random,
    account: { user, password, domain: at.target.domain },
    outbound: {
      transport,
      remote: {
        address: family === 'ipv4' ? `${PREFIX}.71` : '::1',
        port: (transport === 'tls' ? 5061 : 5060) + 100 * SLOT,
      },
      serverName: 'secure.ringproof.test',
    },
    localAddress,
    listen: transport === 'tls' ? [] : ['udp', 'tcp'],
    tls: { verify: true, ca: at.authority! },
    timers: timerTable(),
    parseMode: 'strict',
    media: () =>
      MediaSession.open({
        clock,
        network,
        random,
        localAddress,
        codecs: ['PCMA'],
        patternId: 7000 + n,
        ...(transport === 'tls' ? { srtp: ['AES_CM_128_HMAC_SHA1_80'] as const } : {}),
      }),
  })
  await agent.start()
  running.unshift(agent)
  return agent
}

afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
})

describe('the provider on sockets', () => {
  for (const [transport, family] of [
    ['udp', 'ipv4'],
    ['tls', 'ipv4'],
    ['tcp', 'ipv6'],
  ] as const) {
    it(`leads a call from ${transport} on ${family} to TLS on IPv6, and to the echo service`, async () => {
      const at = await provider()
      const alice = await phone(at, 0, transport, family)
      const bob = await phone(at, 1, 'tls', 'ipv6')
      expect((await alice.register()).status).toBe(200)
      expect((await bob.register()).status).toBe(200)
      const ringing = new Promise<IncomingCall>((resolve) => {
        bob.onCall = resolve
      })
      const out = alice.invite(at.accounts[1]!.numbers[0]!)
      const inc = await ringing
      await inc.answer()
      expect((await out.answered)?.status).toBe(200)
      const heard = await Promise.all([out.media!.hears(7001, 5000), inc.media!.hears(7000, 5000)])
      expect(heard).toEqual([true, true])
      await out.hangUp()
      await inc.ended
      const echo = alice.invite('00038799999')
      expect((await echo.answered)?.status).toBe(200)
      expect(await echo.media!.hears(7000, 5000)).toBe(true)
      await echo.hangUp()
    })
  }

  it('answers STUN on both ports, and DNS so that its servers are found', async () => {
    const at = await provider()
    for (const port of at.target.stun!.ports) {
      const result = await stunQuery({ network, clock, random, server: { address: `${PREFIX}.71`, port } })
      expect(result.outcome).toBe('mapped')
      expect(result.mapped?.address).toMatch(/^127\./)
    }
    const { server, port } = at.target.dns!
    const dns = new DnsClient({ network, clock, random, servers: [{ address: server, port }] })
    const found = await locate(`sip:${at.target.domain}`, { dns, random, families: ['ipv4'] })
    expect(found.map(({ transport, remote }) => `${transport} ${remote.address}:${remote.port}`)).toEqual([
      `udp ${PREFIX}.71:5960`,
      `udp ${PREFIX}.72:5960`,
      `tcp ${PREFIX}.71:5960`,
      `tcp ${PREFIX}.72:5960`,
      `tls ${PREFIX}.71:5961`,
      `tls ${PREFIX}.72:5961`,
    ])
  })

  const connect = (at: EmbeddedProvider, serverName: string, maxVersion?: TlsVersion) =>
    network.connect({
      kind: 'tls',
      remote: { address: `${PREFIX}.71`, port: 5961 },
      tls: {
        serverName,
        verify: true,
        ca: at.authority!,
        ...(maxVersion === undefined ? {} : { minVersion: 'TLSv1', maxVersion }),
      },
    })

  it('shows its certificate, or a bad one; refuses TLS 1.1 unless it has that defect', async () => {
    const good = await provider()
    const connection = await connect(good, 'secure.ringproof.test')
    expect(connection.tls?.subjectAltNames).toContain('DNS:secure.ringproof.test')
    connection.close()
    await expect(connect(good, 'secure.ringproof.test', 'TLSv1.1')).rejects.toMatchObject({ code: 'tls' })
    await good.stop()
    for (const fault of ['certificate-of-another-name', 'certificate-expired'] as const) {
      const bad = await provider(fault)
      await expect(connect(bad, 'secure.ringproof.test')).rejects.toMatchObject({ code: 'certificate' })
      await bad.stop()
    }
    const old = await provider('old-tls-allowed')
    const weak = await connect(old, 'secure.ringproof.test', 'TLSv1.1')
    expect(weak.tls?.version).toBe('TLSv1.1')
    weak.close()
  })
})
