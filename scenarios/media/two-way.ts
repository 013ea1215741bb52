import { audioLoss, finding, precondition, promised, scenario, voiceAt, whereReached } from 'ringproof'

const LISTENS_MS = 5_000
/** A busy machine makes shorter pauses, of packets 20 ms apart. */
const BROKEN_OFF_MS = 1_000

export default scenario({
  id: 'media/two-way',
  title: 'In a call between two devices, each hears the other at once, and nobody else',
  area: 'media',
  purposes: ['MED-TWOWAY'],
  provider: ['BH-4', 'EP-4', 'EP-5'],
  rules: {
    calleeHears: promised('BH-4', "the caller's audio arrives at the called device", {
      gravity: 'outage',
      cause: 'no-audio',
      harm: 'The called party hears nothing in calls between customers.',
    }),
    callerHears: promised('BH-4', "the called device's audio arrives at the caller", {
      gravity: 'outage',
      cause: 'no-audio',
      harm: 'The caller hears nothing in calls between customers.',
    }),
    intact: whereReached(
      promised('BH-4', 'the audio that arrives is the audio that was sent', {
        gravity: 'outage',
        cause: 'audio-altered',
        follows: ['audio-lost'],
        harm: 'Customers hear noise instead of each other: audio is altered on its way.',
      }),
    ),
    nobodyElse: promised('BH-4', 'neither device receives the audio of another call', {
      gravity: 'exposure',
      cause: 'wrong-audio',
      harm: "Customers hear other customers' calls.",
    }),
    complete: whereReached(
      promised('BH-4', 'at most 1 % of the audio packets are lost', {
        gravity: 'harm',
        cause: 'audio-lost',
        harm: 'Calls have gaps: {loss|more than 1 %} of the audio packets between customers are lost.',
      }),
    ),
    soon: whereReached(
      finding('BH-4', 'both devices receive audio within a second of both having begun to send', {
        gravity: 'harm',
        harm: 'The first words of a call are not heard: audio begins {start|more than 1 s} late.',
      }),
    ),
    notLate: whereReached(
      finding('BH-4', 'audio takes less than 300 ms from one device to the other', {
        gravity: 'harm',
        cause: 'audio-late',
        harm: 'Customers talk over each other: audio between them arrives {delay|more than 300 ms} late.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'call',
  step: 'talk',
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 16,
  fitForLoad: true,
  harm: 'Customers who call each other hear nothing, or hear each other badly.',
  advice:
    'In the ladder, compare the relay address that each device was given with the one that it received audio from. Then check that relay: firewall and port range, and that offer and answer both went through it (Kamailio, OpenSIPS: rtpengine_offer and rtpengine_answer, or rtpengine_manage, for INVITE, 183, 200 and ACK). Asterisk: direct_media=no and rtp_symmetric=yes. Loss and delay: look at the load of the relay and at its network.',
  async run({ alice, bob, expect, waits, figure, target }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    const ends = [caller.media, callee.media] as const
    precondition(ends[0] && ends[1], 'the call has no audio session', 'no-audio')
    const [own, other] = [ends[0].patternId, ends[1].patternId]
    await Promise.all([ends[0].hears(other, 4_000), ends[1].hears(own, 4_000)])
    // Counted from here: what came before the answer may have had numbers of its own.
    const before = [ends[0].report().received, ends[1].report().received] as const
    await waits(LISTENS_MS)
    const [ours, theirs] = [ends[0].report(), ends[1].report()]
    const [atAlice, atBob] = [voiceAt(alice, ends[0], other), voiceAt(bob, ends[1], own)]
    expect('calleeHears', atBob.words).toSatisfy("the caller's audio", () => atBob.audible)
    expect('callerHears', atAlice.words).toSatisfy("the called device's audio", () => atAlice.audible)
    const heard = [
      { ...atAlice, words: `caller: ${atAlice.words}` },
      { ...atBob, words: `called device: ${atBob.words}` },
    ]
    if (atAlice.audible || atBob.audible) expect('intact', heard).toBeIntact()
    const strange = [
      ...ours.heard.filter((audio) => audio.patternId !== other),
      ...theirs.heard.filter((audio) => audio.patternId !== own),
    ]
    expect('nobodyElse', strange).toBeEmpty()
    const sides = [
      ...(atAlice.audible ? [{ report: ours, from: before[0], spoken: theirs.sent.lastAt }] : []),
      ...(atBob.audible ? [{ report: theirs, from: before[1], spoken: ours.sent.lastAt }] : []),
    ]
    if (sides.length > 0) {
      const losses = sides.map(({ report, from }) => audioLoss(report, from, target))
      // Sequence numbers do not show that audio broke off.
      const silent = Math.max(...sides.map(({ report, spoken = 0 }) => spoken - (report.received.lastAt ?? 0)))
      const broken = silent > BROKEN_OFF_MS ? Math.min(100, (100 * silent) / LISTENS_MS) : 0
      const shares = losses.map(({ lost, expected }) => (100 * lost) / Math.max(1, expected))
      figure('loss', `${Math.max(broken, ...shares).toFixed(1)} %`)
      if (broken > 0) expect('complete', broken).toBeWithin(0, 1, '% lost')
      else expect('complete', losses).toBeComplete()
    }
    if (atAlice.audible && atBob.audible) {
      const spoke = Math.max(ours.sent.firstAt ?? 0, theirs.sent.firstAt ?? 0)
      const heard = Math.max(...[ours, theirs].map((report) => report.received.firstAt ?? Number.POSITIVE_INFINITY))
      const start = Math.max(0, heard - spoke)
      figure('start', `${(start / 1000).toFixed(1)} s`)
      expect('soon', start).toBeWithin(0, 1_000, 'ms')
    }
    // Relays that write their own numbers leave nothing to compare: then nothing is said of it.
    const delays = [...delaysOf(alice, bob), ...delaysOf(bob, alice)]
    if (delays.length > 0) {
      const delay = Math.max(...delays)
      figure('delay', `${Math.round(delay)} ms`)
      expect('notLate', delay).toBeWithin(-20, 300, 'ms')
    }
  },
})

/** How long (ms) the packets of one took to the other, by what they carry: the middle one of those found again, if any. */
function delaysOf(speaker: Speaker, listener: Speaker): number[] {
  const said = new Map<string, number>()
  for (const packet of speaker.packets)
    if (packet.direction === 'out' && packet.plain) said.set(markOf(packet.plain), packet.at)

  const delays = listener.packets.flatMap((packet) => {
    const at = packet.direction === 'in' && packet.plain ? said.get(markOf(packet.plain)) : undefined
    return at === undefined ? [] : [packet.at - at]
  })
  return delays
    .sort((a, b) => a - b)
    .slice(Math.floor(delays.length / 2))
    .slice(0, 1)
}

interface Speaker {
  readonly packets: readonly { readonly direction: string; readonly at: number; readonly plain: Buffer | undefined }[]
}

/** Sequence number, timestamp and source of a packet. */
const markOf = (rtp: Buffer): string => rtp.subarray(2, 12).toString('hex')
