import { callerIdentity, isOf, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'services/caller-id',
  title: 'The code for number transfer hides the caller’s number, and shows it again',
  area: 'services',
  purposes: ['SC-7'],
  provider: ['SC-7'],
  rules: {
    answered: promised('SC-7', 'the code for number transfer is answered', {
      gravity: 'harm',
      harm: 'Customers cannot hide or show their number: the code reaches nothing.',
    }),
    changed: promised(
      'SC-7',
      'dialling the code once shows the number where it was hidden, or hides it where it was shown',
      { gravity: 'letter' },
    ),
    back: promised('SC-7', 'dialling the code again puts number transfer back as before', { gravity: 'letter' }),
  },
  devices: { alice: {}, bob: {} },
  needs: ['codes:callerId'],
  seconds: 36,
  harm: 'Customers who believe their number hidden are shown to whom they call.',
  advice: 'Look at From, P-Asserted-Identity and Remote-Party-ID of the INVITE at the called device.',
  async run({ alice, bob, services, expect, within }) {
    const code = services.codes.callerId ?? ''
    await alice.registers()
    await bob.registers()
    const isShown = async () => {
      const call = await alice.invites(bob)
      const reached = await bob.hears('INVITE', { since: call.exchange.startedAt }).reaches(1, 6_000)
      await within(call.answered, 2_000)
      await within(call.hangUp(), 4_000)
      precondition(reached, 'the called device was not rung')
      const seen = bob.hears('INVITE').last
      const { from, asserted, remoteParty } = callerIdentity(seen?.message ?? alice.composes('INVITE', alice.aor))
      const numbers = [...(from === undefined ? [] : [from]), ...asserted, ...remoteParty]
      return { seen, is: numbers.some((number) => isOf(alice.account, number)) }
    }
    const before = await isShown()
    const first = await alice.switches(code)
    expect('answered', first.final?.status, { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toSatisfy(
      'a 2xx',
      (status) => status !== undefined && status < 300,
    )
    const after = await isShown()
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
