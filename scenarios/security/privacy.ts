import { callerIdentity, finding, isOf, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'security/privacy',
  title: 'Who asks not to be shown is not shown',
  area: 'security',
  purposes: ['UA-PRIV'],
  rules: {
    removed: must('RFC 3325 §7', 'with Privacy: id no P-Asserted-Identity goes to the called device', {
      gravity: 'letter',
    }),
    elsewhere: finding('RFC 3323 §5', 'with Privacy: id the number stands in neither From nor Remote-Party-ID', {
      gravity: 'harm',
      harm: 'Customers with a secret number, such as doctors or shelters, are shown to those they call.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tls'],
  seconds: 8,
  harm: 'Customers with a secret number, such as doctors or shelters, are shown to those they call.',
  advice: 'Look at whether the proxy honours the Privacy header field on calls that go to telephones.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    const call = await alice.invites(bob, {
      from: '"Anonymous" <sip:anonymous@anonymous.invalid>',
      headers: { Privacy: 'id' },
    })
    const final = await within(call.answered, 6_000)
    await within(call.hangUp(), 4_000)
    precondition(final && final.status < 300, `the anonymous call was answered ${final?.status ?? 'not at all'}`)
    const seen = bob.hears('INVITE').last
    precondition(seen, 'the called device was not rung')
    const shown = callerIdentity(seen.message)
    // Where it names nobody either, nothing of the caller is told.
    expect(
      'removed',
      shown.asserted.filter((number) => number.toLowerCase() !== 'anonymous'),
      { seen, header: 'P-Asserted-Identity' },
    ).toBeEmpty()
    const others = [...(shown.from === undefined ? [] : [shown.from]), ...shown.remoteParty]
    expect(
      'elsewhere',
      others.filter((number) => isOf(alice.account, number)),
      { seen, header: 'From' },
    ).toBeEmpty()
  },
})
