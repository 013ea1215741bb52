import { bindingOf, loginTaken, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'registrar/old-cseq',
  title: 'A REGISTER that was overtaken by a later one of the same device changes nothing',
  area: 'registrar',
  purposes: ['REG-CSEQ'],
  rules: {
    refused: must('RFC 3261 §10.3', 'a REGISTER with the Call-ID of the binding and a lower CSeq number fails', {
      gravity: 'letter',
      harm: 'A REGISTER that arrives late is not refused.',
    }),
    kept: must('RFC 3261 §10.3', 'a binding stays as the later request left it when an earlier one comes late', {
      gravity: 'letter',
      // The request that comes late is a log-off.
      follows: ['unregister-removes-others'],
      harm: 'A REGISTER that arrives late undoes a later one. Networks rarely deliver them so far out of order.',
    }),
  },
  devices: { alice: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 4,
  fitForLoad: true,
  harm: 'A REGISTER that arrives late undoes a later one.',
  advice: 'Let the registrar keep Call-ID and CSeq with each binding and compare them.',
  async run({ alice, expect, random }) {
    const uri = alice.contactAs('ordered')
    const contacts = [`<${uri}>`]
    const callId = random.token(24)
    const made = await alice.asksRegistrar({ contacts, expires: 300, callId, cseq: 500 })
    precondition(made.status === 200, `the first contact was answered with ${made.status ?? 'nothing'}`)
    precondition(bindingOf(await alice.bindings(), uri), 'the registrar does not list the new binding')
    // Written before, arrived after: a log-off.
    const late = await alice.asksRegistrar({ contacts, expires: 0, callId, cseq: 100 })
    const seen = alice.hears(undefined, { to: 'REGISTER', callId }).last
    precondition(late.final, 'the late REGISTER got no answer', 'no-answer')
    loginTaken(late.final)
    expect('refused', late.final.status, { seen }).toSatisfy('300 or above', (status) => status >= 300)
    expect('kept', bindingOf(await alice.bindings(), uri)?.uri ?? null, { seen }).toBePresent()
  },
})
