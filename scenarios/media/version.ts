import { must, precondition, scenario, SessionDescription, should } from 'ringproof'

export default scenario({
  id: 'media/version',
  title: 'A session description that changes raises its version (o= line), an unchanged one keeps it',
  area: 'media',
  purposes: ['OA-VER'],
  provider: ['SC-4'],
  rules: {
    sameOrigin: should(
      'RFC 8866 §5.2',
      'origin and session number of the session description stay the same during the call',
      {
        gravity: 'letter',
        harm: 'Session descriptions of one call name several origins: strict telephones take them for another session.',
      },
    ),
    // By one is what RFC 3264 §8 asks of offers; here are answers.
    raised: must('RFC 8866 §5.2', 'an answer that differs from the one before has a higher version', {
      gravity: 'harm',
      cause: 'description-version-kept',
    }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  fitForLoad: true,
  harm: 'Some telephones ignore changes of a call: hold or transfer leaves silence or one-way audio.',
  advice:
    'Look at the o= line of the answers: its version must rise with each change, because telephones skip a version that they know. rtpengine: SDP-version among the replace options.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    const { media } = call
    precondition(media, 'the call has no audio session', 'no-audio')
    const answers = [call.remoteSdp]
    for (const hold of [true, undefined, false]) {
      if (hold !== undefined) media.hold(hold)
      const exchange = await call.reinvite()
      precondition(exchange.status === 200, `a re-INVITE was rejected with ${exchange.status}`)
      answers.push(call.remoteSdp)
    }
    await within(call.hangUp(), 4_000)
    const texts = answers.map((text) => text ?? '')
    const origins = texts.map((text) => SessionDescription.parse(text).origin)
    precondition(
      origins.every((origin) => origin !== undefined),
      'an answer has no o= line',
      'unreadable-answer',
    )
    expect(
      'sameOrigin',
      origins.map((origin) => `${origin?.username} ${origin?.sessionId} ${origin?.address}`),
    ).toBeConstant()
    const bodies = texts.map((text) => text.replace(/^o=.*$/m, ''))
    const versions = origins.map((origin) => BigInt(/^\d+$/.test(origin?.version ?? '') ? (origin?.version ?? 0) : 0))
    const steps = bodies.slice(1).map((body, index) => ({
      differs: body !== bodies[index],
      step: (versions[index + 1] ?? 0n) - (versions[index] ?? 0n),
    }))
    const seen = alice.hears(200, { to: 'INVITE' }).last
    const changed = steps.filter(({ differs }) => differs)
    precondition(changed.length > 0, 'no answer differs from the one before')
    const notRaised = changed.filter(({ step }) => step <= 0)
    expect('raised', notRaised.length, { seen }).toBe(0, 'changed description without a higher version')
  },
})
