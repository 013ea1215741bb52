import { audioLoss, echoAt, finding, precondition, promised, scenario, should, whereReached } from 'ringproof'

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
    heard: promised('SC-4', 'the caller hears an echo of what it says', {
      gravity: 'outage',
      cause: 'no-audio',
      follows: ['encryption-dropped'],
      harm: 'Callers of the echo test do not hear themselves.',
    }),
    intact: whereReached(
      promised('SC-4', 'the echo is what the caller said', {
        gravity: 'outage',
        cause: 'audio-altered',
        follows: ['audio-lost'],
        harm: 'Callers of the echo test hear noise instead of themselves: audio is altered on its way.',
      }),
    ),
    once: promised('SC-4', 'the caller hears nobody else', {
      gravity: 'exposure',
      cause: 'wrong-audio',
      harm: "Callers of the echo test hear other customers' audio.",
    }),
    complete: whereReached(
      promised('SC-4', 'at most 1 % of the audio packets are lost', {
        gravity: 'harm',
        cause: 'audio-lost',
        harm: 'Calls have gaps: {loss|more than 1 %} of the audio packets that services send are lost.',
      }),
    ),
    soon: whereReached(
      finding('SC-4', "the caller's voice comes back within 400 ms", {
        gravity: 'harm',
        cause: 'audio-late',
        harm: 'Audio is late: the echo comes {delay|more than 400 ms} after the word.',
      }),
    ),
    stops: should('RFC 3261 §15.1.2', 'nothing is sent any more after the call has ended', {
      gravity: 'harm',
      cause: 'audio-after-hang-up',
      harm: 'Services go on sending audio after the call has ended; it can be heard in the next call.',
    }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  step: 'talk',
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 30,
  fitForLoad: true,
  harm: 'Callers of the echo test hear nothing, or hear themselves badly.',
  advice:
    'Dial the echo test from a telephone. If it is silent, look at the relay of the call, which the ladder names: firewall, port range, address in the answer. Loss and delay: look at the load of the relay and of the media server, and at the network between them. Audio after the call: let its end close the relay’s ports at once, not by a timer.',
  async run({ alice, services, expect, waits, within, clock, figure, target }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    const { media } = call
    precondition(media, 'the call has no audio session', 'no-audio')
    const own = media.patternId
    const heard = await echoAt(alice, media, clock)
    // Counted from here: what was said before may have had numbers of its own.
    const before = media.report().received
    await waits(heard.recognised ? LISTENS_MS : 0)
    const report = media.report()
    // A service that hangs up by itself may fall silent.
    const silent = call.state === 'ended' ? 0 : (report.sent.lastAt ?? 0) - (report.received.lastAt ?? 0)
    // The caller falls silent: for so long as it still hears itself, its voice is under way.
    media.muted = true
    const mutedAt = clock.now()
    await waits(1_500)
    expect('heard', heard.words).toSatisfy('its own voice', () => heard.audible)
    if (heard.audible) expect('intact', [heard]).toBeIntact()
    expect(
      'once',
      report.heard.filter((audio) => audio.patternId !== own),
    ).toBeEmpty()
    if (heard.recognised) {
      const loss = audioLoss(report, before, target)
      // Sequence numbers do not show that audio broke off.
      const broken = silent > BROKEN_OFF_MS ? Math.min(100, (100 * silent) / LISTENS_MS) : 0
      figure('loss', `${Math.max(broken, (100 * loss.lost) / Math.max(1, loss.expected)).toFixed(1)} %`)
      if (broken > 0) expect('complete', broken).toBeWithin(0, 1, '% lost')
      else expect('complete', [loss]).toBeComplete()
      const lastAt = media.report().heard.find((audio) => audio.patternId === own)?.lastAt ?? mutedAt
      figure('delay', `${Math.max(0, Math.round(lastAt - mutedAt))} ms`)
      expect('soon', lastAt - mutedAt).toBeWithin(Number.NEGATIVE_INFINITY, 400, 'ms')
    }
    media.muted = false
    await waits(500)
    await within(call.hangUp(), 4_000)
    const endedAt = clock.now()
    await waits(1_000)
    // What was on its way when the call ended may still arrive.
    const late = alice.packets.filter((packet) => packet.direction === 'in' && packet.at > endedAt + 500)
    expect('stops', late.length).toBe(0, 'packet after the call')
  },
})
