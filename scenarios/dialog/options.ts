import { loginTaken, must, scenario, should, whereReached } from 'ringproof'

export default scenario({
  id: 'dialog/options',
  title: 'OPTIONS is answered as an INVITE would be',
  area: 'dialog',
  purposes: ['UA-OPTIONS'],
  provider: ['SC-4'],
  rules: {
    same: must('RFC 3261 §11.2', 'OPTIONS is answered as an INVITE would be', { gravity: 'letter' }),
    capabilities: whereReached(
      should('RFC 3261 §11.2', 'a 200 to OPTIONS carries Allow, Accept and Supported', {
        gravity: 'letter',
        harm: 'Telephone systems cannot find out by OPTIONS what the provider supports.',
      }),
    ),
    required: must('RFC 3261 §8.2.2.3', 'a request that requires an unknown extension is rejected with 420', {
      gravity: 'letter',
      cause: 'require-ignored',
      harm: 'Devices are told that services support an extension which they ignore.',
    }),
    named: whereReached(
      must('RFC 3261 §8.2.2.3', 'the 420 names the unknown extension in Unsupported', {
        gravity: 'letter',
        cause: 'require-ignored',
        harm: 'Devices are rejected with 420 without learning which extension is missing.',
      }),
    ),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp'],
  seconds: 20,
  fitForLoad: true,
  harm: 'Telephone systems that ask by OPTIONS whether a number can be called get the wrong answer.',
  advice:
    'Look which server answers OPTIONS for a service number: a proxy that does it by itself does not know what an INVITE would get.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    await within(call.hangUp(), 4_000)
    const uri = `sip:${services.echo}@${alice.domain}`
    const asked = await within(alice.sends('OPTIONS', uri), 6_000)
    const answer = alice.hears(undefined, { to: 'OPTIONS' }).last
    loginTaken(asked?.final)
    expect('same', asked?.status ?? 'no answer', { seen: answer }).toBe(200)
    if (asked?.status === 200) {
      const missing = ['Allow', 'Accept', 'Supported'].filter((name) => !asked.final?.headers.has(name))
      expect('capabilities', missing, { seen: answer }).toBeEmpty()
    }
    const strict = await within(alice.sends('OPTIONS', uri, { headers: { Require: 'x-ringproof-unheard-of' } }), 6_000)
    const refusal = alice.hears(undefined, { to: 'OPTIONS' }).last
    expect('required', strict?.status ?? 'no answer', { seen: refusal }).toBe(420)
    if (strict?.final?.status === 420) {
      const named = strict.final.headers.values('Unsupported')
      expect('named', named, { seen: refusal, header: 'Unsupported' }).toContain('x-ringproof-unheard-of')
    }
  },
})
