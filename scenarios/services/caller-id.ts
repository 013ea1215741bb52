import { callerIdentity, isOf, precondition, promised, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'services/caller-id',
  title: "The code for caller ID hides the caller's number, and shows it again",
  area: 'services',
  purposes: ['SC-7'],
  provider: ['SC-7'],
  rules: {
    answered: promised('SC-7', 'the code for caller ID is accepted', {
      gravity: 'harm',
      cause: 'service-not-reachable',
      harm: 'Customers cannot hide or show their number by code: the code is rejected.',
    }),
    changed: whereReached(
      promised('SC-7', 'dialling the code once shows the number where it was hidden, or hides it where it was shown', {
        gravity: 'exposure',
        cause: 'code-without-effect',
        follows: ['privacy-broken'],
        harm: 'The code for caller ID has no effect: customers who hide their number are shown.',
      }),
    ),
    back: whereReached(
      promised('SC-7', 'dialling the code again puts caller ID back as before', {
        gravity: 'harm',
        cause: 'code-without-effect',
        follows: ['privacy-broken'],
        harm: 'The code for caller ID cannot be switched back.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'call',
  needs: ['codes:callerId'],
  seconds: 36,
  harm: 'Customers cannot hide or show their number by code.',
  advice:
    'Look whether the code was accepted, and at From, P-Asserted-Identity and Remote-Party-ID of the INVITE at the called device.',
  async run({ alice, bob, services, expect, within }) {
    const code = services.codes.callerId ?? ''
    await alice.registers()
    await bob.registers()
    const isShown = async () => {
      const call = await alice.invites(bob)
      const reached = await bob.hears('INVITE', { since: call.exchange.startedAt }).reaches(1, 6_000)
      await within(call.answered, 2_000)
      await within(call.hangUp(), 4_000)
      precondition(reached, 'the call did not arrive at the called device', 'call-not-arrived')
      const seen = bob.hears('INVITE').last
      const { from, asserted, remoteParty } = callerIdentity(seen?.message ?? alice.composes('INVITE', alice.aor))
      const numbers = [...(from === undefined ? [] : [from]), ...asserted, ...remoteParty]
      return { seen, is: numbers.some((number) => isOf(alice.account, number)) }
    }
    const before = await isShown()
    const first = await alice.switches(code)
    const answer = alice.hears(undefined, { to: 'INVITE' }).last
    const accepted = first.final !== undefined && first.final.status < 300
    const after = await isShown()
    // Some codes are confirmed in early media and then end with a failure.
    const works = accepted || after.is !== before.is
    if (!expect('answered', first.final?.status ?? 'no answer', { seen: answer }).toSatisfy('a 2xx', () => works))
      return
    expect('changed', after.is ? 'shown' : 'hidden', { seen: after.seen, header: 'From' }).toBe(
      before.is ? 'hidden' : 'shown',
    )
    await alice.switches(code)
    const again = await isShown()
    expect('back', again.is ? 'shown' : 'hidden', { seen: again.seen, header: 'From' }).toBe(
      before.is ? 'shown' : 'hidden',
    )
  },
})
