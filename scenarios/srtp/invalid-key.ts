import { must, outcomeOfOffer, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'srtp/invalid-key',
  title: 'A crypto line with a key of the wrong length is not accepted; the valid one after it is',
  area: 'srtp',
  purposes: ['SD-BADKEY'],
  provider: ['EP-2'],
  rules: {
    notTheBad: must(
      'RFC 4568 §5.1.2',
      'only valid crypto lines can be accepted; a key of the wrong length is not valid',
      { gravity: 'letter' },
    ),
    tag: must('RFC 4568 §5.1.2', 'the answer carries tag and suite of the accepted line', { gravity: 'letter' }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo', 'srtp'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  harm: 'A telephone with a defective key line hears noise instead of being served by its other line.',
  advice: 'Look at how the length of the key is held against the suite (RFC 4568 §6.1).',
  async run({ alice, services, target, expect, within }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    const suite = target.document.media.srtp[0]
    const valid = audio.keyLine(2, suite)
    // 16 octets where the suite wants 30: a key without its salt.
    const short = valid.attribute.keys[0]?.keySalt.subarray(0, 16).toString('base64')
    const call = await alice.invites(services.echo ?? '', {
      sdp: audio.describes({ crypto: [`1 ${suite} inline:${short}`, valid.line] }),
    })
    const outcome = await outcomeOfOffer(call, { within })
    // Refusing the whole offer for the bad line is rude, but no rule forbids it in so many words.
    precondition(outcome.kind === 'taken', `the offer was refused as a whole (${outcome.status})`)
    const seen = alice.hears(200, { to: 'INVITE' }).last
    const [line] = outcome.audio.crypto
    expect('notTheBad', line?.attribute?.tag, { seen }).toSatisfy('not tag 1', (tag) => tag !== '1')
    expect('tag', `${line?.attribute?.tag} ${line?.attribute?.suite}`, { seen }).toBe(`2 ${suite}`)
    await within(call.hangUp(), 4_000)
  },
})
