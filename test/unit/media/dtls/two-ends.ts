/** Two associations on a wire in memory that loses, doubles and reorders, in virtual time. */
import { SeededRandom } from '../../../../src/clock/random.js'
import { VirtualClock } from '../../../../src/clock/virtual-clock.js'
import { DtlsAssociation, type DtlsOptions } from '../../../../src/media/dtls/association.js'
import { fingerprintOf, makeIdentity } from '../../../../src/media/dtls/certificate.js'
import type { LinkConditions } from '../../../../src/transport/link-conditions.js'
import { MemoryNetwork } from '../../../../src/transport/memory-network.js'

export const IDENTITIES = {
  a: makeIdentity({ unixMs: Date.UTC(2026, 0, 1) }),
  b: makeIdentity({ unixMs: Date.UTC(2026, 0, 1) }),
  rsa: makeIdentity({ kind: 'rsa', unixMs: Date.UTC(2026, 0, 1) }),
}

export interface Ends {
  readonly clock: VirtualClock
  readonly network: MemoryNetwork
  readonly client: DtlsAssociation
  readonly server: DtlsAssociation
  /** Datagrams that each of them sent. */
  readonly sent: { readonly client: Buffer[]; readonly server: Buffer[] }
}

/** Lets both ends talk; the client has not begun. */
export function betweenTwoEnds(
  play: (ends: Ends) => Promise<void>,
  o: {
    readonly link?: Partial<LinkConditions>
    readonly seed?: string
    readonly client?: Partial<DtlsOptions>
    readonly server?: Partial<DtlsOptions>
  } = {},
): Promise<void> {
  const clock = new VirtualClock()
  const random = new SeededRandom(o.seed ?? 'dtls')
  const network = new MemoryNetwork({ clock, random, link: { delayMs: 10, ...o.link } })
  return clock.run(async () => {
    const [a, b] = [
      await network.bindUdp({ address: '192.0.2.1', port: 5004 }),
      await network.bindUdp({ address: '192.0.2.2', port: 5004 }),
    ]
    const sent = { client: [] as Buffer[], server: [] as Buffer[] }
    const identities = { client: o.client?.identity ?? IDENTITIES.a, server: o.server?.identity ?? IDENTITIES.b }
    const end = (role: 'client' | 'server', socket: typeof a, to: typeof a.local, peer: 'client' | 'server') =>
      new DtlsAssociation({
        role,
        clock,
        random: random.fork(role),
        identity: identities[role],
        fingerprints: [fingerprintOf(identities[peer].certificate)],
        send: (datagram) => {
          sent[role].push(datagram)
          socket.send(datagram, to)
        },
        ...o[role],
      })
    const client = end('client', a, b.local, 'server')
    const server = end('server', b, a.local, 'client')
    a.onMessage = (data) => client.receive(data)
    b.onMessage = (data) => server.receive(data)
    await play({ clock, network, client, server, sent })
    client.close()
    server.close()
  })
}
