import { must, precondition, scenario, should, unsupported, whereReached } from 'ringproof'

export default scenario({
  id: 'tls/sips-not-downgraded',
  title: 'A call that asks for encryption all the way does not reach a device that is not registered for it',
  area: 'tls',
  purposes: ['TLS-SIPS'],
  provider: ['BH-7'],
  rules: {
    notForwarded: must('RFC 5630 §5.3', 'a request to a SIPS URI is not forwarded to a SIP contact', {
      gravity: 'letter',
    }),
    status: whereReached(
      must('RFC 5630 §5.3', 'a request to a SIPS URI without a SIPS contact is refused with 480', {
        gravity: 'harm',
        harm: 'Callers who insist on a protected call do not learn why it fails.',
      }),
    ),
    warning: whereReached(
      should('RFC 5630 §5.3', 'the 480 says in a Warning (380) that SIPS is missing', { gravity: 'letter' }),
    ),
  },
  devices: { alice: {}, bob: { transport: 'udp' } },
  transports: ['tls'],
  seconds: 12,
  harm: 'Customers who insist on protected calls are connected over lines that anybody on the way can read.',
  advice: 'Look at how the proxy chooses contacts for a Request-URI that begins with sips:.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    bob.rejects(486)
    const call = await alice.invites(`sips:${bob.number}@${alice.agent.account.domain}`)
    const final = await within(call.answered, 10_000)
    precondition(final, 'the call got no final answer')
    precondition(final.status !== 401 && final.status !== 407, 'the caller could not log in')
    const invite = bob.hears('INVITE').first
    if (!invite && [404, 416, 403].includes(final.status))
      unsupported(`the target takes no SIPS URIs: ${final.status} ${final.reason}`)
    expect('notForwarded', bob.hears('INVITE').count, { seen: invite }).toBe(0)
    if (invite) return
    const answer = alice.hears(final.status, { callId: call.id, to: 'INVITE' }).last
    expect('status', final.status, { seen: answer }).toBe(480)
    expect('warning', answer?.message.headers.get('Warning'), { seen: answer, header: 'Warning' }).toMatch(/\b380\b/)
  },
})
