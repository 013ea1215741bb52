import { type Device, inconclusive, must, scenario, should, type SipSighting, whereReached } from 'ringproof'

export default scenario({
  id: 'digest/challenge',
  title: 'Who sends no log-in is asked for one in a way that devices understand',
  area: 'digest',
  purposes: ['DIG-CHAL'],
  rules: {
    registerAsked: should('RFC 3261 §10.3', 'the registrar asks who is registering', {
      gravity: 'harm',
      harm: 'Anybody can take the calls of others, unless the provider knows its devices by something else than a log-in.',
    }),
    unauthorized: whereReached(must('RFC 3261 §22.2', 'a 401 carries WWW-Authenticate', { gravity: 'letter' })),
    proxyAuthentication: whereReached(
      must('RFC 3261 §22.3', 'a 407 carries Proxy-Authenticate', { gravity: 'letter' }),
    ),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 6,
  harm: 'Devices find no question that they could answer: they cannot register, or cannot call.',
  advice: 'Look at the 401 and 407 in the ladder: which of the two header fields they carry, and who made them.',
  async run({ alice, bob, expect, within }) {
    await bob.registers()
    const holdAgainst = (device: Device, method: string) => {
      const seen = device.hears(undefined, { to: method, where: isChallenge }).last
      if (seen?.message.kind !== 'response') return
      const { status, headers } = seen.message
      if (status === 401) expect('unauthorized', headers.get('WWW-Authenticate'), { seen }).toBePresent()
      else expect('proxyAuthentication', headers.get('Proxy-Authenticate'), { seen }).toBePresent()
    }
    const asked = await alice.asksRegistrar({
      contacts: [`<${alice.agent.contactUri}>`],
      expires: 300,
      authenticate: false,
    })
    if (!asked.final) inconclusive('the registration got no answer')
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
