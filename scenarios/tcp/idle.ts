import { precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'tcp/idle',
  title: 'A connection on which nothing is said stays open for half a minute',
  area: 'tcp',
  purposes: ['TR-IDLE'],
  provider: ['BH-3'],
  rules: {
    open: should('RFC 3261 §18', 'an idle connection is kept for as long as a transaction may last, 64·T1', {
      gravity: 'letter',
    }),
    usable: should('RFC 3261 §18', 'a connection that was idle for 64·T1 still carries requests', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {} },
  transports: ['tcp', 'tls'],
  seconds: 39,
  harm: 'Devices on TCP lose their connection again and again; in between they cannot be called, and batteries run down.',
  advice:
    'Look at the idle timeout of TCP and TLS connections on the server, and of load balancers and firewalls before it.',
  async run({ alice, target, expect, waits }) {
    const domain = target.domain(alice.variant.transport)
    const ask = () => alice.composes('OPTIONS', `sip:${domain}`, { to: `<sip:${domain}>` })
    const connection = await alice.connects()
    const before = ask()
    connection.write(before.toBytes())
    precondition(await alice.hears(undefined, { callId: before.callId }).reaches(1, 4_000), 'an OPTIONS got no answer')
    await waits(64 * target.timers.T1 + 500)
    expect('open', connection.open).toBeTrue('open')
    const after = ask()
    connection.write(after.toBytes())
    expect('usable', await alice.hears(undefined, { callId: after.callId }).reaches(1, 2_000)).toBeTrue('answered')
  },
})
