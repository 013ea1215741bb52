import { echoTail, must, outcomeOfOffer, precondition, promised, scenario, SessionDescription } from 'ringproof'

export default scenario({
  id: 'media/hold',
  title: 'A service that is put on hold stops sending audio, and sends again after the hold',
  area: 'media',
  purposes: ['OA-HOLD'],
  provider: ['SC-4'],
  rules: {
    answered: must('RFC 3264 §6.1', 'a stream that is offered sendonly is answered recvonly or inactive', {
      gravity: 'harm',
      cause: 'hold-ignored',
      harm: 'Hold is not understood: devices show a call as active that their user has put on hold.',
    }),
    quiet: must('RFC 3264 §6.1', 'a side that answered recvonly or inactive sends no audio', {
      gravity: 'harm',
      cause: 'hold-ignored',
      harm: 'Services go on sending audio while they are on hold: users hear two voices at once.',
    }),
    resumed: promised('SC-4', 'after the hold the caller hears itself again', {
      gravity: 'harm',
      harm: 'Calls stay silent after a hold.',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo'],
  step: 'talk',
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 34,
  fitForLoad: true,
  harm: 'Hold does not work in calls to services.',
  advice:
    'Look at a=sendonly in the re-INVITE, at the direction in its answer, and at which of relay and service goes on sending.',
  async run({ alice, services, random, expect, waits, within, clock }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    const [before, after] = [random.int(2 ** 24), random.int(2 ** 24)]
    const call = await alice.invites(services.echo ?? '', { sdp: audio.describes() })
    const outcome = await outcomeOfOffer(call, { within })
    precondition(outcome.kind === 'taken', `the offer was rejected with ${outcome.status}`, 'call-refused')
    audio.follows(call.remoteSdp)
    precondition(await audio.speaksUntilHeard(before, 12_000), 'the echo test did not send the audio back', 'no-audio')
    const lateMs = await echoTail(audio, clock)
    const held = await call.reinvite({ sdp: audio.describes({ version: 2, direction: 'sendonly' }) })
    precondition(held.status === 200 && held.final, `the re-INVITE was rejected with ${held.status}`)
    const heldAt = clock.now()
    const seen = alice.hears(200, { to: 'INVITE' }).last
    const direction = SessionDescription.parse(held.final.body).media[0]?.direction
    expect('answered', direction ?? 'no audio', { seen }).toBeOneOf(['recvonly', 'inactive'])
    // The caller may go on sending: music on hold.
    await audio.speaks(random.int(2 ** 24), 2_000)
    // RFC 6263 §4: what keeps a path open (comfort noise, no payload, an unknown type) is no audio.
    const during = audio.heard.filter(
      ({ at, packet }) => at > heldAt + 800 && packet.payload.length > 0 && [0, 8].includes(packet.payloadType),
    )
    expect('quiet', `${during.length} packets`).toBe('0 packets')
    const resumed = await call.reinvite({ sdp: audio.describes({ version: 3 }) })
    audio.follows(call.remoteSdp)
    await audio.speaks(after, 2_000)
    await waits(700 + lateMs)
    expect('resumed', resumed.status === 200 && audio.secondsOf(after) > 0).toBeTrue('its own voice')
    await within(call.hangUp(), 4_000)
  },
})
