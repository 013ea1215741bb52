import { precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'nat/shared-address',
  title: "Two customers behind one carrier's NAT, whose devices call themselves alike, are told apart",
  area: 'nat',
  purposes: ['CGN'],
  provider: ['EP-9', 'BH-9'],
  rules: {
    firstRings: promised('EP-9', 'a call to the first customer reaches the first one, and nobody else', {
      gravity: 'letter',
    }),
    secondRings: promised('EP-9', 'a call to the second customer reaches the second one, and nobody else', {
      gravity: 'letter',
    }),
    firstHears: promised('EP-9', 'the first customer has audio, from his own call', {
      gravity: 'harm',
      harm: 'Customers of cable and glass fibre carriers (DS-Lite) hear nothing, or their neighbours.',
    }),
    secondHears: promised('EP-9', 'the second customer has audio, from his own call, at the same time', {
      gravity: 'harm',
      harm: 'Customers of cable and glass fibre carriers (DS-Lite) hear nothing, or their neighbours.',
    }),
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
  harm: 'Customers of cable and glass fibre carriers (DS-Lite) get calls of their neighbours, or none.',
  advice: 'Look at whether bindings are told apart by address only: the port, or the connection, belongs to it.',
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
    precondition(first.arrived?.media && second.arrived?.media, 'the calls have no audio')
    const voices = [bob, dave].map((device) => device.mediaSessions[0]?.patternId)
    const heard = [first.arrived, second.arrived].map((call) => call.media?.report().heard.map((one) => one.patternId))
    expect('firstHears', heard[0]).toEqual([voices[0]])
    expect('secondHears', heard[1]).toEqual([voices[1]])
  },
})
