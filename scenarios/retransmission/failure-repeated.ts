import { finding, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'retransmission/failure-repeated',
  title: 'A refusal is repeated to the caller until its ACK, and no longer than 64·T1',
  area: 'retransmission',
  purposes: ['TX-G', 'TX-H'],
  provider: ['BH-1'],
  rules: {
    repeated: must(
      'RFC 3261 §17.2.1',
      'over UDP a final response of 300 or more is repeated until ACK: after T1, then at intervals that double up to T2',
      {
        gravity: 'harm',
        harm: 'One lost packet and the caller never learns that the line is busy: it hears ringing, or nothing, for half a minute.',
      },
    ),
    patient: finding('RFC 3261 §17.2.1', 'a final response without ACK is repeated for the whole of 64·T1', {
      gravity: 'letter',
    }),
    stops: must('RFC 3261 §17.2.1', 'after 64·T1 without an ACK a final response is not repeated any more', {
      gravity: 'harm',
      harm: 'Repeats without end fill the lines of devices that are gone.',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 40,
  harm: 'One lost packet and the caller never learns that the line is busy: it hears ringing, or nothing, for half a minute. Repeats without end fill the lines of devices that are gone.',
  advice: 'Look at Timer G (repeats) and Timer H (giving up) of the server towards callers on UDP.',
  async run({ alice, bob, expect, target, waits }) {
    const { T1, T2, H } = target.timers
    await alice.registers()
    await bob.registers()
    bob.rejects(486)
    // The challenge is acknowledged, the refusal is not.
    alice.loses((message) => message.kind === 'request' && message.method === 'ACK' && bob.hears('INVITE').count > 0)
    const call = await alice.invites(bob)
    await waits(H + T2 + 2 * T1)
    const first = alice.hears(undefined, {
      callId: call.id,
      to: 'INVITE',
      where: ({ message }) =>
        message.kind === 'response' && message.status >= 300 && ![401, 407].includes(message.status),
    }).first
    precondition(first && first.message.kind === 'response', 'the refused call got no refusal')
    const refusals = alice.hears(first.message.status, { callId: call.id, to: 'INVITE' })
    const moments = [0]
    for (let interval = T1; (moments.at(-1) ?? 0) + interval < H; interval = Math.min(2 * interval, T2))
      moments.push((moments.at(-1) ?? 0) + interval)
    const sure = moments.filter((ms) => ms < 0.75 * H)
    const end = (sure.at(-1) ?? 0) + T2 / 2
    expect(
      'repeated',
      refusals.at.filter((ms) => ms < end),
      { seen: first },
    ).toFollow(sure)
    expect('patient', refusals.at.at(-1), { seen: refusals.last }).toBeWithin(H - T2, H, 'ms')
    expect('stops', refusals.at.at(-1), { seen: refusals.last }).toBeWithin(0, H, 'ms')
  },
})
