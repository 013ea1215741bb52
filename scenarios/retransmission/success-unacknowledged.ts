import { inconclusive, must, precondition, SCHEDULING_MS, scenario, should } from 'ringproof'

export default scenario({
  id: 'retransmission/success-unacknowledged',
  title: 'A 200 whose ACK never comes is repeated for 64·T1, then the call is ended',
  area: 'retransmission',
  purposes: ['TX-2XX'],
  provider: ['BH-1', 'SC-4'],
  rules: {
    repeated: must(
      'RFC 3261 §13.3.1.4',
      'a 200 without ACK is sent again after T1, then at intervals that double up to T2',
      {
        gravity: 'harm',
        harm: 'When one packet is lost as a call is answered, the call stays silent or is cut off after half a minute.',
      },
    ),
    ended: should('RFC 3261 §13.3.1.4', 'a call whose ACK never came is ended with a BYE', {
      gravity: 'harm',
      harm: 'Calls of devices that lost their connection at the wrong moment go on for ever on the server, and on the bill.',
    }),
    inTime: should('RFC 3261 §13.3.1.4', 'a call whose ACK never came is ended after 64·T1', { gravity: 'letter' }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  seconds: 40,
  harm: 'Calls of devices that lost their connection at the wrong moment go on for ever on the server, and on the bill.',
  advice: 'Look at how the answering side treats a 200 that nobody acknowledges: repeats, and the BYE at their end.',
  async run({ alice, services, expect, target, waits }) {
    const { T1, T2 } = target.timers
    await alice.registers()
    const call = await alice.invites(services.echo ?? '', { automatic: { acknowledge: false } })
    const bye = alice.hears('BYE', { callId: call.id })
    await bye.reaches(1, 64 * T1 + 6 * T1)
    const successes = alice.hears(200, { callId: call.id, to: 'INVITE' })
    precondition(successes.first, 'the echo service did not answer')
    const lasted = (bye.first?.at ?? Number.POSITIVE_INFINITY) - successes.first.at
    const moments = [0]
    for (let interval = T1; (moments.at(-1) ?? 0) + interval < 48 * T1; interval = Math.min(2 * interval, T2))
      moments.push((moments.at(-1) ?? 0) + interval)
    expect('ended', bye.first?.message.headers.get('CSeq'), { seen: bye.first }).toBePresent()
    const after = bye.first && bye.first.at - successes.first.at
    expect('inTime', after, { seen: bye.first }).toBeWithin(62 * T1, 68 * T1, 'ms')
    // How soon it hangs up has been judged; until then it is to repeat.
    const due = moments.filter((ms) => ms < lasted - SCHEDULING_MS)
    if (due.length < 3) inconclusive(`it hung up after ${Math.round(lasted)} ms: too soon to see how it repeats`)
    const end = Math.min(lasted, (due.at(-1) ?? 0) + T2 / 2)
    expect(
      'repeated',
      successes.at.filter((ms) => ms < end),
      { seen: successes.first },
    ).toFollow(due)
    await waits(T1)
  },
})
