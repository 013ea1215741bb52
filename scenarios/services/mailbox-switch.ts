import { loginTaken, precondition, promised, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'services/mailbox-switch',
  title: 'The code for the mailbox switches it on and off',
  area: 'services',
  purposes: ['SC-8'],
  provider: ['SC-8'],
  rules: {
    answered: promised('SC-8', 'the code for the mailbox is accepted', {
      gravity: 'harm',
      cause: 'service-not-reachable',
      harm: 'Customers cannot switch their mailbox: the code is rejected.',
    }),
    changed: whereReached(
      promised('SC-8', 'dialling the code once lets the mailbox take calls where it did not, or the other way round', {
        gravity: 'harm',
        cause: 'code-without-effect',
        harm: 'The code for the mailbox has no effect: callers reach a mailbox that is switched off, or nobody.',
      }),
    ),
    back: whereReached(
      promised('SC-8', 'dialling the code again puts the mailbox back as before', {
        gravity: 'harm',
        cause: 'code-without-effect',
        follows: ['code-forgotten'],
        harm: 'The mailbox cannot be switched back by its code.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  needs: ['codes:mailbox'],
  seconds: 38,
  harm: 'The mailbox cannot be switched on and off.',
  advice: 'Look whether the code was accepted, whose account it acted on, and who took the next call.',
  async run({ alice, bob, services, expect, within }) {
    const code = services.codes.mailbox ?? ''
    await alice.registers()
    const isTaken = async () => {
      const call = await alice.invites(bob, { reliableProvisionals: 'no' })
      const final = await within(call.answered, 5_000)
      loginTaken(final)
      await within(call.hangUp(), 4_000)
      // A mailbox may let it ring for 15 to 25 seconds first: that long nothing is proved.
      if (final === undefined) return 'still ringing'
      return final.status < 300 ? 'taken' : 'not taken'
    }
    const dials = async () => {
      await bob.registers()
      const call = await bob.switches(code)
      await bob.unregisters()
      return call.final?.status
    }
    const before = await isTaken()
    const status = await dials()
    const answer = bob.hears(undefined, { to: 'INVITE' }).last
    const after = await isTaken()
    // Some codes are confirmed in early media and then end with a failure.
    precondition(
      before !== after || before !== 'still ringing',
      'the call still rang after 5 s, both times: the mailbox may take it later',
      'no-answer',
    )
    const works = (status !== undefined && status < 300) || after !== before
    if (!expect('answered', status ?? 'no answer', { seen: answer }).toSatisfy('a 2xx', () => works)) return
    expect('changed', after, { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toSatisfy(
      before === 'taken' ? 'not taken' : 'taken',
      () => (after === 'taken') !== (before === 'taken'),
    )
    await dials()
    expect('back', await isTaken(), { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toBe(before)
  },
})
