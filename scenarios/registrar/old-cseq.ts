import { bindingOf, loginTaken, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'registrar/old-cseq',
  title: 'A registration that was overtaken by a later one of the same device does not undo it',
  area: 'registrar',
  purposes: ['REG-CSEQ'],
  rules: {
    refused: must('RFC 3261 §10.3', 'a REGISTER with the Call-ID of the binding and a lower CSeq number fails', {
      gravity: 'letter',
    }),
    kept: must('RFC 3261 §10.3', 'a binding stays as the later request left it when an earlier one comes late', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 4,
  harm: 'A packet that comes late, or is sent again by somebody on the way, logs the telephone off: it is not called any more until its next registration.',
  advice: 'Look at whether the registrar keeps Call-ID and CSeq of each binding and compares them.',
  async run({ alice, expect, random }) {
    const uri = alice.contactAs('ordered')
    const contacts = [`<${uri}>`]
    const callId = random.token(24)
    const made = await alice.asksRegistrar({ contacts, expires: 300, callId, cseq: 500 })
    precondition(made.status === 200, `the contact was not taken: ${made.status}`)
    precondition(bindingOf(await alice.bindings(), uri), 'the registrar does not list the binding that it has made')
    // Written before, arrived after: a log-off.
    const late = await alice.asksRegistrar({ contacts, expires: 0, callId, cseq: 100 })
    const seen = alice.hears(undefined, { to: 'REGISTER', callId }).last
    precondition(late.final, 'the late request got no answer')
    loginTaken(late.final)
    expect('refused', late.final.status, { seen }).toSatisfy('300 or above', (status) => status >= 300)
    expect('kept', bindingOf(await alice.bindings(), uri)?.uri, { seen }).toBePresent()
    await alice.clearsBindings()
  },
})
