import { finding, isOf, owed, precondition, scenario, type SipSighting, usersIn } from 'ringproof'

export default scenario({
  id: 'security/invented-headers',
  title: "A customer's own Remote-Party-ID, Diversion and History-Info do not reach the called device",
  area: 'security',
  purposes: ['ID-INVENTED'],
  rules: {
    remoteParty: owed(
      'security',
      "a customer's own Remote-Party-ID with another customer's number is replaced or removed",
      {
        gravity: 'exposure',
        cause: 'caller-invented',
        harm: "Any customer can call under any number: many telephones show a customer's own Remote-Party-ID, and it is passed on.",
      },
    ),
    // A switchboard on a trunk may send these with numbers of its own.
    diversion: finding(
      'RFC 5806 §7',
      "a customer's own Diversion with another customer's number is replaced or removed",
      {
        gravity: 'exposure',
        cause: 'caller-invented',
        harm: 'Any customer can pretend that a call was diverted by another: telephones show it, mailboxes and charges may go by it.',
      },
    ),
    history: finding(
      'RFC 7044 §10.1',
      "a customer's own History-Info with another customer's number is replaced or removed",
      {
        gravity: 'exposure',
        cause: 'caller-invented',
        harm: 'Any customer can pretend that a call was diverted by another: telephones show it, mailboxes may go by it.',
      },
    ),
  },
  // Carol lends her number: alice claims it.
  devices: { alice: {}, bob: {}, carol: {} },
  reliesOn: 'call',
  seconds: 24,
  harm: 'Customers can show whom they call a number that is not theirs.',
  advice:
    'Remove Remote-Party-ID, Diversion and History-Info from requests of customers before the proxy writes its own; on trunks, compare their numbers with those of the account. Kamailio, OpenSIPS: remove_hf. Asterisk: trust_id_inbound=no.',
  async run({ alice, bob, carol, expect, within, clock, note }) {
    await alice.registers()
    await bob.registers()
    bob.rejects(486)
    const claim = `<sip:${carol.number}@${alice.domain}>`
    /** The INVITE at the called device; undefined where the call was refused, which is as good. */
    const arrives = async (header: string, value: string): Promise<SipSighting | undefined> => {
      const heard = bob.hears('INVITE', { since: clock.now() })
      const call = await alice.invites(bob, { headers: { [header]: value } })
      const final = await within(call.answered, 6_000)
      await within(call.hangUp(), 4_000)
      if (heard.first !== undefined) return heard.first
      precondition(final, 'the call got no final response', 'no-answer')
      precondition([400, 403, 433, 603].includes(final.status), `the call got ${final.status}`, 'call-refused')
      note(`a call with ${header} is rejected with ${final.status}`)
      return undefined
    }
    const usual = await alice.tries(bob)
    await within(usual.call.hangUp(), 4_000)
    precondition(usual.arrived, 'a call without these header fields did not arrive either', 'call-not-arrived')
    for (const [rule, header, value] of [
      ['remoteParty', 'Remote-Party-ID', `${claim};party=calling;screen=yes;privacy=off`],
      ['diversion', 'Diversion', `${claim};reason=unconditional`],
      ['history', 'History-Info', `${claim};index=1`],
    ] as const) {
      const seen = await arrives(header, value)
      const named = seen === undefined ? [] : usersIn(seen.message, header)
      expect(
        rule,
        named.filter((number) => isOf(carol.account, number) && !isOf(alice.account, number)),
        { seen, header },
      ).toBeEmpty()
    }
  },
})
