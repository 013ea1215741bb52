import { must, precondition, scenario, SessionDescription, sessionDescriptionIn, type SipSighting } from 'ringproof'

export default scenario({
  id: 'dialog/early-and-final',
  title: 'What is agreed before the answer is still agreed after it',
  area: 'dialog',
  purposes: ['UA-18X'],
  provider: ['BH-1'],
  rules: {
    sameTag: must('RFC 3261 §8.2.6.2', 'responses of one answering side carry one To tag', {
      gravity: 'harm',
      harm: 'Devices take the ringing and the answer of one call for two calls.',
    }),
    sameAnswer: must(
      'RFC 3261 §13.2.1',
      'the session description sent before the 2xx is the same as the one in the 2xx',
      { gravity: 'letter' },
    ),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 14,
  harm: 'Callers hear the announcement before the answer, but nothing after it, or the other way round.',
  advice: 'Look at whether the media relay writes the same addresses, ports and keys into 183 and 200 of a call.',
  async run({ alice, bob, clock, expect, waits, within }) {
    await alice.registers()
    await bob.registers()
    bob.waitsForTheStory()
    const rung = bob.nextCall()
    const call = await alice.invites(bob)
    const incoming = await rung
    precondition(incoming, 'the call did not arrive')
    // What came before is no word of the callee's: a tone generator of the target has a tag and an address of its own.
    await waits(200)
    const described = alice.hears(183, {
      callId: call.id,
      since: clock.now(),
      where: ({ message }) => sessionDescriptionIn(message) !== undefined,
    })
    await incoming.progress183({ sdp: true })
    const came = await described.reaches(1, 4_000)
    precondition(came, "the callee's session description did not come before the answer")
    await waits(300)
    await incoming.answer()
    await within(call.answered, 4_000)
    const answer = alice.hears(200, { callId: call.id, to: 'INVITE' }).first
    precondition(answer, 'the call was not answered')
    const early = described.all.find(({ message }) => message.to.tag === answer.message.to.tag) ?? described.last
    precondition(early, 'no session description came before the answer')
    expect('sameTag', [early.message.to.tag, answer.message.to.tag], { seen: answer, header: 'To' }).toBeConstant()
    const audioOf = ({ message }: SipSighting) => {
      const [audio] = SessionDescription.parse(sessionDescriptionIn(message) ?? '').media
      return (
        audio && [
          audio.connection?.address,
          audio.port,
          audio.protocol,
          audio.formats.join(' '),
          ...audio.attributes('crypto'),
        ]
      )
    }
    expect('sameAnswer', audioOf(answer), { seen: answer }).toEqual(audioOf(early))
    await within(call.hangUp(), 4_000)
  },
})
