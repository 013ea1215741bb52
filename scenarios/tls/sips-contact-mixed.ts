import { must, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'tls/sips-contact-mixed',
  title: 'A SIPS contact is taken only from a registration that is SIPS itself',
  area: 'tls',
  purposes: ['TLS-SIPS'],
  rules: {
    refused: must('RFC 5630 §5.2', 'a REGISTER to a SIP URI with a SIPS contact is refused', {
      gravity: 'letter',
    }),
    status: whereReached(
      must('RFC 5630 §5.2', 'a REGISTER to a SIP URI with a SIPS contact is refused with 400', {
        gravity: 'letter',
        harm: 'A SIPS contact in a SIP registration is refused with another status than 400.',
      }),
    ),
  },
  devices: { alice: {} },
  transports: ['tls'],
  seconds: 8,
  harm: 'A SIPS contact in a SIP registration is accepted, as by most registrars. Telephones do not send it.',
  advice: 'Let the registrar compare the schemes of Request-URI and Contact, or leave it: hardly anybody uses SIPS.',
  async run({ alice, expect, target }) {
    const domain = target.domain(alice.variant.transport)
    await alice.registers()
    const contact = alice.contactUri.replace(/^sip:/, 'sips:').replace(/;transport=tls/i, '')
    const ask = alice.composes('REGISTER', `sip:${domain}`, { contact: `<${contact}>`, headers: [['Expires', '3600']] })
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
    const { status } = answer.message
    precondition(![401, 407, 423, 503].includes(status), `REGISTER was answered with ${status}`)
    if (expect('refused', status, { seen: answer }).toSatisfy('300 or above', (is) => is >= 300))
      expect('status', status, { seen: answer }).toBe(400)
  },
})
