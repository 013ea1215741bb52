import { type Device, inconclusive, must, scenario, should, type SipSighting, whereReached } from 'ringproof'

export default scenario({
  id: 'digest/challenge',
  title: 'Requests without credentials are challenged, with the header field that fits the status',
  area: 'digest',
  purposes: ['DIG-CHAL'],
  rules: {
    registerAsked: should('RFC 3261 §10.3', 'the registrar challenges a REGISTER without credentials', {
      gravity: 'exposure',
      harm: 'REGISTER without credentials is not challenged. Unless devices are known otherwise, anybody can take over calls.',
    }),
    unauthorized: whereReached(
      must('RFC 3261 §22.2', 'a 401 carries WWW-Authenticate', {
        gravity: 'outage',
        cause: 'challenge-malformed',
        harm: 'Challenges (401) come without WWW-Authenticate: telephones cannot log in.',
      }),
    ),
    proxyAuthentication: whereReached(
      must('RFC 3261 §22.3', 'a 407 carries Proxy-Authenticate', {
        gravity: 'outage',
        cause: 'challenge-malformed',
        harm: 'Challenges (407) come without Proxy-Authenticate: telephones cannot log in.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 6,
  fitForLoad: true,
  step: 'register',
  harm: 'Challenges are not as telephones need them.',
  advice:
    'Look at the 401 and 407 in the ladder, and at which server wrote them. Kamailio: auth_challenge() sends 401 to REGISTER and 407 to all else, with the right header field.',
  async run({ alice, bob, expect, within }) {
    await bob.registers()
    const holdAgainst = (device: Device, method: string) => {
      const seen = device.hears(undefined, { to: method, where: isChallenge }).last
      if (seen?.message.kind !== 'response') return
      const { status, headers } = seen.message
      if (status === 401) expect('unauthorized', headers.get('WWW-Authenticate') ?? null, { seen }).toBePresent()
      else expect('proxyAuthentication', headers.get('Proxy-Authenticate') ?? null, { seen }).toBePresent()
    }
    const asked = await alice.asksRegistrar({
      contacts: [`<${alice.contactUri}>`],
      expires: 300,
      authenticate: false,
    })
    if (!asked.final) inconclusive('the REGISTER got no answer', 'no-answer')
    const seen = alice.hears(undefined, { to: 'REGISTER' }).last
    expect('registerAsked', asked.final.status, { seen }).toBeOneOf([401, 407])
    holdAgainst(alice, 'REGISTER')
    const call = await alice.invites(bob, { authenticate: false, media: false })
    await within(call.answered, 6_000)
    holdAgainst(alice, 'INVITE')
    await within(call.hangUp(), 4_000)
  },
})

const isChallenge = ({ message }: SipSighting) =>
  message.kind === 'response' && (message.status === 401 || message.status === 407)
