import {
  finding,
  loginTaken,
  must,
  precondition,
  scenario,
  should,
  unsupported,
  wasProxied,
  whereReached,
} from 'ringproof'

export default scenario({
  id: 'tls/sips-not-downgraded',
  title: 'A call to a SIPS URI does not reach a device that is not registered for it',
  area: 'tls',
  purposes: ['TLS-SIPS'],
  provider: ['BH-7'],
  rules: {
    notForwarded: whereReached(
      must('RFC 5630 §5.3', 'a proxy does not forward a request to a SIPS URI to a SIP contact', {
        gravity: 'exposure',
        harm: 'Calls to SIPS URIs are connected over unencrypted signalling.',
      }),
    ),
    // The section binds proxies; of anybody else it is worth knowing.
    notConnected: finding('RFC 5630 §5.3', 'a call to a SIPS URI does not arrive at a SIP contact', {
      gravity: 'exposure',
      harm: 'Calls to SIPS URIs are connected over unencrypted signalling.',
    }),
    status: whereReached(
      must('RFC 5630 §5.3', 'a request to a SIPS URI without a SIPS contact is refused with 480', {
        gravity: 'letter',
        harm: 'A call to a SIPS URI that cannot be protected is refused with another status than 480.',
      }),
    ),
    warning: whereReached(
      should('RFC 5630 §5.3', 'the 480 says in a Warning (380) that SIPS is missing', {
        gravity: 'letter',
        harm: 'The refusal of a call to a SIPS URI does not say that SIPS is missing.',
      }),
    ),
  },
  devices: { alice: {}, bob: { transport: 'udp' } },
  transports: ['tls'],
  seconds: 12,
  harm: 'Calls to SIPS URIs are not treated as they should be.',
  advice: 'Look at how the proxy chooses contacts for a Request-URI that begins with sips:.',
  async run({ alice, bob, expect, target, within }) {
    await alice.registers()
    await bob.registers()
    bob.rejects(486)
    const call = await alice.invites(`sips:${bob.number}@${alice.domain}`)
    const final = await within(call.answered, 10_000)
    precondition(final, 'the call got no final response', 'no-answer')
    loginTaken(final)
    const invite = bob.hears('INVITE').first
    if (!invite && [404, 416, 403].includes(final.status))
      unsupported(`the target does not accept SIPS URIs: ${final.status} ${final.reason}`)
    const sent = alice.says('INVITE', { callId: call.id }).last
    const proxied = invite ? wasProxied(sent, invite) : target.facts.role !== 'b2bua'
    const count = bob.hears('INVITE').count
    if (proxied) expect('notForwarded', count, { seen: invite }).toBe(0, 'INVITE without TLS')
    expect('notConnected', count, { seen: invite }).toBe(0, 'INVITE without TLS')
    if (invite || !proxied) return
    const answer = alice.hears(final.status, { callId: call.id, to: 'INVITE' }).last
    expect('status', final.status, { seen: answer }).toBe(480)
    expect('warning', answer?.message.headers.get('Warning') ?? 'none', { seen: answer, header: 'Warning' }).toMatch(
      /\b380\b/,
    )
  },
})
