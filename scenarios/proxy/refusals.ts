import { inconclusive, must, onlyForProxies, scenario } from 'ringproof'

/** By then (ms of the story) announcements of refusals have ended, or are not waited for. */
const ANNOUNCED_UNTIL_MS = 36_000

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
  seconds: 40,
  reliesOn: 'call',
  step: 'call',
  harm: 'Refusals reach the caller with another status: no busy tone, no redial on busy.',
  advice:
    'Look at which failures the proxy translates. Diversions and the mailbox of the called account must be off for this test.',
  async run({ alice, bob, expect, now, within }) {
    await alice.registers()
    await bob.registers()
    const said = [486, 480, 600, 603]
    const told: (number | 'no final response')[] = []
    for (const status of said) {
      bob.rejects(status)
      const before = bob.hears('INVITE').count
      const call = await alice.invites(bob)
      let final = await within(call.answered, 8_000)
      // A service that announces the refusal in early media says it afterwards.
      const announces = bob.says(status).last
      const early = alice.hears(183, { callId: call.id, since: announces?.at ?? 0 }).first
      if (!final && early) final = await within(call.answered, Math.max(0, ANNOUNCED_UNTIL_MS - now()))
      if (!final && early) inconclusive('the refusals are announced for too long to wait for their end')
      onlyForProxies(alice.says('INVITE', { callId: call.id }).last, bob.hears('INVITE').all[before])
      if (final && final.status < 300) inconclusive('a diversion or a mailbox answered the call')
      if (final?.status === 503 && final.headers.has('Retry-After'))
        inconclusive('the target is overloaded: 503 with Retry-After', 'call-refused')
      told.push(final?.status ?? 'no final response')
    }
    expect('same', told, { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toEqual(said)
  },
})
