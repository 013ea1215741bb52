import { inconclusive, must, onlyWithState, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'retransmission/trying',
  title: 'An INVITE is answered within 200 ms, so that the caller need not repeat it',
  area: 'retransmission',
  purposes: ['TX-100'],
  provider: ['BH-1'],
  rules: {
    prompt: must('RFC 3261 §17.2.1', 'an INVITE is answered within 200 ms, by a 100 if by nothing else', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 12,
  step: 'call',
  harm: 'INVITE gets no 100 in time: telephones on UDP repeat it until something comes.',
  advice:
    'Look at whether and when the proxy sends 100 to the caller. Kamailio: auto_inv_100 of tm, and lookups before t_relay() that take long.',
  async run({ alice, bob, expect, waits, target, variant, within }) {
    const { tookMs } = await alice.registers()
    await bob.registers()
    // Registering took two round trips and the registrar's work, so a round trip is less than that.
    const limit = Math.round(200 + tookMs + 150)
    const asks = async () => {
      bob.staysMute()
      const call = await alice.invites(bob)
      await within(call.ended, 4 * target.timers.T1)
      // The INVITE with credentials; the challenge before it is a final answer.
      const invite = alice.says('INVITE', { callId: call.id, where: (seen) => !seen.again }).last
      precondition(invite, 'no INVITE was sent')
      const answer = alice.hears(undefined, { callId: call.id, cseq: invite.message.cseq.number }).first
      bob.speaksAgain()
      await within(call.cancel(), 4_000)
      return { answer, ms: answer && answer.at - invite.at }
    }
    const first = await asks()
    // One datagram that is lost, either way, puts the answer off until the INVITE has been repeated.
    const isLate = first.ms === undefined || first.ms > limit
    const told = isLate && variant.transport === 'udp' ? await asks() : first
    if (told.ms !== undefined && told.ms <= limit && isLate) {
      inconclusive(
        'one of two INVITEs was answered in time; the network may have lost the 100 of the other',
        'packet-lost',
      )
    }
    if (told.ms === undefined || told.ms > limit) await onlyWithState(alice, bob, { waits, within })
    if (told.ms === undefined) expect<string>('prompt', 'no answer').toBe(`an answer within ${limit} ms`)
    else expect('prompt', told.ms, { seen: told.answer }).toBeWithin(0, limit, 'ms')
    await waits(200)
  },
})
