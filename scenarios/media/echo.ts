import { finding, precondition, promised, scenario, should } from 'ringproof'

const LISTENS_MS = 5_000
/** A busy machine makes shorter pauses, of packets 20 ms apart. */
const BROKEN_OFF_MS = 1_000

export default scenario({
  id: 'media/echo',
  title: 'The echo test sends back what the caller says',
  area: 'media',
  purposes: ['MED-ECHO'],
  provider: ['SC-4', 'BH-4'],
  rules: {
    heard: promised('SC-4', 'the caller hears its own voice', { gravity: 'harm', harm: 'Callers hear nothing.' }),
    once: promised('SC-4', 'the caller hears nothing but its own voice', {
      gravity: 'harm',
      harm: 'Callers hear somebody else, or themselves twice.',
    }),
    complete: promised('SC-4', 'hardly any audio is lost on the way (1 % at most)', {
      gravity: 'harm',
      harm: 'Callers hear gaps: packets of their audio are lost.',
    }),
    soon: finding('SC-4', "the caller's voice comes back within 400 ms", {
      gravity: 'harm',
      harm: 'Callers hear each other late: conversations stumble.',
    }),
    stops: should('RFC 3261 §15.1.2', 'nothing is sent any more after the call has ended', {
      gravity: 'harm',
      harm: 'Packets load the customer’s line after the call, and can be heard in the next one.',
    }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 30,
  fitForLoad: true,
  harm: 'Callers hear nothing, or somebody else.',
  advice: 'Look at the media relays: which one carried the call stands in the ladder.',
  async run({ alice, services, expect, waits, within, clock }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    const { media } = call
    precondition(media, 'the call has no audio')
    const own = media.patternId
    // Many echo tests say first what they are.
    const heard = await media.hears(own, 15_000)
    // Counted from here: what was said before may have had numbers of its own.
    const before = media.report().received
    await waits(heard ? LISTENS_MS : 0)
    const report = media.report()
    expect('heard', heard).toBeTrue('its own voice')
    expect(
      'once',
      report.heard.filter((audio) => audio.patternId !== own),
    ).toBeEmpty()
    const [lost, expected] = [report.received.lost - before.lost, report.received.expected - before.expected]
    // Sequence numbers do not show that audio broke off. A service that hangs up by itself may.
    const silent = call.state === 'ended' ? 0 : (report.sent.lastAt ?? 0) - (report.received.lastAt ?? 0)
    // Fewer than none are lost where the network doubles packets.
    const share = expected <= 0 ? 100 : Math.max(0, (100 * lost) / expected)
    const whole = silent > BROKEN_OFF_MS ? Math.max(share, (100 * silent) / LISTENS_MS) : share
    expect('complete', whole).toBeWithin(0, 1, '% lost')
    // The caller falls silent: for so long as it still hears itself, its voice is under way.
    media.muted = true
    const mutedAt = clock.now()
    await waits(1_500)
    const lastAt = media.report().heard.find((audio) => audio.patternId === own)?.lastAt
    expect('soon', (lastAt ?? Number.POSITIVE_INFINITY) - mutedAt).toBeWithin(-2_000, 400, 'ms')
    media.muted = false
    await waits(500)
    await within(call.hangUp(), 4_000)
    const endedAt = clock.now()
    await waits(1_000)
    // What was on its way when the call ended may still arrive.
    const late = alice.packets.filter((packet) => packet.direction === 'in' && packet.at > endedAt + 500)
    expect('stops', late.length).toBe(0)
  },
})
