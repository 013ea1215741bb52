import { must, outcomeOfOffer, precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'srtp/crypto-tag',
  title: 'Of several offered keys one is taken, and the answer says which by its tag',
  area: 'srtp',
  purposes: ['SD-TAG'],
  provider: ['BH-6', 'EP-2'],
  rules: {
    one: must('RFC 4568 §5.1.2', 'exactly one of the offered crypto lines is accepted', { gravity: 'letter' }),
    tag: must('RFC 4568 §5.1.2', 'the answer carries tag and suite of the accepted line', { gravity: 'letter' }),
    first: should('RFC 4568 §5.1.2', 'the first crypto line that is supported is taken', { gravity: 'letter' }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo', 'srtp'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  harm: 'Some makes of telephone hear noise or drop the call as soon as it is answered.',
  advice: 'Look at how tag and suite get into the a=crypto line of the answer.',
  async run({ alice, services, target, expect, within }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    // Tags out of order and with gaps, as telephones do that leave suites out.
    const offered = target.document.media.srtp.map((suite, index) => audio.keyLine(9 - 2 * index, suite))
    const call = await alice.invites(services.echo ?? '', {
      sdp: audio.describes({ crypto: offered.map((one) => one.line) }),
    })
    const outcome = await outcomeOfOffer(call, { within })
    precondition(outcome.kind === 'taken', `encrypted audio was refused (${outcome.status})`)
    const seen = alice.hears(200, { to: 'INVITE' }).last
    const answers = outcome.audio.crypto.map(({ attribute }) => `${attribute?.tag} ${attribute?.suite}`)
    const choices = offered.map(({ attribute }) => `${attribute.tag} ${attribute.suite}`)
    expect('one', answers.length, { seen }).toBe(1)
    expect('tag', answers[0], { seen }).toBeOneOf(choices)
    expect('first', answers[0], { seen }).toBe(choices[0])
    await within(call.hangUp(), 4_000)
  },
})
