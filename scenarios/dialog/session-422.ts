import { loginTaken, must, owed, precondition, scenario, whereReached } from 'ringproof'

/** What the caller asks for first, and the least that the called device takes, seconds. */
const ASKED_S = 90
const LEAST_S = 150

export default scenario({
  id: 'dialog/session-422',
  title: 'A called device that wants a longer session interval tells so, and gets the call with that one',
  area: 'dialog',
  purposes: ['ST-422'],
  rules: {
    told: whereReached(
      must('RFC 4028 §9', 'a 422 that reaches the caller carries the Min-SE of the called device', {
        gravity: 'harm',
        cause: 'min-se-lost',
      }),
    ),
    answered: owed('RFC 4028 §7.3', 'the call with the interval that the 422 tells is answered', {
      gravity: 'harm',
      cause: 'min-se-lost',
      follows: ['status-changed', 'call-not-delivered'],
    }),
  },
  devices: {
    alice: { sessionTimer: { seconds: ASKED_S, refresher: 'uac' } },
    bob: { sessionTimer: { seconds: 1_800, least: LEAST_S } },
  },
  needs: ['session-timers'],
  seconds: 16,
  reliesOn: 'call',
  step: 'call',
  harm: 'Calls between telephones of different make fail: the session interval that one of them wants is not told to the other.',
  advice:
    'Look at the 422 of the called device and at what the caller gets: the status, and Min-SE in it, have to pass. A back-to-back user agent has to ask again by itself.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    const call = await alice.invites(bob)
    const final = await within(call.answered, 12_000)
    loginTaken(final)
    precondition(final, 'the call got no final response', 'no-answer')
    // A server that asks for more by itself never lets so short an interval get there.
    const wasRefused = bob.says(422).first !== undefined
    const seen = alice.hears(422, { callId: call.id }).last
    precondition(
      final.status === 200 || wasRefused || seen,
      `the call was rejected with ${final.status}, and not for its session interval`,
      'call-refused',
    )
    if (wasRefused && seen) {
      expect('told', Number.parseInt(seen.message.headers.get('Min-SE') ?? '0', 10), {
        seen,
        header: 'Min-SE',
      }).toSatisfy(`${LEAST_S} or more`, (seconds) => seconds >= LEAST_S)
    }
    expect('answered', final.status, {
      seen: alice.hears(undefined, { callId: call.id, to: 'INVITE' }).last,
    }).toBe(200)
    await within(call.hangUp(), 4_000)
  },
})
