import { finding, precondition, promised, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'digest/invented-nonce',
  title: 'Credentials made over a nonce that the provider never gave out are challenged anew',
  area: 'digest',
  purposes: ['DIG-STALE'],
  rules: {
    refused: promised('security', 'a nonce of the device’s own invention does not log it in', {
      gravity: 'exposure',
      harm: 'Credentials that were recorded once, anywhere, can be used at any time: any nonce is accepted.',
    }),
    askedAgain: whereReached(
      finding('RFC 7616 §3.3', 'a nonce that is not known is answered with a new challenge', {
        gravity: 'harm',
        follows: ['not-back-after-restart'],
        harm: 'An unknown nonce is refused without a new challenge. After a restart of the registrar telephones give up.',
      }),
    ),
  },
  devices: { alice: {} },
  transports: ['udp', 'tls'],
  seconds: 4,
  step: 'register',
  provokesBans: true,
  harm: 'Unknown nonces are not treated as they should be.',
  advice: 'Let the registrar recognise its own nonces, by a signature or a list, and challenge anew where it does not.',
  async run({ alice, expect, random }) {
    // Made over the nonce that it was given, the log-in is good.
    await alice.registers()
    // An hour, which is never too brief: a refusal is one of the log-in.
    const contacts = [`<${alice.contactUri}>`]
    const callId = random.token(24)
    const asked = await alice.asksRegistrar({ contacts, expires: 3600, callId, cseq: 1, authenticate: false })
    const [request] = asked.requests
    precondition(request && asked.final && [401, 407].includes(asked.final.status), 'REGISTER was not challenged')
    const headers = alice.credentialsFor(request, asked.final, { nonce: random.token(32) })
    const tried = await alice.asksRegistrar({ contacts, expires: 3600, callId, cseq: 2, authenticate: false, headers })
    precondition(tried.final, 'the REGISTER with credentials got no answer', 'no-answer')
    const seen = alice.hears(undefined, { to: 'REGISTER' }).last
    if (expect('refused', tried.final.status, { seen }).toSatisfy('300 or above', (status) => status >= 300))
      expect('askedAgain', tried.final.status, { seen }).toBeOneOf([401, 407])
  },
})
