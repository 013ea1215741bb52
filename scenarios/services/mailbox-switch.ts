import { loginTaken, promised, scenario } from 'ringproof'

export default scenario({
  id: 'services/mailbox-switch',
  title: 'The code for the mailbox lets it take calls that nobody answers, or no longer',
  area: 'services',
  purposes: ['SC-8'],
  provider: ['SC-8'],
  rules: {
    changed: promised(
      'SC-8',
      'dialling the code once lets the mailbox take calls where it did not, or the other way round',
      { gravity: 'letter' },
    ),
    back: promised('SC-8', 'dialling the code again puts the mailbox back as before', { gravity: 'letter' }),
  },
  devices: { alice: {}, bob: {} },
  needs: ['codes:mailbox'],
  seconds: 38,
  harm: 'Callers talk to a mailbox that was switched off, or to nobody.',
  advice:
    'Look at what became of the calls in the ladder, and whether the code reached the account of the connection that dialled it.',
  async run({ alice, bob, services, expect, within }) {
    const code = services.codes.mailbox ?? ''
    await alice.registers()
    const isTaken = async () => {
      const call = await alice.invites(bob, { reliableProvisionals: 'no' })
      const final = await within(call.answered, 5_000)
      loginTaken(final)
      await within(call.hangUp(), 4_000)
      return final !== undefined && final.status < 300 ? 'taken' : 'not taken'
    }
    const dials = async () => {
      await bob.registers()
      await bob.switches(code)
      await bob.agent.unregister()
    }
    const before = await isTaken()
    await dials()
    expect('changed', await isTaken(), { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toBe(
      before === 'taken' ? 'not taken' : 'taken',
    )
    await dials()
    expect('back', await isTaken(), { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toBe(before)
  },
})
