import {
  audioIsThere,
  finding,
  hears,
  isFault,
  onlyWhereRelayed,
  owed,
  parseRtp,
  precondition,
  scenario,
  whereReached,
} from 'ringproof'

/** Long enough for a relay that mistakes silence for the end, short of the pauses that people make. */
const SILENT_MS = 6_000
/** Timestamps count 8,000 a second. */
const TICKS_PER_MS = 8
/** A jitter buffer, a repacketiser, a busy machine. */
const OFF_BY_MS = 500
/** So far off is no miscounted silence, which lasts some seconds. */
const BEGINS_ANEW_MS = 60_000

const NONE_MISSING = whereReached(
  finding('RFC 3551 §4.1', 'comfort noise that was agreed on arrives, so that silence is not counted as loss', {
    gravity: 'letter',
    follows: ['silent-after-change'],
    harm: 'Telephones hear clicks in pauses, and their statistics show losses that there are none: comfort noise is agreed on and dropped.',
  }),
)

const STORIES = [
  {
    id: 'media/silence',
    title: 'A telephone that sends no audio while nobody speaks is heard again when somebody does',
    comfortNoise: false,
  },
  {
    id: 'media/comfort-noise',
    title: 'A telephone that sends comfort noise while nobody speaks is heard again, and nothing counts as lost',
    comfortNoise: true,
  },
] as const

export default STORIES.map(({ id, title, comfortNoise }) =>
  scenario({
    id,
    title,
    area: 'media',
    purposes: ['VAD'],
    provider: ['BH-4'],
    rules: {
      stays: owed('RFC 3551 §4.1', 'a call stays up while one side suppresses silence', {
        gravity: 'outage',
        cause: 'quiet-calls-forgotten',
        follows: ['media/long-call'],
        harm: 'Calls are cut off after some seconds in which one side says nothing.',
      }),
      heardAgain: whereReached(
        owed('RFC 3551 §4.1', 'audio after silence is heard', {
          gravity: 'outage',
          cause: 'quiet-calls-forgotten',
          follows: ['no-audio'],
          harm: 'Whoever has said nothing for some seconds is not heard any more: telephones that send nothing in silence fall mute.',
        }),
      ),
      onTime: whereReached(
        finding('RFC 3550 §5.1', 'timestamps count the time of silence, too', {
          gravity: 'harm',
          cause: 'packet-times-misread',
          harm: 'The first words after a pause are lost on some telephones: timestamps say that audio comes {behind|some time} late.',
        }),
      ),
      ...(comfortNoise ? { noneMissing: NONE_MISSING } : {}),
    },
    devices: { alice: { comfortNoise }, bob: { comfortNoise } },
    reliesOn: 'audio',
    step: 'talk',
    seconds: 22,
    harm: 'Telephones that send nothing while nobody speaks are cut off, or not heard afterwards.',
    advice:
      'Look at what the relay does when no packets come from one side: its timeout has to be minutes, and silence of one side is no reason to end a call (rtpengine: timeout; Asterisk: rtptimeout; FreeSWITCH: media_timeout). Payload type 13 is comfort noise: lead it, or take it out of the session descriptions.',
    async run({ alice, bob, expect, figure, clock, waits, within }) {
      await alice.registers()
      await bob.registers()
      const call = await alice.calls(bob)
      onlyWhereRelayed(call)
      const [ours, theirs] = [call.caller.media, call.callee.media]
      precondition(ours && theirs, 'the call has no audio session', 'no-audio')
      await audioIsThere(call.caller, call.callee, clock, 'before the silence')
      const before = theirs.report().received
      ours.muted = true
      const silentFrom = clock.now()
      const end = await within(Promise.race([call.caller.ended, call.callee.ended]), SILENT_MS)
      if (!expect('stays', end === undefined).toBeTrue('up')) return
      ours.muted = false
      const spokenAt = clock.now()
      const heard = await hears(call.callee, call.caller, clock, 4_000)
      expect('heardAgain', heard).toBeTrue("the caller's voice")
      await waits(500)
      const [last, first] = [
        audioOf(bob).findLast(({ at }) => at < silentFrom),
        audioOf(bob).find(({ at }) => at >= spokenAt),
      ]
      if (heard && last && first && last.ssrc === first.ssrc) {
        const counted = ((first.timestamp - last.timestamp) | 0) / TICKS_PER_MS
        const behind = Math.round(first.at - last.at - counted)
        if (behind > OFF_BY_MS) figure('behind', `${(behind / 1000).toFixed(1)} s`)
        // Timestamps that begin anew say nothing about the silence.
        if (Math.abs(behind) < BEGINS_ANEW_MS) expect('onTime', behind).toBeWithin(-OFF_BY_MS, OFF_BY_MS, 'ms')
      }
      const told = noiseOf(alice, 'out', silentFrom)
      if (told > 0 && theirs.negotiated?.comfortNoise !== undefined) {
        const arrived = noiseOf(bob, 'in', silentFrom)
        const lost = theirs.report().received.lost - before.lost
        // Whoever makes a stream of its own of it may leave comfort noise out.
        expect('noneMissing', `${arrived} of ${told} packets of comfort noise, ${lost} missing`).toSatisfy(
          'comfort noise, or nothing missing',
          () => arrived > 0 || lost < told / 2,
        )
      }
    },
  }),
)

interface Listener {
  readonly packets: readonly Packet[]
}
interface Packet {
  readonly direction: string
  readonly at: number
  readonly plain: Buffer | undefined
}

const COMFORT_NOISE = 13

const packetsOf = (device: Listener, way: 'in' | 'out') =>
  device.packets.flatMap(({ direction, at, plain }) => {
    const packet = direction === way && plain ? parseRtp(plain) : undefined
    return packet === undefined || isFault(packet) ? [] : [{ ...packet, at }]
  })

const audioOf = (device: Listener) => packetsOf(device, 'in').filter(({ payloadType }) => [0, 8].includes(payloadType))

const noiseOf = (device: Listener, way: 'in' | 'out', since: number): number =>
  packetsOf(device, way).filter(({ payloadType, at }) => payloadType === COMFORT_NOISE && at >= since).length
