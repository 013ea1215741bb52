import { must, outcomeOfOffer, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'srtp/unknown-suite',
  title: 'An unknown crypto suite is skipped, and the next a=crypto line accepted',
  area: 'srtp',
  purposes: ['SD-UNK'],
  provider: ['EP-2'],
  rules: {
    taken: must('RFC 4568 §5.1.2', 'one of the crypto lines that are supported is accepted', { gravity: 'outage' }),
    tag: whereReached(
      must('RFC 4568 §5.1.2', 'the answer carries tag and suite of the accepted line', {
        gravity: 'harm',
        cause: 'crypto-answer-wrong',
        follows: ['encryption-dropped'],
        harm: 'The answer to an offer with an unknown suite does not carry the tag of the key line that it accepts.',
      }),
    ),
  },
  devices: { alice: { audio: false } },
  needs: ['echo', 'srtp'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  fitForLoad: true,
  harm: 'Telephones that offer newer crypto suites first cannot call with SRTP.',
  advice: 'Look at how the answer chooses among a=crypto lines: one with an unknown suite is to be skipped.',
  async run({ alice, services, target, expect, within }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    const known = audio.keyLine(2, target.document.media.srtp[0])
    const unknown = `1 RINGPROOF_CM_512_HMAC_SHA3_99 inline:${audio.keyLine(1).attribute.keys[0]?.keySalt.toString('base64')}`
    const call = await alice.invites(services.echo ?? '', { sdp: audio.describes({ crypto: [unknown, known.line] }) })
    const outcome = await outcomeOfOffer(call, { within })
    const seen = alice.hears(outcome.status, { to: 'INVITE' }).last
    expect('taken', outcome.kind === 'taken' ? 'taken' : `refused (${outcome.status})`, { seen }).toBe('taken')
    if (outcome.kind === 'taken') {
      const [line] = outcome.audio.crypto
      expect('tag', `${line?.attribute?.tag} ${line?.attribute?.suite}`, { seen }).toBe(
        `${known.attribute.tag} ${known.attribute.suite}`,
      )
    }
    await within(call.hangUp(), 4_000)
  },
})
