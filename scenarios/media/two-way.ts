import { finding, precondition, promised, scenario, whereReached } from 'ringproof'

const LISTENS_MS = 5_000
/** A busy machine makes shorter pauses, of packets 20 ms apart. */
const BROKEN_OFF_MS = 1_000

export default scenario({
  id: 'media/two-way',
  title: 'Two devices that call each other hear each other, at once, and nobody else',
  area: 'media',
  purposes: ['MED-TWOWAY'],
  provider: ['BH-4', 'EP-4', 'EP-5'],
  rules: {
    calleeHears: promised('BH-4', 'the called device hears the caller', {
      gravity: 'harm',
      harm: 'Customers pick up and hear nothing.',
    }),
    callerHears: promised('BH-4', 'the caller hears the called device', {
      gravity: 'harm',
      harm: 'Customers call somebody who answers, and hear nothing.',
    }),
    nobodyElse: promised('BH-4', 'neither of the two devices hears anybody else', {
      gravity: 'harm',
      harm: 'Customers hear somebody else’s call.',
    }),
    complete: promised('BH-4', 'hardly any audio is lost on the way (1 % at most)', {
      gravity: 'harm',
      harm: 'Customers hear each other with gaps: packets of their audio are lost.',
    }),
    soon: finding('BH-4', 'both devices hear something within a second after both began to speak', {
      gravity: 'harm',
      harm: 'Customers pick up and hear nothing of the first words.',
    }),
    notLate: whereReached(
      finding('BH-4', 'a voice takes less than 300 ms from one end to the other', {
        gravity: 'harm',
        harm: 'Customers hear each other late and talk over each other.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 16,
  fitForLoad: true,
  harm: 'Customers pick up and hear nothing, or hear each other with gaps or late.',
  advice:
    'Look at the media relay of the call: the addresses that it gave to either side, and where each side sent to.',
  async run({ alice, bob, expect, waits }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    const ends = [caller.media, callee.media] as const
    precondition(ends[0] && ends[1], 'the call has no audio')
    const [own, other] = [ends[0].patternId, ends[1].patternId]
    const [callerHears, calleeHears] = await Promise.all([ends[0].hears(other, 4_000), ends[1].hears(own, 4_000)])
    // Counted from here: what came before the answer may have had numbers of its own.
    const before = [ends[0].report().received, ends[1].report().received] as const
    await waits(LISTENS_MS)
    const [ours, theirs] = [ends[0].report(), ends[1].report()]
    expect('calleeHears', calleeHears).toBeTrue("alice's voice")
    expect('callerHears', callerHears).toBeTrue("bob's voice")
    const strange = [
      ...ours.heard.filter((audio) => audio.patternId !== other),
      ...theirs.heard.filter((audio) => audio.patternId !== own),
    ]
    expect('nobodyElse', strange).toBeEmpty()
    const shares = [ours, theirs].map(({ received }, index) => {
      const expected = received.expected - (before[index]?.expected ?? 0)
      const lost = expected <= 0 ? 100 : (100 * (received.lost - (before[index]?.lost ?? 0))) / expected
      // Sequence numbers do not show that audio broke off.
      const silent = ([theirs, ours][index]?.sent.lastAt ?? 0) - (received.lastAt ?? 0)
      return silent > BROKEN_OFF_MS ? Math.max(lost, (100 * silent) / LISTENS_MS) : lost
    })
    // Fewer than none are lost where the network doubles packets.
    expect('complete', Math.max(0, ...shares)).toBeWithin(0, 1, '% lost')
    const spoke = Math.max(ours.sent.firstAt ?? 0, theirs.sent.firstAt ?? 0)
    const heard = Math.max(...[ours, theirs].map((report) => report.received.firstAt ?? Number.POSITIVE_INFINITY))
    expect('soon', Math.max(0, heard - spoke)).toBeWithin(0, 1_000, 'ms')
    // Relays that write their own numbers leave nothing to compare: then nothing is said of it.
    const delays = [...delaysOf(alice, bob), ...delaysOf(bob, alice)]
    if (delays.length > 0) expect('notLate', Math.max(...delays)).toBeWithin(-20, 300, 'ms')
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
