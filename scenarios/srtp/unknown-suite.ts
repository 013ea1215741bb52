import { must, outcomeOfOffer, scenario } from 'ringproof'

export default scenario({
  id: 'srtp/unknown-suite',
  title: 'A crypto suite that nobody knows is passed over, and the next line is taken',
  area: 'srtp',
  purposes: ['SD-UNK'],
  provider: ['EP-2'],
  rules: {
    taken: must('RFC 4568 §5.1.2', 'one of the crypto lines that are supported is accepted', { gravity: 'letter' }),
    tag: must('RFC 4568 §5.1.2', 'the answer carries tag and suite of the accepted line', { gravity: 'letter' }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo', 'srtp'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  harm: 'Newer telephones, which offer newer suites first, cannot call with encryption.',
  advice: 'Look at how the answer chooses among crypto lines: one that it does not know must not spoil the others.',
  async run({ alice, services, target, expect, within }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    const known = audio.keyLine(2, target.document.media.srtp[0])
    const unknown = `1 RINGPROOF_CM_512_HMAC_SHA3_99 inline:${audio.keyLine(1).attribute.keys[0]?.keySalt.toString('base64')}`
    const call = await alice.invites(services.echo ?? '', { sdp: audio.describes({ crypto: [unknown, known.line] }) })
    const outcome = await outcomeOfOffer(call, { within })
    const seen = alice.hears(outcome.status, { to: 'INVITE' }).last
    expect('taken', outcome.kind === 'taken' ? 'taken' : `refused (${outcome.status})`, { seen }).toBe('taken')
    const [line] = outcome.kind === 'taken' ? outcome.audio.crypto : []
    expect('tag', `${line?.attribute?.tag} ${line?.attribute?.suite}`, { seen }).toBe(
      `${known.attribute.tag} ${known.attribute.suite}`,
    )
    await within(call.hangUp(), 4_000)
  },
})
