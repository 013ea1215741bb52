import { precondition, promised, scenario, voiceAt, whereReached } from 'ringproof'

/** A carrier's NAT: few ports for each customer, no way from one to the other but by the provider. */
const CARRIER = {
  mappingTimeoutMs: 30_000,
  ports: { first: 61_000, last: 61_511, blockSize: 64, blocksEach: 2 },
  hairpin: 'none',
  insideAddress: '100.64.0.2',
} as const

export default scenario({
  id: 'nat/neighbours',
  title: 'Two customers behind one NAT call each other, and both hear',
  area: 'nat',
  purposes: ['CGN', 'MED-LATCH'],
  provider: ['EP-9', 'BH-9'],
  rules: {
    arrives: promised('EP-9', 'a call arrives at the other device behind the same NAT', {
      gravity: 'outage',
      cause: 'nat-unreachable',
      follows: ['signalling-unpublished', 'call-not-delivered'],
      harm: 'Customers behind the NAT of their carrier (DS-Lite, mobile) cannot be called.',
    }),
    calleeHears: whereReached(
      promised('EP-9', 'the called device hears the caller behind the same NAT', {
        gravity: 'outage',
        follows: ['nat-source-ignored', 'no-audio', 'audio-altered', 'audio-source-differs', 'relay-unpublished'],
      }),
    ),
    callerHears: whereReached(
      promised('EP-9', 'the caller hears the device behind the same NAT', {
        gravity: 'outage',
        follows: ['nat-source-ignored', 'no-audio', 'audio-altered', 'audio-source-differs', 'relay-unpublished'],
      }),
    ),
  },
  devices: { alice: { nat: CARRIER }, bob: { nat: { sameAs: 'alice' } } },
  transports: ['udp', 'tcp'],
  families: ['ipv4'],
  seconds: 20,
  reliesOn: 'audio',
  step: 'talk',
  harm: 'Two customers behind one NAT (one router, or DS-Lite and mobile with the same carrier) hear nothing when they call each other.',
  advice:
    'Lead calls over a relay also where both sides come from one address: behind a carrier’s NAT the inside addresses lead nowhere, and few routers send back what goes to their own outside address. Kamailio: call rtpengine_manage() without comparing source addresses. Asterisk: direct_media=no, or outgoing with nat. Take 100.64.0.0/10 (RFC 6598) for a private network, too.',
  async run({ alice, bob, expect, waits }) {
    await alice.registers()
    await bob.registers()
    const ringing = bob.nextCall(6_000)
    const { call, arrived } = await alice.tries(bob, 5_000)
    const taken = arrived && (await ringing)
    expect('arrives', arrived !== undefined, { seen: alice.says('INVITE').last }).toBeTrue('the call arrives')
    if (!taken) return
    await waits(2_700)
    precondition(taken.media && call.media, 'the call has no audio', 'no-audio')
    expect('calleeHears', voiceAt(bob, taken.media, call.media.patternId)).toBeVoice("bob hears alice's voice")
    expect('callerHears', voiceAt(alice, call.media, taken.media.patternId)).toBeVoice("alice hears bob's voice")
  },
})
