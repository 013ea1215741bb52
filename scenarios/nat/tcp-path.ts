import { precondition, promised, scenario, whereReached } from 'ringproof'

const IDLE_MS = 14_000

export default scenario({
  id: 'nat/tcp-path',
  title: 'A device behind NAT on TCP or TLS is called over its own connection, without keep-alives',
  area: 'nat',
  purposes: ['NAT-KEEP', 'TR-REUSE'],
  provider: ['BH-3', 'BH-9'],
  rules: {
    reached: promised('BH-3', 'a call arrives over the connection that the device opened, also after an idle while', {
      gravity: 'outage',
      follows: ['stream-not-reused', 'call-not-delivered', 'signalling-unpublished', 'tcp/idle'],
    }),
    sameConnection: whereReached(
      promised('BH-3', 'no connection is opened towards a device that keeps its own open', {
        gravity: 'outage',
        cause: 'stream-not-reused',
        harm: 'Calls to telephones on TCP open a new connection: behind NAT they cannot be called.',
      }),
    ),
  },
  devices: { alice: { nat: { mappingTimeoutMs: 4_000 }, audio: false }, bob: { audio: false } },
  transports: ['tcp', 'tls'],
  families: ['ipv4'],
  seconds: 26,
  reliesOn: 'call',
  step: 'call',
  harm: 'Customers behind a router cannot be called over TCP after {idle|a while} without traffic.',
  advice:
    'Let the proxy use the connection of the REGISTER for INVITE, and keep it open. Kamailio: fix_nated_register() with received_avp; tcp_connection_lifetime (120 s by default).',
  async run({ alice, bob, expect, figure, target, waits, within }) {
    precondition(target.facts.serves.lateOffer !== false, 'the target refuses calls without a session description')
    const registered = await alice.registers()
    await bob.registers()
    alice.rejects(486)
    await waits(IDLE_MS)
    figure('idle', `${IDLE_MS / 1000} s`)
    const { call, arrived } = await bob.tries(alice, 4_000)
    expect('reached', arrived !== undefined, { seen: bob.says('INVITE').last }).toBeTrue('the call arrives')
    const own = registered.exchange.final && alice.hears(200, { to: 'REGISTER' }).last
    if (arrived)
      expect('sameConnection', arrived.connection ?? 'none', { seen: arrived }).toBe(own?.connection ?? 'none')
    await within(call.ended, 2_000)
  },
})
