import { bindingOf, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'digest/wrong-password',
  title: 'A wrong password registers nothing and rings nobody',
  area: 'digest',
  purposes: ['DIG-BADPW'],
  rules: {
    register: promised('security', 'a REGISTER with a wrong password is refused', {
      gravity: 'exposure',
      cause: 'any-password',
      harm: 'REGISTER with a wrong password is accepted: anybody can take over a customer’s calls.',
    }),
    unchanged: promised('security', 'a REGISTER with a wrong password makes no binding', {
      gravity: 'exposure',
      cause: 'any-password',
      harm: 'REGISTER with a wrong password makes a binding: anybody can take over a customer’s calls.',
    }),
    call: promised('security', 'an INVITE with a wrong password is refused', {
      gravity: 'exposure',
      cause: 'any-password',
      harm: 'INVITE with a wrong password is accepted: anybody can call at a customer’s expense.',
    }),
    silent: promised('security', 'an INVITE with a wrong password does not ring the called device', {
      gravity: 'exposure',
      cause: 'any-password',
      harm: 'INVITE with a wrong password rings the callee: anybody can call at a customer’s expense.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tls'],
  seconds: 12,
  reliesOn: 'call',
  step: 'register',
  provokesBans: true,
  harm: 'Wrong passwords are accepted: anybody can use any account.',
  advice:
    'Take the server off the network and look at how it checks passwords. FreeSWITCH: accept-blind-reg and accept-blind-auth must be off. Then look for registrations and calls that were made this way.',
  async run({ alice, bob, expect, within }) {
    await bob.registers()
    // The account is there and its own password is right: what is refused is the wrong one.
    await alice.registers()
    const usual = await alice.tries(bob)
    await within(usual.call.hangUp(), 4_000)
    precondition(usual.arrived, 'a call with the right password did not arrive either', 'call-not-arrived')
    const rung = bob.hears('INVITE').count
    const uri = alice.contactAs('burglar')
    const credentials = {
      user: alice.account.authUser ?? alice.account.user,
      password: `not ${alice.account.password}`,
    }
    const asked = await alice.asksRegistrar({ contacts: [`<${uri}>`], expires: 3600, credentials })
    precondition(asked.final, 'the REGISTER got no answer: banned already?', 'no-answer')
    precondition(asked.final.status !== 503, 'REGISTER was answered 503, which says nothing about the password')
    expect('register', asked.final.status, {
      seen: alice.hears(undefined, { to: 'REGISTER' }).last,
    }).toSatisfy('300 or above', (status) => status >= 300)
    expect('unchanged', bindingOf(await alice.bindings(), uri)?.uri ?? null).toBeAbsent()
    const call = await alice.invites(bob, { credentials, media: false })
    const final = await within(call.answered, 6_000)
    precondition(final, 'the INVITE got no answer: banned already?', 'no-answer')
    // Some access networks trust the registered flow: then no password was looked at.
    precondition(call.exchange.challenges.length > 0 || final.status >= 300, 'INVITE was not challenged')
    expect('call', final.status, { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toSatisfy(
      '300 or above',
      (status) => status >= 300,
    )
    expect('silent', bob.hears('INVITE').count - rung).toBe(0, 'INVITE at the called device')
    await within(call.hangUp(), 4_000)
  },
})
