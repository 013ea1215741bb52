import { precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'tcp/no-repeats',
  title: 'Over a connection nothing is sent twice',
  area: 'tcp',
  purposes: ['TX-TCP', 'TX-TLS'],
  provider: ['BH-3'],
  rules: {
    invite: should('RFC 3261 §17.1.1.2', 'an INVITE is not resent on a reliable transport', {
      gravity: 'letter',
      cause: 'repeated-on-streams',
    }),
    request: should('RFC 3261 §17.1.2.2', 'a request other than INVITE is not resent on a reliable transport', {
      gravity: 'letter',
      cause: 'repeated-on-streams',
    }),
    failure: should('RFC 3261 §17.2.1', 'a refusal whose ACK is missing is not resent on a reliable transport', {
      gravity: 'letter',
      cause: 'repeated-on-streams',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['tcp', 'tls'],
  seconds: 12,
  reliesOn: 'call',
  harm: 'Messages are sent again over TCP or TLS: needless traffic, above all on mobile lines.',
  advice: 'Switch off the retransmission timers for TCP and TLS.',
  async run({ alice, bob, expect, target, waits, within }) {
    const { T1 } = target.timers
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    bob.staysMute()
    void caller.request('INFO')
    await waits(4 * T1)
    const infos = bob.hears('INFO', { callId: callee.id })
    if (infos.count > 0) {
      expect('request', infos.count, { seen: infos.last }).toBe(1, 'INFO')
      bob.speaksAgain()
    }
    const hungUp = within(caller.hangUp(), 8 * T1)
    if (infos.count === 0) {
      // A back-to-back user agent answers INFO itself; its BYE has to arrive.
      await waits(4 * T1)
      const byes = bob.hears('BYE', { callId: callee.id })
      precondition(byes.first, 'neither INFO nor BYE reached the other device')
      expect('request', byes.count, { seen: byes.last }).toBe(1, 'BYE')
      bob.speaksAgain()
    }
    await hungUp
    const before = bob.hears('INVITE').count
    bob.staysMute()
    const second = await alice.invites(bob)
    precondition(
      await bob.hears('INVITE').reaches(before + 1, 8 * T1),
      'the second call did not arrive',
      'call-not-arrived',
    )
    const silent = bob.hears('INVITE').all[before]
    await waits(4 * T1)
    const invites = bob.hears('INVITE', { callId: silent?.message.callId ?? '' })
    expect('invite', invites.count, { seen: invites.last }).toBe(1, 'INVITE')
    bob.speaksAgain()
    void second.cancel()
    bob.rejects(486)
    alice.loses((message) => message.kind === 'request' && message.method === 'ACK' && bob.says(486).count > 0)
    const third = await alice.invites(bob)
    const refusals = alice.hears(486, { callId: third.id })
    precondition(await refusals.reaches(1, 8 * T1), 'the refusal did not reach the caller')
    await waits(4 * T1)
    expect('failure', refusals.count, { seen: refusals.last }).toBe(1, 'failure response')
  },
})
