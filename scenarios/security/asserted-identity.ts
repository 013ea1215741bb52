import { callerIdentity, isOf, must, owed, precondition, scenario, type SipSighting, whereReached } from 'ringproof'

export default scenario({
  id: 'security/asserted-identity',
  title: "A customer's own P-Asserted-Identity and P-Preferred-Identity do not reach the called device",
  area: 'security',
  purposes: ['ID-PAI'],
  rules: {
    // RFC 3325 binds who is in a trust domain; that nobody calls under another's number is owed by any service.
    asserted: owed('RFC 3325 §5', "a customer's own P-Asserted-Identity is replaced or removed", {
      gravity: 'exposure',
    }),
    preferred: whereReached(
      must('RFC 3325 §6', 'P-Preferred-Identity is removed from forwarded requests', {
        gravity: 'letter',
        harm: "A customer's P-Preferred-Identity is passed on to the called device; few telephones show it.",
      }),
    ),
  },
  // Carol lends her number: alice claims it.
  devices: { alice: {}, bob: {}, carol: {} },
  reliesOn: 'call',
  transports: ['udp', 'tls'],
  seconds: 14,
  harm: "Any customer can call under any number: the proxy passes on a customer's P-Asserted-Identity.",
  advice:
    'Remove P-Asserted-Identity and P-Preferred-Identity from requests of customers before the proxy writes its own. Kamailio, OpenSIPS: remove_hf("P-Asserted-Identity"). Asterisk: trust_id_inbound=no.',
  async run({ alice, bob, carol, expect, within, note }) {
    await alice.registers()
    await bob.registers()
    const claim = `<sip:${carol.number}@${alice.domain}>`
    /** The INVITE at the called device; undefined where the call was refused, which is as good. */
    const arrives = async (header: string): Promise<SipSighting | undefined> => {
      const call = await alice.invites(bob, { headers: { [header]: claim } })
      const final = await within(call.answered, 6_000)
      await within(call.hangUp(), 4_000)
      const seen = bob.hears('INVITE').all.at(-1)
      const fresh = seen && seen.at >= (call.exchange.startedAt ?? 0) ? seen : undefined
      precondition(final, 'the call got no final response', 'no-answer')
      if (!fresh) {
        precondition([400, 403, 433, 603].includes(final.status), `the call got ${final.status}`, 'call-refused')
        note(`a call with ${header} is rejected with ${final.status}`)
      }
      return fresh
    }
    const usual = await alice.tries(bob)
    await within(usual.call.hangUp(), 4_000)
    precondition(usual.arrived, 'a call without these header fields did not arrive either', 'call-not-arrived')
    const withAsserted = await arrives('P-Asserted-Identity')
    const claimed = withAsserted === undefined ? [] : callerIdentity(withAsserted.message).asserted
    expect(
      'asserted',
      claimed.filter((number) => isOf(carol.account, number) && !isOf(alice.account, number)),
      { seen: withAsserted, header: 'P-Asserted-Identity' },
    ).toBeEmpty()
    // Who asserts nothing is in no trust domain: to such a proxy this is a header field like any other.
    if (callerIdentity(usual.arrived.message).asserted.length === 0) return
    const withPreferred = await arrives('P-Preferred-Identity')
    expect('preferred', withPreferred?.message.headers.get('P-Preferred-Identity') ?? null, {
      seen: withPreferred,
      header: 'P-Preferred-Identity',
    }).toBeAbsent()
  },
})
