import { must, outcomeOfOffer, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'srtp/invalid-key',
  title: 'An a=crypto line with a key of the wrong length is not accepted; the valid one after it is',
  area: 'srtp',
  purposes: ['SD-BADKEY'],
  provider: ['EP-2'],
  rules: {
    notTheBad: must(
      'RFC 4568 §5.1.2',
      'only valid crypto lines can be accepted; a key of the wrong length is not valid',
      { gravity: 'letter' },
    ),
    tag: whereReached(
      must('RFC 4568 §5.1.2', 'the answer carries tag and suite of the accepted line', {
        gravity: 'harm',
        cause: 'crypto-answer-wrong',
        follows: ['encryption-dropped'],
        harm: 'The answer to an offer with an invalid key line does not carry the tag of the valid one.',
      }),
    ),
  },
  devices: { alice: { audio: false } },
  needs: ['echo', 'srtp'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  fitForLoad: true,
  harm: 'An SRTP key of the wrong length is accepted: the telephone that offered it hears noise.',
  advice: 'Look whether the length of the key is checked against the suite (RFC 4568 §6.1).',
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
    // No rule forbids to reject the whole offer for the bad line.
    precondition(outcome.kind === 'taken', `the whole offer was rejected with ${outcome.status}`, 'call-refused')
    const seen = alice.hears(200, { to: 'INVITE' }).last
    const [line] = outcome.audio.crypto
    const isGood = expect('notTheBad', line?.attribute?.tag ?? 'none', { seen }).toSatisfy(
      'not tag 1',
      (tag) => tag !== '1',
    )
    if (isGood) expect('tag', `${line?.attribute?.tag} ${line?.attribute?.suite}`, { seen }).toBe(`2 ${suite}`)
    await within(call.hangUp(), 4_000)
  },
})
