import { precondition, probe, scenario, should } from 'ringproof'

export default scenario({
  id: 'tcp/idle',
  title: 'An idle connection stays open for 64·T1',
  area: 'tcp',
  purposes: ['TR-IDLE'],
  provider: ['BH-3'],
  rules: {
    open: should('RFC 3261 §18', 'an idle connection is kept for as long as a transaction may last, 64·T1', {
      gravity: 'harm',
    }),
    usable: should('RFC 3261 §18', 'a connection that was idle for 64·T1 still carries requests', {
      gravity: 'harm',
    }),
  },
  devices: { alice: {} },
  transports: ['tcp', 'tls'],
  seconds: 39,
  reliesOn: 'reach',
  harm: 'Idle TCP and TLS connections break within {idle|64·T1}. Behind NAT, telephones then cannot be called until they connect again.',
  advice:
    'Look at the idle timeout of connections at the server, at load balancers and at firewalls. Kamailio: tcp_connection_lifetime (120 s by default); set it above the registration interval, for example with tcp_set_connection_lifetime().',
  async run({ alice, target, expect, figure, waits }) {
    const ask = () => probe(alice, target)
    const connection = await alice.connects()
    const before = ask()
    connection.write(before.toBytes())
    precondition(
      await alice.hears(undefined, { callId: before.callId }).reaches(1, 4_000),
      'a request without log-in got no answer',
      'no-answer',
    )
    await waits(64 * target.timers.T1 + 500)
    figure('idle', `${(64 * target.timers.T1) / 1000} s`)
    expect('open', connection.open).toBeTrue('open')
    const after = ask()
    connection.write(after.toBytes())
    expect('usable', await alice.hears(undefined, { callId: after.callId }).reaches(1, 2_000)).toBeTrue('answered')
  },
})
