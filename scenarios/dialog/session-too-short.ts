import { finding, loginTaken, must, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'dialog/session-too-short',
  title: 'A session timer below 90 seconds is rejected with 422 and Min-SE',
  area: 'dialog',
  purposes: ['ST-422'],
  rules: {
    refused: finding('RFC 4028 §8.1', 'a session interval of less than 90 seconds is rejected', {
      gravity: 'letter',
    }),
    minimum: whereReached(
      must('RFC 4028 §8.1', 'the 422 carries Min-SE with 90 seconds or more', {
        gravity: 'letter',
        harm: 'Calls of devices with a short session timer fail: the 422 does not say which interval is accepted.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'call',
  seconds: 12,
  harm: 'Devices can refresh their calls as often as they like, which loads the servers.',
  advice:
    'Set the smallest session interval. Kamailio, OpenSIPS: min_se and reject_to_small of the sst module, and sstCheckMin; Asterisk: timers_min_se; FreeSWITCH: minimum-session-expires.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    const call = await alice.invites(bob, { headers: { 'Session-Expires': '60', Supported: 'timer' } })
    const final = await within(call.answered, 8_000)
    loginTaken(final)
    precondition(final, 'the call got no final response', 'no-answer')
    const answer = alice.hears(final.status, { callId: call.id, to: 'INVITE' }).last
    expect('refused', final.status, { seen: answer }).toBe(422)
    if (final.status === 422) {
      expect('minimum', final.headers.get('Min-SE') ?? 'none', { seen: answer, header: 'Min-SE' }).toSatisfy(
        '90 to 86400 s',
        (value) => Number.parseInt(value, 10) >= 90 && Number.parseInt(value, 10) <= 86_400,
      )
    }
    await within(call.hangUp(), 4_000)
  },
})
