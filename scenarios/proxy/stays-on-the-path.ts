import { parseUri, precondition, promised, scenario, type Device } from 'ringproof'

export default scenario({
  id: 'proxy/stays-on-the-path',
  title: 'Whoever hangs up, the BYE goes through the provider',
  area: 'proxy',
  purposes: ['PRX-RR'],
  provider: ['BH-13'],
  rules: {
    fromCallee: promised(
      'BH-13',
      "the callee's BYE takes the way through the provider, as its Record-Route or Contact says",
      {
        gravity: 'outage',
        cause: 'route-lost',
        harm: 'Behind NAT and firewalls calls are cut off or cannot be ended: ACK and BYE bypass the provider.',
      },
    ),
    fromCaller: promised(
      'BH-13',
      "the caller's BYE takes the way through the provider, as its Record-Route or Contact says",
      {
        gravity: 'outage',
        cause: 'route-lost',
        harm: 'Behind NAT and firewalls calls are cut off or cannot be ended: ACK and BYE bypass the provider.',
      },
    ),
    arrives: promised('BH-13', 'a BYE that takes the way through the provider reaches the other side', {
      gravity: 'outage',
      cause: 'hang-up-lost',
      follows: ['route-lost'],
      harm: 'Hanging up does not reach the other side: calls stay up, and on the bill.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 20,
  fitForLoad: true,
  reliesOn: 'call',
  step: 'hang up',
  harm: 'Requests within a call do not go through the provider.',
  advice:
    'Write Record-Route into every INVITE, with an address that devices can reach. Kamailio: record_route() for requests that begin a dialog, loose_route() for those within it.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    /** Was it sent to the other device itself? */
    const isDirect = (from: Device, to: Device, callId: string) => {
      const bye = from.says('BYE', { callId }).first
      precondition(bye, 'no BYE was sent')
      const { port } = parseUri(to.contactUri)
      return bye.remote.address === to.localAddress && bye.remote.port === port
    }
    const first = await alice.calls(bob)
    await within(first.callee.hangUp(), 4_000)
    const second = await alice.calls(bob)
    await within(second.caller.hangUp(), 4_000)
    const way = (direct: boolean) => (direct ? 'straight to the other device' : 'through the provider')
    const sentBack = bob.says('BYE', { callId: first.callee.id }).first
    expect('fromCallee', way(isDirect(bob, alice, first.callee.id)), { seen: sentBack }).toBe('through the provider')
    const sentOn = alice.says('BYE', { callId: second.caller.id }).first
    expect('fromCaller', way(isDirect(alice, bob, second.caller.id)), { seen: sentOn }).toBe('through the provider')
    // A back-to-back user agent answers a BYE by itself, and hangs up on the other side a moment later.
    const heard = await Promise.all([
      alice.hears('BYE', { callId: first.caller.id }).reaches(1, 4_000),
      bob.hears('BYE', { callId: second.callee.id }).reaches(1, 4_000),
    ])
    expect(
      'arrives',
      heard.map((came) => (came ? 'yes' : 'no')),
    ).toEqual(['yes', 'yes'])
  },
})
