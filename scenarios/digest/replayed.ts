import { finding, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'digest/replayed-login',
  title: 'A log-in that was used once cannot be used again by somebody who read it',
  area: 'digest',
  purposes: ['DIG-REPLAY'],
  rules: {
    register: finding('RFC 7616 §5.5', 'the log-in of a REGISTER is not accepted a second time', { gravity: 'letter' }),
    call: finding('RFC 7616 §5.5', 'the log-in of an INVITE is not accepted a second time', { gravity: 'letter' }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tls'],
  seconds: 12,
  harm: 'Whoever reads one registration or call on an unencrypted line can register, or call the same number, at the customer’s expense until the nonce is too old.',
  advice: 'Let registrar and proxy keep the nonce count of each nonce, or give each nonce out for one use.',
  async run({ alice, bob, expect, random, within }) {
    await bob.registers()
    bob.rings()
    const callId = random.token(24)
    const first = await alice.asksRegistrar({
      contacts: [`<${alice.agent.contactUri}>`],
      expires: 3600,
      callId,
      cseq: 1,
    })
    const sent = first.requests.at(-1)?.headers
    const login = sent?.get('Authorization') ?? sent?.get('Proxy-Authorization')
    precondition(first.status === 200 && login, 'the registration with a log-in did not succeed')
    const asRead = { [sent?.has('Authorization') ? 'Authorization' : 'Proxy-Authorization']: login }
    const again = await alice.asksRegistrar({
      // The very same contact: one more might be refused for being one too many.
      contacts: [`<${alice.agent.contactUri}>`],
      expires: 3600,
      callId,
      cseq: 10,
      authenticate: false,
      headers: asRead,
    })
    precondition(again.final, 'the repeated log-in got no answer')
    expect('register', again.final.status, {
      seen: alice.hears(undefined, { to: 'REGISTER' }).last,
    }).toSatisfy('300 or above', (status) => status >= 300)

    const call = await alice.invites(bob)
    precondition(await bob.hears('INVITE').reaches(1, 6_000), 'a call with a log-in did not reach the called device')
    const headers = call.invite?.headers
    const name = headers?.has('Authorization') ? 'Authorization' : 'Proxy-Authorization'
    const used = headers?.get(name)
    precondition(used, 'the call needed no log-in')
    await within(call.hangUp(), 4_000)
    const rung = bob.hears('INVITE').count
    const second = await alice.invites(bob, { authenticate: false, headers: { [name]: used } })
    await within(Promise.race([second.answered, second.ringing]), 4_000)
    const reached = bob.hears('INVITE').count > rung
    await within(second.hangUp(), 4_000)
    expect('call', reached, { seen: bob.hears('INVITE').last }).toSatisfy('the called device is not rung', (is) => !is)
    await alice.clearsBindings()
  },
})
