import { finding, must, outcomeOfOffer, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'srtp/session-parameters',
  title: 'Session parameters of a=crypto that are not known, or that switch encryption off, are not agreed on unseen',
  area: 'srtp',
  purposes: ['SD-PARAMS'],
  provider: ['EP-2', 'BH-7'],
  rules: {
    unknown: must('RFC 4568 §6.3.7', 'a crypto line with a session parameter that is not known is passed over', {
      gravity: 'letter',
      follows: ['encryption-dropped', 'crypto-answer-wrong'],
      harm: 'A key line is accepted whose session parameter is not understood; telephones hardly send such lines.',
    }),
    told: whereReached(
      must('RFC 4568 §5.1.2', 'session parameters that are agreed on are in the answer', {
        gravity: 'harm',
        follows: ['encryption-dropped', 'crypto-answer-wrong'],
        harm: 'An offer to leave out encryption is accepted without saying so: both sides treat packets differently, and the call is silent.',
      }),
    ),
    strong: finding(
      'security',
      'an offer that leaves out encryption or authentication is not preferred to one that has both',
      {
        gravity: 'exposure',
        follows: ['encryption-dropped', 'crypto-answer-wrong'],
        harm: 'Calls that look encrypted may not be: SRTP without encryption or without authentication is agreed on.',
      },
    ),
  },
  devices: { alice: { audio: false } },
  needs: ['echo', 'srtp'],
  transports: ['tls'],
  families: ['ipv4'],
  seconds: 10,
  fitForLoad: true,
  harm: 'Calls that look encrypted may not be: session parameters of SRTP are not heeded.',
  advice:
    'Look at how words behind the key of a=crypto are read: an unknown one makes the line invalid (RFC 4568 §6.3.7), UNENCRYPTED_SRTP and UNAUTHENTICATED_SRTP should not be accepted at all (§6.3.3; rtpengine: no unencrypted_srtp and unauthenticated_srtp among the SDES options).',
  async run({ alice, services, target, expect, within }) {
    await alice.registers()
    const suite = target.document.media.srtp[0]
    const answerTo = async (words: string) => {
      const audio = await alice.speaksByHand()
      const lines = [`${audio.keyLine(1, suite).line} ${words}`, audio.keyLine(2, suite).line]
      const call = await alice.invites(services.echo ?? '', { sdp: audio.describes({ crypto: lines }) })
      const outcome = await outcomeOfOffer(call, { within })
      await within(call.hangUp(), 4_000)
      // What an answer without SRTP, or with several keys, says of the lines that were offered cannot be told.
      if (outcome.kind === 'taken') {
        const { protocol, crypto } = outcome.audio
        precondition(
          protocol.toUpperCase() === 'RTP/SAVP' && crypto.length === 1,
          `the answer is ${protocol} with ${crypto.length} lines of a=crypto, where RTP/SAVP with one was to come`,
        )
      }
      return outcome
    }
    const first = await answerTo('RINGPROOF_ROUNDS=3')
    // No rule forbids to reject the whole offer for one line.
    precondition(first.kind === 'taken', `the whole offer was rejected with ${first.status}`, 'call-refused')
    const seen = alice.hears(200, { to: 'INVITE' }).last
    expect('unknown', first.audio.crypto[0]?.tag ?? 'none', { seen }).toSatisfy('not tag 1', (tag) => tag !== '1')
    const second = await answerTo('UNENCRYPTED_SRTP UNAUTHENTICATED_SRTP')
    const [line] = second.kind === 'taken' ? second.audio.crypto : []
    const takesWeak = line?.tag === '1'
    const answer = alice.hears(200, { to: 'INVITE' }).last
    if (takesWeak) {
      const { unencryptedSrtp = false, unauthenticatedSrtp = false } = line.attribute?.parameters ?? {}
      expect('told', unencryptedSrtp && unauthenticatedSrtp ? 'told' : 'left out', { seen: answer }).toBe('told')
    }
    expect('strong', takesWeak ? 'without encryption and authentication' : 'not taken', { seen: answer }).toBe(
      'not taken',
    )
  },
})
