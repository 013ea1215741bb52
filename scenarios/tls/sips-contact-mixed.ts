import { must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'tls/sips-contact-mixed',
  title: 'A SIPS contact is taken only from a registration that is SIPS itself',
  area: 'tls',
  purposes: ['TLS-SIPS'],
  rules: {
    refused: must('RFC 5630 §5.2', 'a REGISTER to a SIP URI with a SIPS contact is refused with 400', {
      gravity: 'letter',
    }),
  },
  devices: { alice: { expires: 60 } },
  transports: ['tls'],
  seconds: 8,
  harm: 'A SIPS contact in a SIP registration is accepted, as by most registrars. Telephones do not send it.',
  advice: 'Let the registrar compare the schemes of Request-URI and Contact, or leave it: hardly anybody uses SIPS.',
  async run({ alice, expect, target }) {
    const domain = target.domain(alice.variant.transport)
    await alice.registers()
    const contact = alice.contactUri.replace(/^sip:/, 'sips:').replace(/;transport=tls/i, '')
    const ask = alice.composes('REGISTER', `sip:${domain}`, { contact: `<${contact}>`, headers: [['Expires', '60']] })
    const challenge = await alice.asks(ask)
    precondition(challenge && 'status' in challenge.message, 'REGISTER got no answer', 'no-answer')
    let answer: typeof challenge | undefined = challenge
    if (challenge.message.status === 401 || challenge.message.status === 407) {
      const again = alice.answersChallenge(ask, challenge.message)
      await alice.transmits(again)
      const answers = alice.hears(undefined, { callId: ask.callId, cseq: again.cseq.number })
      answer = await answers.next(4_000)
    }
    precondition(answer && 'status' in answer.message, 'REGISTER with credentials got no answer', 'no-answer')
    expect('refused', answer.message.status, { seen: answer }).toBe(400)
  },
})
