import { loginTaken, must, precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'registrar/foreign-domain',
  title: 'An address of another domain is not registered',
  area: 'registrar',
  purposes: ['REG-404'],
  rules: {
    refused: must('RFC 3261 §10.3', 'an address that is not of the registrar’s domain is not registered', {
      gravity: 'letter',
      harm: 'REGISTER for an address of another domain is answered with success. The domain in To is not compared.',
    }),
    told: should('RFC 3261 §10.3', 'a registration for a foreign domain is answered 404, or 403', {
      gravity: 'letter',
      harm: 'REGISTER for an address of another domain is answered neither 404 nor 403.',
    }),
  },
  devices: { alice: {} },
  seconds: 3,
  provokesBans: true,
  harm: 'REGISTER for an address of another domain is not refused as it should be.',
  advice:
    'Let the registrar compare the domain of To with its own. FreeSWITCH ignores it where force-register-domain is set; Kamailio: compare $td with your domains before save().',
  async run({ alice, expect }) {
    const user = alice.account.user
    // The log-in is right: else it would be refused whatever the domain.
    await alice.registers()
    const asked = await alice.asksRegistrar({
      to: `<sip:${user}@elsewhere.invalid>`,
      contacts: [`<${alice.contactUri}>`],
      expires: 300,
    })
    loginTaken(asked.final)
    const seen = alice.hears(undefined, { to: 'REGISTER' }).last
    precondition(asked.final, 'the REGISTER got no answer', 'no-answer')
    expect('refused', asked.final.status, { seen }).toSatisfy('300 or above', (status) => status >= 300)
    expect('told', asked.final.status, { seen }).toBeOneOf([403, 404])
  },
})
