import { precondition, promised, finding, scenario } from 'ringproof'

export default scenario({
  id: 'digest/invented-nonce',
  title: 'A log-in made over a nonce that the provider never gave out is not good',
  area: 'digest',
  purposes: ['DIG-STALE'],
  rules: {
    refused: promised('security', 'a nonce of the device’s own invention does not log it in', { gravity: 'letter' }),
    askedAgain: finding('RFC 7616 §3.3', 'a nonce that is not known is answered with a new challenge', {
      gravity: 'harm',
      harm: 'After a restart of the registrar, telephones that use their last nonce give up.',
    }),
  },
  devices: { alice: {} },
  transports: ['udp', 'tls'],
  seconds: 4,
  harm: 'A log-in that was computed in advance, or read on another network, can be used at any time. Where no new challenge comes: after a restart of the registrar, telephones that use their last nonce give up.',
  advice: 'Look at how the registrar knows its own nonces again: a signature or a list.',
  async run({ alice, expect, random }) {
    // Made over the nonce that it was given, the log-in is good.
    await alice.registers()
    // An hour, which is never too brief: a refusal is one of the log-in.
    const contacts = [`<${alice.agent.contactUri}>`]
    const callId = random.token(24)
    const asked = await alice.asksRegistrar({ contacts, expires: 3600, callId, cseq: 1, authenticate: false })
    const [request] = asked.requests
    precondition(
      request && asked.final && [401, 407].includes(asked.final.status),
      'the registration was not challenged',
    )
    const headers = alice.credentialsFor(request, asked.final, { nonce: random.token(32) })
    const tried = await alice.asksRegistrar({ contacts, expires: 3600, callId, cseq: 2, authenticate: false, headers })
    precondition(tried.final, 'the log-in got no answer')
    const seen = alice.hears(undefined, { to: 'REGISTER' }).last
    expect('refused', tried.final.status, { seen }).toSatisfy('300 or above', (status) => status >= 300)
    expect('askedAgain', tried.final.status, { seen }).toBeOneOf([401, 407])
    if (tried.final.status < 300) await alice.clearsBindings()
  },
})
