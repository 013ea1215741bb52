import { must, precondition, scenario, should, whereReached } from 'ringproof'

export default scenario({
  id: 'dialog/options',
  title: 'OPTIONS tells what a call would meet',
  area: 'dialog',
  purposes: ['UA-OPTIONS'],
  provider: ['SC-4'],
  rules: {
    same: must('RFC 3261 §11.2', 'OPTIONS is answered as an INVITE would be', { gravity: 'letter' }),
    capabilities: whereReached(
      should('RFC 3261 §11.2', 'a 200 to OPTIONS says what is allowed, accepted and supported', {
        gravity: 'harm',
        harm: 'Telephone systems cannot find out from the provider what it supports.',
      }),
    ),
    required: must('RFC 3261 §8.2.2.3', 'an OPTIONS that requires an unknown extension is refused with 420', {
      gravity: 'harm',
      harm: 'Devices believe that the provider supports an extension that it ignores.',
    }),
    named: whereReached(
      must('RFC 3261 §8.2.2.3', 'the 420 names the unknown extension in Unsupported', {
        gravity: 'harm',
        harm: 'Devices are refused without learning which extension is missing.',
      }),
    ),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp'],
  seconds: 20,
  harm: 'Telephone systems that look in this way whether the provider is there take it for dead and route calls elsewhere.',
  advice: 'Look at who answers OPTIONS for a service number: a proxy that does it by itself does not know.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    await within(call.hangUp(), 4_000)
    const uri = `sip:${services.echo}@${alice.agent.account.domain}`
    const asked = await within(alice.sends('OPTIONS', uri), 6_000)
    const answer = alice.hears(undefined, { to: 'OPTIONS' }).last
    precondition(asked?.status !== 401 && asked?.status !== 407, 'OPTIONS was not let in')
    expect('same', asked?.status, { seen: answer }).toBe(200)
    if (asked?.status === 200) {
      const missing = ['Allow', 'Accept', 'Supported'].filter((name) => !asked.final?.headers.has(name))
      expect('capabilities', missing, { seen: answer }).toBeEmpty()
    }
    const strict = await within(alice.sends('OPTIONS', uri, { headers: { Require: 'x-ringproof-unheard-of' } }), 6_000)
    const refusal = alice.hears(undefined, { to: 'OPTIONS' }).last
    expect('required', strict?.status, { seen: refusal }).toBe(420)
    if (strict?.final?.status === 420) {
      const named = strict.final.headers.values('Unsupported')
      expect('named', named, { seen: refusal, header: 'Unsupported' }).toContain('x-ringproof-unheard-of')
    }
  },
})
