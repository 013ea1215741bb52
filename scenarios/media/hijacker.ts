import {
  finding,
  isFault,
  notApplicable,
  owed,
  parseRtp,
  precondition,
  sameEndpoint,
  scenario,
  serializeRtp,
} from 'ringproof'

/** After so much audio a relay has had time to learn where it comes from: rtpengine takes three seconds, Asterisk five. */
const LEARNING_MS = 10_000

const ANYONE = 'anyone on the internet who guesses a relay port'
const WHO = `{who|${ANYONE}}`

export default scenario({
  id: 'media/hijacker',
  title: 'A stranger who sends packets to the relay cannot take over the audio of a call',
  area: 'media',
  purposes: ['MED-LATCH'],
  provider: ['EP-4'],
  rules: {
    notFollowed: owed('RFC 7362 §5', "a stranger who imitates the caller's stream gets no audio of the call", {
      gravity: 'exposure',
      cause: 'media-redirected',
      harm: `A call is open to ${WHO}, who can listen to it.`,
    }),
    stillHeard: finding('RFC 7362 §5', 'the caller still hears the called device while a stranger sends', {
      gravity: 'exposure',
      cause: 'media-redirected',
      harm: `A call is open to ${WHO}, who can cut off its audio.`,
    }),
    stillHears: finding('RFC 7362 §5', 'the called device still hears the caller while a stranger sends', {
      gravity: 'exposure',
      cause: 'media-redirected',
      harm: `A call is open to ${WHO}, who can cut off its audio.`,
    }),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'audio',
  seconds: 24,
  harm: `Calls are open to ${ANYONE}, who can listen to them or cut off their audio.`,
  advice:
    'Let the relay learn a source once and then drop packets from others. rtpengine: the flag strict-source, without media-handover, and endpoint-learning=heuristic. Asterisk: strictrtp=yes in rtp.conf.',
  async run({ alice, bob, expect, figure, waits, clock }) {
    await alice.registers()
    await bob.registers()
    // RFC 7362 §5: whoever comes from behind the same NAT cannot be told from the caller.
    const seenAs = alice.hears(200, { to: 'REGISTER' }).last?.message.via.received
    precondition(
      seenAs === undefined || seenAs === alice.localAddress,
      `the target sees this machine as ${seenAs}: behind NAT, a stranger has the address of the caller`,
      'no-local-address',
    )
    const stranger = await alice.speaksByHand('stranger')
    const { caller, callee } = await alice.calls(bob)
    const [ours, theirs] = [caller.media, callee.media]
    precondition(ours?.remote && theirs, 'the call has no audio session', 'no-audio')
    if (sameEndpoint(ours.remote, theirs.local))
      notApplicable('the target does not relay media: audio goes from device to device', 'relays-no-media')
    precondition(
      await ours.hears(theirs.patternId, 3_000),
      'the caller did not hear the called device to begin with',
      'no-audio',
    )
    // Relays that learn where a device is go on learning for some seconds; those that never stop are told from them.
    await waits(LEARNING_MS)
    stranger.to = { address: ours.remote.address, port: ours.remote.port }
    const last = alice.packets.findLast((packet) => packet.direction === 'out' && packet.kind === 'rtp')
    const model = last?.plain && parseRtp(last.plain)
    precondition(model && !isFault(model), 'the caller has sent no audio yet', 'no-audio')
    const since = clock.now()
    for (let n = 1; n <= 370; n++) {
      // Under a source of its own to begin with: that of a stream is seen by those alone who see its packets.
      const isBlind = n <= 70
      if (n === 71) figure('who', stranger.heard.length > 0 ? ANYONE : 'whoever sees its packets')
      stranger.throws(
        serializeRtp({
          marker: false,
          payloadType: model.payloadType,
          ssrc: isBlind ? stranger.ssrc : model.ssrc,
          sequenceNumber: (model.sequenceNumber + n) & 0xffff,
          timestamp: (model.timestamp + 160 * n) >>> 0,
          payload: Buffer.alloc(160, 0xd5),
        }),
      )
      // Out of step with the packets of the call, so that the stranger is the last to have sent now and then.
      await waits(7)
    }
    expect('notFollowed', stranger.heard.length).toBe(0, 'packet to the stranger')
    expect('stillHeard', await ours.hears(theirs.patternId, 2_000, { since: since + 1_500 })).toBeTrue(
      "the called device's voice",
    )
    expect('stillHears', await theirs.hears(ours.patternId, 2_000, { since: since + 1_500 })).toBeTrue(
      "the caller's voice",
    )
  },
})
