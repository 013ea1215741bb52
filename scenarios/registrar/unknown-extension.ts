import { bindingOf, must, precondition, scenario } from 'ringproof'

const EXTENSION = 'ringproof-unknown'

export default scenario({
  id: 'registrar/unknown-extension',
  title: 'A registration that requires an extension nobody knows is refused, and the extension is named',
  area: 'registrar',
  purposes: ['REG-420'],
  rules: {
    refused: must('RFC 3261 §8.2.2.3', 'a REGISTER that requires an unknown extension is answered with 420', {
      gravity: 'letter',
    }),
    named: must('RFC 3261 §8.2.2.3', 'the 420 names the unknown extension in Unsupported', {
      gravity: 'harm',
      harm: 'Devices are refused without learning which extension is missing.',
    }),
    notStored: must('RFC 3261 §10.3', 'a REGISTER that requires an unknown extension changes no binding', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {} },
  seconds: 3,
  harm: 'Devices believe that the provider does something for them that it does not, such as keeping their connection alive.',
  advice: 'Look at whether the registrar, or a proxy in front of it, reads Require.',
  async run({ alice, expect }) {
    const uri = alice.contactAs('demanding')
    await alice.registers()
    const asked = await alice.asksRegistrar({
      contacts: [`<${uri}>`],
      expires: 300,
      headers: { Require: EXTENSION },
    })
    const seen = alice.hears(undefined, { to: 'REGISTER' }).last
    precondition(asked.final, 'the request got no answer')
    expect('refused', asked.final.status, { seen }).toBe(420)
    expect('named', asked.final.headers.get('Unsupported'), { seen, header: 'Unsupported' }).toContain(EXTENSION)
    expect('notStored', bindingOf(await alice.bindings(), uri)?.uri).toBeAbsent()
    if (asked.final.status < 300) await alice.clearsBindings()
  },
})
