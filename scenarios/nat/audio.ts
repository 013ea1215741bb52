import { promised, scenario } from 'ringproof'

export default scenario({
  id: 'nat/audio',
  title: 'A device behind NAT, whose description names an inside address, is heard and hears',
  area: 'nat',
  purposes: ['MED-LATCH', 'MED-SYM'],
  provider: ['BH-9', 'EP-4'],
  rules: {
    hears: promised('BH-9', 'a device behind NAT hears the other side: the relay sends to where its audio comes from', {
      gravity: 'letter',
    }),
    isHeard: promised('BH-9', 'the other side hears the device behind NAT', {
      gravity: 'harm',
      harm: 'Customers behind a router are not heard in their calls.',
    }),
  },
  devices: { alice: { nat: { mappingTimeoutMs: 30_000 } }, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  harm: 'Customers behind a router hear nothing in their calls.',
  advice: 'Let the relay learn the source of the first packets instead of believing private addresses in SDP.',
  async run({ alice, bob, expect, waits }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await bob.calls(alice)
    await waits(2_500)
    expect(
      'hears',
      callee.media?.report().heard.some((audio) => audio.patternId === caller.media?.patternId),
    ).toBeTrue("bob's voice, at alice")
    expect(
      'isHeard',
      caller.media?.report().heard.some((audio) => audio.patternId === callee.media?.patternId),
    ).toBeTrue("alice's voice, at bob")
  },
})
