import { inconclusive, must, onlyForProxies, scenario } from 'ringproof'

export default scenario({
  id: 'proxy/refusals',
  title: 'Busy, unavailable, busy everywhere and declined reach the caller as what they are',
  area: 'proxy',
  purposes: ['UA-FINALS'],
  provider: ['BH-1'],
  rules: {
    same: must('RFC 3261 §16.7', 'a refusal of the callee reaches the caller with the status that the callee gave', {
      gravity: 'harm',
      cause: 'status-changed',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 16,
  reliesOn: 'call',
  step: 'call',
  harm: 'Refusals reach the caller with another status: no busy tone, no redial on busy.',
  advice:
    'Look at which failures the proxy translates. Diversions and the mailbox of the called account must be off for this test.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    const said = [486, 480, 600, 603]
    const told: (number | 'no final response')[] = []
    for (const status of said) {
      bob.rejects(status)
      const before = bob.hears('INVITE').count
      const call = await alice.invites(bob)
      const final = await within(call.answered, 8_000)
      onlyForProxies(alice.says('INVITE', { callId: call.id }).last, bob.hears('INVITE').all[before])
      if (final && final.status < 300) inconclusive('a diversion or a mailbox answered the call')
      told.push(final?.status ?? 'no final response')
    }
    expect('same', told, { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toEqual(said)
  },
})
