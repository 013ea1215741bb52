import { finding, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'digest/replayed-login',
  title: 'Credentials that were used once are not accepted again',
  area: 'digest',
  purposes: ['DIG-REPLAY'],
  rules: {
    register: finding('RFC 7616 §5.5', 'the credentials of a REGISTER are not accepted a second time', {
      gravity: 'exposure',
      follows: ['qop-missing'],
      harm: 'A recorded REGISTER can be replayed. Whoever reads it can take over the customer’s calls.',
    }),
    call: finding('RFC 7616 §5.5', 'the credentials of an INVITE are not accepted a second time', {
      gravity: 'exposure',
      follows: ['qop-missing'],
      harm: 'A recorded INVITE can be replayed. Whoever reads it can call the same number at the customer’s expense.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tls'],
  seconds: 12,
  reliesOn: 'call',
  provokesBans: true,
  harm: 'Recorded credentials can be replayed until the nonce expires.',
  advice:
    'Let registrar and proxy check the nonce count, or give each nonce out for one use. Kamailio: nonce_count (off by default, needs qop) or one_time_nonce.',
  async run({ alice, bob, expect, random, within }) {
    await bob.registers()
    bob.rings()
    const callId = random.token(24)
    const first = await alice.asksRegistrar({
      contacts: [`<${alice.contactUri}>`],
      expires: 3600,
      callId,
      cseq: 1,
    })
    const sent = first.requests.at(-1)?.headers
    const login = sent?.get('Authorization') ?? sent?.get('Proxy-Authorization')
    precondition(
      first.status === 200 && login,
      `REGISTER was answered with ${first.status ?? 'nothing'}`,
      'login-refused',
    )
    const asRead = { [sent?.has('Authorization') ? 'Authorization' : 'Proxy-Authorization']: login }
    const again = await alice.asksRegistrar({
      // The very same contact: one more might be refused for being one too many.
      contacts: [`<${alice.contactUri}>`],
      expires: 3600,
      callId,
      cseq: 10,
      authenticate: false,
      headers: asRead,
    })
    precondition(again.final, 'the replayed REGISTER got no answer', 'no-answer')
    expect('register', again.final.status, {
      seen: alice.hears(undefined, { to: 'REGISTER' }).last,
    }).toSatisfy('300 or above', (status) => status >= 300)

    const call = await alice.invites(bob)
    precondition(
      await bob.hears('INVITE').reaches(1, 6_000),
      'the call with credentials did not arrive',
      'call-not-arrived',
    )
    const headers = call.invite?.headers
    const name = headers?.has('Authorization') ? 'Authorization' : 'Proxy-Authorization'
    const used = headers?.get(name)
    precondition(used, 'INVITE was not challenged')
    await within(call.hangUp(), 4_000)
    const rung = bob.hears('INVITE').count
    const second = await alice.invites(bob, { authenticate: false, headers: { [name]: used } })
    await within(Promise.race([second.answered, second.ringing]), 4_000)
    const reached = bob.hears('INVITE').count > rung
    await within(second.hangUp(), 4_000)
    expect('call', reached, { seen: bob.hears('INVITE').last }).toSatisfy('the called device is not rung', (is) => !is)
  },
})
