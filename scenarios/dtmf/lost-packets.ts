import { compareDigits, outcomeOfOffer, precondition, promised, scenario, serializeEvent } from 'ringproof'

/** A greeting has so long (ms) to end, and has ended where nothing comes for so long. */
const WELCOME_MS = 8_000
const PAUSE_MS = 400

export default scenario({
  id: 'dtmf/lost-packets',
  title: 'A digit is counted once although its first packet, or two of three end packets, are lost',
  area: 'dtmf',
  purposes: ['EV-END', 'EV-REPEAT'],
  provider: ['SC-3', 'EP-10'],
  rules: {
    each: promised('EP-10', 'each digit is understood although packets of it are lost', {
      gravity: 'harm',
      follows: ['keypad-lost', 'dtmf/same-digit-twice', 'audio-altered'],
      harm: 'On lines with packet loss, key presses are missed.',
    }),
    once: promised('EP-10', 'each digit counts once although packets of it are lost', {
      gravity: 'harm',
      follows: ['keypad-doubled', 'keypad-timing'],
      harm: 'On lines with packet loss, key presses count several times.',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['dtmf-test'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 24,
  harm: 'On lines with packet loss, key presses are missed or count twice.',
  advice:
    'Look at how the service reads telephone-events: an event is told by its timestamp, not by the marker bit or by single end packets.',
  async run({ alice, services, clock, expect, within, waits }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    const type = alice.eventPayloadType
    const call = await alice.invites(services.dtmfTest ?? '', { sdp: audio.describes() })
    const outcome = await outcomeOfOffer(call, { within })
    precondition(outcome.kind === 'taken', `the offer was rejected with ${outcome.status}`, 'call-refused')
    precondition(
      outcome.audio.rtpMaps.some(({ encoding }) => /^telephone-event$/i.test(encoding)),
      'the answer has no telephone-event',
      'feature-lacking',
    )
    audio.follows(call.remoteSdp)
    // A module may miss digits during its greeting.
    const begunAt = clock.now()
    const sounds = () => audio.heard.some(({ at, packet }) => at > clock.now() - PAUSE_MS && packet.payload.length > 20)
    do await audio.speaks(0x111111, 400)
    while (sounds() && clock.now() < begunAt + WELCOME_MS)
    /** 80 ms of a key: four reports, then the end twice more; what is in `lost` does not arrive. */
    const press = async (event: number, lost: readonly number[]) => {
      const begin = audio.timestamp
      for (let n = 0; n < 7; n++) {
        const report = { event, end: n >= 4, volume: 10, duration: 160 * Math.min(n + 1, 5) }
        audio.sends(serializeEvent(report), {
          payloadType: type,
          marker: n === 0,
          timestamp: begin,
          edit: (wire) => (lost.includes(n) ? undefined : wire),
        })
        await clock.sleep(20)
      }
      audio.timestamp = (begin + 160 * 12) >>> 0
      await clock.sleep(100)
    }
    await press(4, [])
    await press(7, [0, 1, 5, 6])
    await press(7, [4, 5])
    await press(1, [0])
    await audio.speaks(0x111111, 4_000)
    await waits(200)
    const told = audio.digits
    precondition(told.length > 0, 'the module sent no digits')
    const { lost, doubled } = compareDigits('4771', told)
    expect('each', told).toSatisfy('4771', () => !lost)
    expect('once', told).toSatisfy('4771', () => !doubled)
    await within(call.hangUp(), 4_000)
  },
})
