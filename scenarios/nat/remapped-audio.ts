import {
  audioIsThere,
  type Device,
  finding,
  hearingEachOther,
  inWords,
  loginTaken,
  onlyWhereRelayed,
  owed,
  parseRtp,
  isFault,
  precondition,
  type RawRtp,
  scenario,
  serializeRtp,
} from 'ringproof'

/** After so much audio a relay has had time to learn where it comes from: rtpengine takes three seconds, Asterisk five. */
const LEARNING_MS = 10_000
/** A stranger sends out of step with the packets of the call, so that it is the last to have sent now and then. */
const STEP_MS = 7
const BOTH = 'one hears the other, the other does, too'

const ANYONE = 'anyone on the internet who guesses a relay port'
const HIJACKED = `A call is open to {who|${ANYONE}}, who can listen to it or cut off its audio.`

/** Imitates the stream of a device for so long: its source, the numbers that come next. @param other its own source instead */
async function imitates(
  stranger: RawRtp,
  device: Device,
  ms: number,
  waits: (ms: number) => Promise<void>,
  other?: { readonly ssrc: number },
) {
  const last = device.packets.findLast((packet) => packet.direction === 'out' && packet.kind === 'rtp')
  const model = last?.plain && parseRtp(last.plain)
  precondition(model && !isFault(model), 'the device has sent no audio yet', 'no-audio')
  const { payloadType } = model
  const ssrc = other?.ssrc ?? model.ssrc
  for (let n = 1; n * STEP_MS < ms; n++) {
    stranger.throws(
      serializeRtp({
        marker: false,
        payloadType,
        ssrc,
        sequenceNumber: (model.sequenceNumber + n) & 0xffff,
        timestamp: (model.timestamp + 160 * n) >>> 0,
        payload: Buffer.alloc(160, 0xd5),
      }),
    )
    await waits(STEP_MS)
  }
}

export default scenario({
  id: 'nat/remapped-audio',
  title:
    'When the router of a telephone forgets it in mid-call its audio comes back, and no stranger gets in meanwhile',
  area: 'nat',
  purposes: ['REMAPPED'],
  provider: ['BH-9', 'EP-4'],
  rules: {
    byItself: finding('RFC 7362 §4', 'audio is led again when a NAT gives it another port, the call unchanged', {
      gravity: 'harm',
      follows: ['no-audio', 'nat-source-ignored', 'moved-audio-lost'],
      harm: 'When a router restarts or forgets the audio of a call there is silence until the call is put on hold and taken back.',
    }),
    afterChange: owed('RFC 7362 §4', 'after a change of the call the audio of a device is looked for anew', {
      gravity: 'outage',
      cause: 'moved-audio-lost',
      follows: ['no-audio', 'nat-source-ignored', 'silent-after-hold'],
      harm: 'When a router restarts or forgets the audio of a call there is silence to the end of the call, whatever the telephone does.',
    }),
    window: finding('RFC 7362 §5', 'a stranger who sends while the call is changed gets no audio of it', {
      gravity: 'exposure',
      cause: 'media-redirected',
      harm: HIJACKED,
    }),
    notFollowed: owed('RFC 7362 §5', 'a stranger gets no audio of a call whose audio has changed its path', {
      gravity: 'exposure',
      cause: 'media-redirected',
      harm: HIJACKED,
    }),
    stillHeard: finding('RFC 7362 §5', 'both sides go on hearing each other while a stranger sends', {
      gravity: 'exposure',
      cause: 'media-redirected',
      follows: ['no-audio', 'moved-audio-lost'],
      harm: HIJACKED,
    }),
  },
  devices: { alice: { nat: { mappingTimeoutMs: 60_000 } }, bob: {} },
  seconds: 40,
  reliesOn: 'audio',
  step: 'talk',
  harm: 'Calls do not outlive a router that forgets them, or are open to strangers afterwards.',
  advice:
    'Let the relay learn the source of audio anew after each offer and answer, at the address alone that the signalling comes from (RFC 7362 §5); only relays that know the stream by SSRC and numbers should do so in between. rtpengine: strict-source, rtpengine_offer() for re-INVITE too. Asterisk: strictrtp=yes. FreeSWITCH: rtp-auto-adjust.',
  async run({ alice, bob, random, expect, figure, clock, within, waits }) {
    await alice.registers()
    await bob.registers()
    // RFC 7362 §5: whoever comes from behind the same NAT cannot be told from a device.
    const seenAs = bob.hears(200, { to: 'REGISTER' }).last?.message.via.received
    precondition(
      seenAs === undefined || seenAs === bob.localAddress,
      `the target sees this machine as ${seenAs}: behind NAT, a stranger has the address of the caller`,
      'no-local-address',
    )
    const stranger = await bob.speaksByHand('stranger')
    const call = await alice.calls(bob)
    onlyWhereRelayed(call)
    const { caller, callee } = call
    await audioIsThere(caller, callee, clock, 'to begin with')
    const { remote } = caller.media ?? {}
    stranger.to = remote && { address: remote.address, port: remote.port }

    /** The call is put on hold and taken back, by the device behind the router: two offers and answers. */
    const changes = async () => {
      for (const change of [() => caller.hold(), () => caller.resume()]) {
        const exchange = await within(change(), 8_000)
        loginTaken(exchange?.final)
        precondition(
          exchange?.status === 200,
          `a change of the call was answered with ${exchange?.status ?? 'nothing'}`,
        )
      }
    }

    // What a relay does while it learns is another story.
    await waits(LEARNING_MS)
    alice.nat?.forget()
    expect('byItself', inWords(await hearingEachOther(caller, callee, clock))).toBe(BOTH)

    alice.nat?.forget()
    const again = await alice.asksToRegister()
    precondition(again.ok, 'the device could not register again', 'login-refused')
    await changes()
    if (!expect('afterChange', inWords(await hearingEachOther(caller, callee, clock))).toBe(BOTH)) return

    const changed = changes()
    await stranger.speaks(random.int(2 ** 24), 1_000)
    await changed
    expect('window', stranger.heard.length).toBe(0, 'packet to the stranger')
    // Who got in then is not to be taken for one who gets in later: nobody but the device sends while it is looked for again.
    if (stranger.heard.length > 0) await changes()

    await waits(LEARNING_MS)
    const heard = stranger.heard.length
    await imitates(stranger, alice, 500, waits, stranger)
    // The numbers of a stream are seen by those alone who see its packets.
    figure('who', stranger.heard.length > 0 ? ANYONE : 'whoever sees its packets')
    await imitates(stranger, alice, 1_500, waits)
    const during = hearingEachOther(caller, callee, clock)
    await imitates(stranger, alice, 2_500, waits)
    expect('notFollowed', stranger.heard.length - heard).toBe(0, 'packet to the stranger')
    expect('stillHeard', inWords(await during)).toBe(BOTH)
  },
})
