import { bindingOf, must, precondition, scenario } from 'ringproof'

const EXTENSION = 'ringproof-unknown'

export default scenario({
  id: 'registrar/unknown-extension',
  title: 'A REGISTER that requires an unknown extension is refused, and the extension is named',
  area: 'registrar',
  purposes: ['REG-420'],
  rules: {
    refused: must('RFC 3261 §8.2.2.3', 'a REGISTER that requires an unknown extension is answered with 420', {
      gravity: 'letter',
      harm: 'REGISTER with an unknown extension in Require is not refused with 420.',
    }),
    named: must('RFC 3261 §8.2.2.3', 'the 420 names the unknown extension in Unsupported', {
      gravity: 'letter',
      harm: 'A refused extension is not named in Unsupported.',
    }),
    notStored: must('RFC 3261 §10.3', 'a REGISTER that requires an unknown extension changes no binding', {
      gravity: 'letter',
      harm: 'REGISTER with an unknown extension in Require is carried out.',
    }),
  },
  devices: { alice: {} },
  seconds: 3,
  fitForLoad: true,
  harm: 'The registrar ignores Require.',
  advice: 'Let the registrar, or the proxy in front of it, check Require. Telephones rarely send it.',
  async run({ alice, expect }) {
    const uri = alice.contactAs('demanding')
    await alice.registers()
    const asked = await alice.asksRegistrar({
      contacts: [`<${uri}>`],
      expires: 300,
      headers: { Require: EXTENSION },
    })
    const seen = alice.hears(undefined, { to: 'REGISTER' }).last
    precondition(asked.final, 'the REGISTER got no answer', 'no-answer')
    expect('refused', asked.final.status, { seen }).toBe(420)
    expect('named', asked.final.headers.get('Unsupported') ?? null, { seen, header: 'Unsupported' }).toContain(
      EXTENSION,
    )
    expect('notStored', bindingOf(await alice.bindings(), uri)?.uri ?? null).toBeAbsent()
  },
})
