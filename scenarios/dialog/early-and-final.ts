import {
  arrivesAt,
  must,
  precondition,
  scenario,
  SessionDescription,
  sessionDescriptionIn,
  type SipSighting,
} from 'ringproof'

export default scenario({
  id: 'dialog/early-and-final',
  title: 'SDP and To tag of the 183 and of the 200 are the same',
  area: 'dialog',
  purposes: ['UA-18X'],
  provider: ['BH-1'],
  rules: {
    sameTag: must('RFC 3261 §8.2.6.2', 'responses of one answering side carry one To tag', {
      gravity: 'letter',
      cause: 'to-tag-changed',
      harm: 'Ringing and answer of one call carry different To tags: some telephones show two calls.',
    }),
    sameAnswer: must(
      'RFC 3261 §13.2.1',
      'the session description sent before the 2xx is the same as the one in the 2xx',
      { gravity: 'harm', follows: ['to-tag-changed'] },
    ),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'call',
  step: 'call',
  transports: ['udp', 'tcp', 'tls'],
  seconds: 14,
  fitForLoad: true,
  harm: 'Some callers hear early media but nothing after the answer, or the other way round.',
  advice:
    'Look whether the media relay writes the same addresses, ports and keys into 183 and 200 of a call (one rtpengine session for all replies of a branch).',
  async run({ alice, bob, clock, expect, waits, within }) {
    await alice.registers()
    await bob.registers()
    bob.waitsForTheStory()
    const { call, incoming } = await arrivesAt(alice, bob)
    // What came before is no word of the callee's: a tone generator of the target has a tag and an address of its own.
    await waits(200)
    const described = alice.hears(183, {
      callId: call.id,
      since: clock.now(),
      where: ({ message }) => sessionDescriptionIn(message) !== undefined,
    })
    await incoming.progress183({ sdp: true })
    const came = await described.reaches(1, 4_000)
    precondition(came, "the called device's 183 with SDP did not reach the caller")
    await waits(300)
    await incoming.answer()
    await within(call.answered, 4_000)
    const answer = alice.hears(200, { callId: call.id, to: 'INVITE' }).first
    precondition(answer, 'the 200 did not reach the caller', 'no-answer')
    const early = described.all.find(({ message }) => message.to.tag === answer.message.to.tag) ?? described.last
    precondition(early, 'no SDP came before the answer')
    expect('sameTag', [early.message.to.tag ?? null, answer.message.to.tag ?? null], {
      seen: answer,
      header: 'To',
    }).toBeConstant()
    const audioOf = ({ message }: SipSighting) => {
      const [audio] = SessionDescription.parse(sessionDescriptionIn(message) ?? '').media
      return (
        audio && [
          audio.connection?.address ?? null,
          audio.port,
          audio.protocol,
          audio.formats.join(' '),
          ...audio.attributes('crypto'),
        ]
      )
    }
    // RFC 3261 §13.3.1.4: the 2xx needs an answer only where none was sent reliably before (RFC 3262 §5).
    const isInEarly = early.message.headers.has('RSeq') && sessionDescriptionIn(answer.message) === undefined
    const told = isInEarly ? early : answer
    expect('sameAnswer', audioOf(told) ?? 'no audio', { seen: answer }).toEqual(audioOf(early) ?? 'no audio')
    await within(call.hangUp(), 4_000)
  },
})
