import { precondition, promised, scenario, voiceAt, whereReached } from 'ringproof'

export default scenario({
  id: 'nat/shared-address',
  title: 'Two customers behind one carrier’s NAT are told apart',
  area: 'nat',
  purposes: ['CGN'],
  provider: ['EP-9', 'BH-9'],
  rules: {
    firstRings: promised('EP-9', 'a call to the first customer reaches the first one, and nobody else', {
      gravity: 'outage',
      follows: ['nat-unreachable', 'signalling-unpublished', 'call-not-delivered'],
    }),
    secondRings: promised('EP-9', 'a call to the second customer reaches the second one, and nobody else', {
      gravity: 'outage',
      follows: ['nat-unreachable', 'signalling-unpublished', 'call-not-delivered'],
    }),
    firstHears: whereReached(
      promised('EP-9', 'the first customer has audio, from his own call', {
        gravity: 'outage',
        cause: 'nat-source-ignored',
        follows: ['no-audio', 'audio-altered', 'audio-source-differs', 'relay-unpublished'],
        harm: 'Customers who share an address (DS-Lite, mobile) do not hear their own call.',
      }),
    ),
    secondHears: whereReached(
      promised('EP-9', 'the second customer has audio, from his own call, at the same time', {
        gravity: 'outage',
        cause: 'nat-source-ignored',
        follows: ['no-audio', 'audio-altered', 'audio-source-differs', 'relay-unpublished'],
        harm: 'Customers who share an address (DS-Lite, mobile) do not hear their own call.',
      }),
    ),
  },
  devices: {
    alice: { nat: { mappingTimeoutMs: 30_000 } },
    carol: { nat: { mappingTimeoutMs: 30_000 } },
    bob: {},
    dave: {},
  },
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4'],
  seconds: 20,
  reliesOn: 'audio',
  step: 'call',
  harm: 'Customers who share an address (DS-Lite, mobile) get calls of others, or none.',
  advice: 'Tell bindings apart by address and port, or by connection, not by address alone.',
  async run({ alice, carol, bob, dave, expect, waits }) {
    // The same inside address and port for both: that is how it is behind a carrier's NAT.
    await alice.registers()
    await carol.registers()
    await bob.registers()
    await dave.registers()
    const rings = async (from: typeof bob, to: typeof alice, other: typeof alice) => {
      const elsewhere = other.hears('INVITE').count
      const ringing = to.nextCall(6_000)
      const { arrived } = await from.tries(to, 5_000)
      return {
        arrived: arrived && (await ringing),
        right: arrived !== undefined && other.hears('INVITE').count === elsewhere,
      }
    }
    const first = await rings(bob, alice, carol)
    expect('firstRings', first.right, { seen: bob.says('INVITE').last }).toBeTrue('alice rings, carol does not')
    const second = await rings(dave, carol, alice)
    expect('secondRings', second.right, { seen: dave.says('INVITE').last }).toBeTrue('carol rings, alice does not')
    if (!first.right || !second.right) return
    await waits(2_700)
    precondition(first.arrived?.media && second.arrived?.media, 'the calls have no audio', 'no-audio')
    const voices = [bob, dave].map((device) => device.mediaSessions[0]?.patternId)
    expect('firstHears', voiceAt(alice, first.arrived.media, voices[0])).toBeVoice("bob's voice, and no other")
    expect('secondHears', voiceAt(carol, second.arrived.media, voices[1])).toBeVoice("dave's voice, and no other")
  },
})
