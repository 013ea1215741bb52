import { finding, promised, scenario, should } from 'ringproof'

export default scenario({
  id: 'media/echo',
  title: 'The echo test sends back what the caller says',
  area: 'media',
  purposes: ['MED-ECHO'],
  provider: ['SC-4', 'BH-4'],
  rules: {
    heard: promised('SC-4', 'the caller hears its own voice'),
    once: promised('SC-4', 'the caller hears nothing but its own voice'),
    complete: promised('SC-4', 'hardly any audio is lost on the way (1 % at most)'),
    soon: finding('SC-4', "the caller's voice comes back within 400 ms"),
    stops: should('RFC 3261 §15.1.2', 'nothing is sent any more after the call has ended'),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  fitForLoad: true,
  harm: 'Callers hear nothing, or somebody else.',
  advice: 'Look at the media relays: which one carried the call stands in the ladder.',
  async run({ alice, services, expect, waits, within, clock }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    await waits(2_500)
    const report = call.media?.report()
    await within(call.hangUp(), 4_000)
    const endedAt = clock.now()
    await waits(1_000)
    const own = alice.mediaSessions[0]?.patternId
    expect(
      'heard',
      report?.heard.some((audio) => audio.patternId === own),
    ).toBeTrue('its own voice')
    expect(
      'once',
      report?.heard.filter((audio) => audio.patternId !== own),
    ).toBeEmpty()
    const { lost = 0, expected = 0 } = report?.received ?? {}
    expect('complete', expected === 0 ? 100 : (100 * lost) / expected).toBeWithin(0, 1, '% lost')
    // Recognised alike at both ends: the first 20 ms of audio that came back, after the first that was said.
    const said = alice.packets.find((packet) => packet.direction === 'out' && packet.kind === 'rtp')
    const back = alice.packets.find((packet) => packet.direction === 'in' && packet.kind === 'rtp')
    expect('soon', (back?.at ?? Number.POSITIVE_INFINITY) - (said?.at ?? 0)).toBeWithin(0, 400, 'ms')
    // What was on its way when the call ended may still arrive.
    const late = alice.packets.filter((packet) => packet.direction === 'in' && packet.at > endedAt + 200)
    expect('stops', late.length).toBe(0)
  },
})
