import { must, outcomeOfOffer, precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'srtp/crypto-tag',
  title: 'Of several a=crypto lines one is accepted, and the answer carries its tag',
  area: 'srtp',
  purposes: ['SD-TAG'],
  provider: ['BH-6', 'EP-2'],
  rules: {
    one: must('RFC 4568 §5.1.2', 'exactly one of the offered crypto lines is accepted', {
      gravity: 'harm',
      cause: 'crypto-answer-wrong',
      follows: ['encryption-dropped'],
    }),
    tag: must('RFC 4568 §5.1.2', 'the answer carries tag and suite of the accepted line', {
      gravity: 'harm',
      cause: 'crypto-answer-wrong',
      follows: ['encryption-dropped'],
    }),
    first: should('RFC 4568 §5.1.2', 'the first crypto line that is supported is accepted', {
      gravity: 'letter',
      follows: ['crypto-answer-wrong'],
      harm: 'A suite that the telephone prefers less is chosen; audio is encrypted all the same.',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo', 'srtp'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  fitForLoad: true,
  harm: 'Some telephones with SRTP hear noise or drop the call: the answer names a key line that was not offered.',
  advice:
    'Compare tag and suite of the a=crypto line in the answer with those of the offer. Look for a server that writes the tag itself instead of copying it.',
  async run({ alice, services, target, expect, within }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    // Tags out of order and with gaps, as telephones do that leave suites out.
    const offered = target.document.media.srtp.map((suite, index) => audio.keyLine(9 - 2 * index, suite))
    const call = await alice.invites(services.echo ?? '', {
      sdp: audio.describes({ crypto: offered.map((one) => one.line) }),
    })
    const outcome = await outcomeOfOffer(call, { within })
    precondition(outcome.kind === 'taken', `encrypted audio was rejected with ${outcome.status}`, 'call-refused')
    const seen = alice.hears(200, { to: 'INVITE' }).last
    const answers = outcome.audio.crypto.map(({ attribute }) => `${attribute?.tag} ${attribute?.suite}`)
    const choices = offered.map(({ attribute }) => `${attribute.tag} ${attribute.suite}`)
    expect('one', answers.length, { seen }).toBe(1, 'a=crypto line in the answer')
    const [answer = 'none'] = answers
    expect('tag', answer, { seen }).toBeOneOf(choices)
    expect('first', answer, { seen }).toBe(choices[0] ?? 'none')
    await within(call.hangUp(), 4_000)
  },
})
