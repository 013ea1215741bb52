import { must, promised, scenario } from 'ringproof'

export default scenario({
  id: 'media/echo',
  title: 'The echo test sends back what the caller says',
  area: 'media',
  purposes: ['MED-ECHO'],
  provider: ['SC-4', 'BH-4'],
  rules: {
    heard: promised('SC-4', 'the caller hears its own voice'),
    once: promised('SC-4', 'nothing but its own voice comes back'),
    complete: promised('SC-4', 'no audio is lost on the way'),
    stops: must('RFC 3261 §15.1.2', 'nothing is sent any more after the call has ended'),
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
    await waits(2_000)
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
    expect('complete', report?.received.lost).toBe(0)
    // What was on its way when the call ended may still arrive.
    const late = alice.packets.filter((packet) => packet.direction === 'in' && packet.at > endedAt + 200)
    expect('stops', late.length).toBe(0)
  },
})
