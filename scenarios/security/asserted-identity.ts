import { callerIdentity, isOf, must, precondition, scenario, type SipSighting } from 'ringproof'

export default scenario({
  id: 'security/asserted-identity',
  title: 'What a customer asserts about itself is not passed on as the provider’s word',
  area: 'security',
  purposes: ['ID-PAI'],
  rules: {
    asserted: must('RFC 3325 §5', 'a P-Asserted-Identity of the customer’s own is replaced or removed', {
      gravity: 'letter',
    }),
    preferred: must('RFC 3325 §6', 'P-Preferred-Identity is removed from what is forwarded', { gravity: 'letter' }),
  },
  // Carol lends her number: it is claimed by somebody else.
  devices: { alice: {}, bob: {}, carol: {} },
  transports: ['udp', 'tls'],
  seconds: 14,
  harm: 'Any customer can show any number as one that the provider vouches for: banks, police, other customers.',
  advice: 'Let the proxy remove P-Asserted-Identity and P-Preferred-Identity of customers before it writes its own.',
  async run({ alice, bob, carol, expect, within, note }) {
    await alice.registers()
    await bob.registers()
    const claim = `<sip:${carol.number}@${alice.agent.account.domain}>`
    /** The INVITE at the called device; undefined where the call was refused, which is as good. */
    const arrives = async (header: string): Promise<SipSighting | undefined> => {
      const call = await alice.invites(bob, { headers: { [header]: claim } })
      const final = await within(call.answered, 6_000)
      await within(call.hangUp(), 4_000)
      const seen = bob.hears('INVITE').all.at(-1)
      const fresh = seen && seen.at >= (call.exchange.startedAt ?? 0) ? seen : undefined
      precondition(final, 'the call got no final answer')
      if (!fresh) {
        precondition([400, 403, 433, 603].includes(final.status), `the call was answered ${final.status}`)
        note(`a call with ${header} is refused: ${final.status}`)
      }
      return fresh
    }
    const usual = await alice.tries(bob)
    await within(usual.call.hangUp(), 4_000)
    precondition(usual.arrived, 'a call that claims nothing did not arrive either')
    const withAsserted = await arrives('P-Asserted-Identity')
    expect(
      'asserted',
      withAsserted &&
        callerIdentity(withAsserted.message)
          .asserted.filter((n) => isOf(carol.account, n) && !isOf(alice.account, n))
          .join(', '),
      {
        seen: withAsserted,
        header: 'P-Asserted-Identity',
      },
    ).toSatisfy('not the number that was claimed', (numbers) => numbers === undefined || numbers === '')
    const withPreferred = await arrives('P-Preferred-Identity')
    expect('preferred', withPreferred?.message.headers.get('P-Preferred-Identity'), {
      seen: withPreferred,
      header: 'P-Preferred-Identity',
    }).toBeAbsent()
  },
})
