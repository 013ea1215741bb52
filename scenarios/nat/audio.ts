import { promised, scenario, voiceAt } from 'ringproof'

export default scenario({
  id: 'nat/audio',
  title: 'A device behind NAT, whose SDP names an inside address, is heard and hears',
  area: 'nat',
  purposes: ['MED-LATCH', 'MED-SYM'],
  provider: ['BH-9', 'EP-4'],
  rules: {
    hears: promised('BH-9', 'a device behind NAT hears the other side: the relay sends to where its audio comes from', {
      gravity: 'outage',
      cause: 'nat-source-ignored',
      follows: ['no-audio', 'audio-altered', 'audio-source-differs', 'relay-unpublished'],
      harm: 'Customers behind a router hear nothing in their calls.',
    }),
    isHeard: promised('BH-9', 'the other side hears the device behind NAT', {
      gravity: 'outage',
      cause: 'no-audio',
      follows: ['audio-altered'],
      harm: 'Customers behind a router are not heard in their calls.',
    }),
  },
  devices: { alice: { nat: { mappingTimeoutMs: 30_000 } }, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 10,
  fitForLoad: true,
  reliesOn: 'audio',
  step: 'talk',
  harm: 'Customers behind a router have no audio in one direction.',
  advice:
    'Let the relay learn the source of the first packets instead of sending to the address in SDP. rtpengine does so unless asymmetric or strict-source is set. Asterisk: rtp_symmetric=yes.',
  async run({ alice, bob, expect, waits }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await bob.calls(alice)
    await waits(2_500)
    expect('hears', voiceAt(alice, callee.media, caller.media?.patternId)).toBeVoice("alice hears bob's voice")
    expect('isHeard', voiceAt(bob, caller.media, callee.media?.patternId)).toBeVoice("bob hears alice's voice")
  },
})
