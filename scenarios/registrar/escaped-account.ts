import { bindingOf, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'registrar/escaped-account',
  title: 'An account is the same however its address is spelled',
  area: 'registrar',
  purposes: ['REG-ESCAPED'],
  rules: {
    accepted: must(
      'RFC 3261 §10.3',
      'escaped characters in To are unescaped, parameters removed, before the account is looked up',
      { gravity: 'letter' },
    ),
    same: must('RFC 3261 §10.3', 'what was registered under one spelling of an account is found under the other', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {} },
  seconds: 4,
  fitForLoad: true,
  step: 'register',
  harm: 'An account whose address is written with escapes or parameters counts as another account. Hardly any telephone writes it so.',
  advice: 'Let the registrar undo escapes and drop URI parameters such as user=phone before it looks up the account.',
  async run({ alice, expect }) {
    const uri = alice.contactAs('spelled')
    await alice.registers({ expires: 300 })
    precondition(bindingOf(await alice.bindings(), alice.contactUri), 'the registrar does not list the new binding')
    await alice.clearsBindings()
    const asked = await alice.asksRegistrar({
      to: `<${alice.aor.replace(/^sip:([^%])/, (_all, first: string) => `sip:%${hex(first)}`)};user=phone>`,
      contacts: [`<${uri}>`],
      expires: 300,
    })
    precondition(asked.final, 'the REGISTER got no answer', 'no-answer')
    expect('accepted', asked.final.status, { seen: alice.hears(undefined, { to: 'REGISTER' }).last }).toBe(200)
    expect('same', bindingOf(await alice.bindings(), uri)?.uri ?? null, {
      seen: alice.hears(200, { to: 'REGISTER' }).last,
      header: 'Contact',
    }).toBePresent()
  },
})

const hex = (character: string) => character.charCodeAt(0).toString(16)
