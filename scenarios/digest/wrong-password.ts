import { bindingOf, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'digest/wrong-password',
  title: 'A wrong password registers nothing and rings nobody',
  area: 'digest',
  purposes: ['DIG-BADPW'],
  rules: {
    register: promised('security', 'a REGISTER with a wrong password is refused', {
      gravity: 'harm',
      harm: 'Anybody who knows a number can take its owner’s calls.',
    }),
    unchanged: promised('security', 'a REGISTER with a wrong password makes no binding', {
      gravity: 'harm',
      harm: 'Anybody who knows a number can take its owner’s calls.',
    }),
    call: promised('security', 'an INVITE with a wrong password is refused', {
      gravity: 'harm',
      harm: 'Anybody who knows a number can make calls at its owner’s expense.',
    }),
    silent: promised('security', 'an INVITE with a wrong password does not ring the called device', {
      gravity: 'harm',
      harm: 'Anybody who knows a number can make calls at its owner’s expense.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tls'],
  seconds: 12,
  provokesBans: true,
  harm: 'Anybody who knows a number can make calls at its owner’s expense, and take the owner’s calls.',
  advice: 'Stop: take the registrar off the network and look at how it checks passwords.',
  async run({ alice, bob, expect, within }) {
    await bob.registers()
    // The account is there and its own password is right: what is refused is the wrong one.
    await alice.registers()
    const usual = await alice.tries(bob)
    await within(usual.call.hangUp(), 4_000)
    precondition(usual.arrived, 'a call with the right password did not arrive either')
    const rung = bob.hears('INVITE').count
    const uri = alice.contactAs('burglar')
    const credentials = {
      user: alice.account.authUser ?? alice.account.user,
      password: `not ${alice.account.password}`,
    }
    const asked = await alice.asksRegistrar({ contacts: [`<${uri}>`], expires: 3600, credentials })
    precondition(asked.final, 'the registration got no answer: banned already?')
    precondition(asked.final.status !== 503, 'the registration was answered 503, which says nothing of the log-in')
    expect('register', asked.final.status, {
      seen: alice.hears(undefined, { to: 'REGISTER' }).last,
    }).toSatisfy('300 or above', (status) => status >= 300)
    const call = await alice.invites(bob, { credentials, media: false })
    const final = await within(call.answered, 6_000)
    precondition(final, 'the call got no answer: banned already?')
    expect('call', final.status, { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toSatisfy(
      '300 or above',
      (status) => status >= 300,
    )
    expect('silent', bob.hears('INVITE').count - rung).toBe(0)
    await within(call.hangUp(), 4_000)
    expect('unchanged', bindingOf(await alice.bindings(), uri)?.uri).toBeAbsent()
    if (asked.final.status < 300) await alice.clearsBindings()
  },
})
