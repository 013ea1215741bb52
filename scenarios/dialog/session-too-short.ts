import { finding, must, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'dialog/session-too-short',
  title: 'A session timer below the minimum is refused with the minimum',
  area: 'dialog',
  purposes: ['ST-422'],
  rules: {
    refused: finding('RFC 4028 §8.1', 'an interval of less than 90 seconds is not let through', {
      gravity: 'harm',
      harm: 'Devices that refresh their calls every few seconds burden the servers.',
    }),
    minimum: whereReached(
      must('RFC 4028 §8.1', 'the 422 says in Min-SE what is possible, 90 seconds or more', { gravity: 'letter' }),
    ),
  },
  devices: { alice: {}, bob: {} },
  seconds: 12,
  harm: 'Devices that refresh their calls every few seconds burden the servers; refused without a hint, their calls fail.',
  advice: 'Look at the smallest session interval (Min-SE) of the proxy.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    const call = await alice.invites(bob, { headers: { 'Session-Expires': '60', Supported: 'timer' } })
    const final = await within(call.answered, 8_000)
    precondition(final && final.status !== 401 && final.status !== 407, 'the call got no final answer')
    const answer = alice.hears(final.status, { callId: call.id, to: 'INVITE' }).last
    expect('refused', final.status, { seen: answer }).toBe(422)
    if (final.status === 422) {
      const seconds = Number.parseInt(final.headers.get('Min-SE') ?? '', 10)
      expect('minimum', seconds, { seen: answer, header: 'Min-SE' }).toBeWithin(90, 86_400, 's')
    }
    await within(call.hangUp(), 4_000)
  },
})
