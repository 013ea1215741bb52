import { must, precondition, scenario, SessionDescription } from 'ringproof'

export default scenario({
  id: 'dialog/early-and-final',
  title: 'What is agreed before the answer is still agreed after it',
  area: 'dialog',
  purposes: ['UA-18X'],
  provider: ['BH-1'],
  rules: {
    sameTag: must(
      'RFC 3261 §8.2.6.2',
      'responses of one answering side carry one To tag',
      'Devices take the ringing and the answer of one call for two calls.',
    ),
    sameAnswer: must(
      'RFC 3261 §13.2.1',
      'the session description sent before the 2xx is the same as the one in the 2xx',
    ),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 14,
  harm: 'Callers hear the announcement before the answer, but nothing after it, or the other way round.',
  advice: 'Look at whether the media relay writes the same addresses, ports and keys into 183 and 200 of a call.',
  async run({ alice, bob, expect, waits, within }) {
    await alice.registers()
    await bob.registers()
    bob.waitsForTheStory()
    const rung = bob.nextCall()
    const call = await alice.invites(bob)
    const incoming = await rung
    precondition(incoming, 'the call did not arrive')
    await incoming.progress183({ sdp: true })
    const early = await alice.hears(183, { callId: call.id }).next(4_000)
    precondition(early && early.message.body.length > 0, 'no session description came before the answer')
    await waits(300)
    await incoming.answer()
    await within(call.answered, 4_000)
    const answer = alice.hears(200, { callId: call.id, to: 'INVITE' }).first
    precondition(answer, 'the call was not answered')
    expect('sameTag', [early.message.to.tag, answer.message.to.tag], { seen: answer, header: 'To' }).toBeConstant()
    const audioOf = (body: Buffer) => {
      const [audio] = SessionDescription.parse(body).media
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
    expect('sameAnswer', audioOf(answer.message.body), { seen: answer }).toEqual(audioOf(early.message.body))
    await within(call.hangUp(), 4_000)
  },
})
