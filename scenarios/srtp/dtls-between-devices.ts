import {
  handshakeOf,
  outcomeOfOffer,
  owed,
  precondition,
  promised,
  scenario,
  unsupported,
  whereReached,
} from 'ringproof'

const HANDSHAKE_MS = 8_000
const HEARS_MS = 6_000

export default scenario({
  id: 'srtp/dtls-between-devices',
  title: 'Two devices with DTLS-SRTP hear each other',
  area: 'srtp',
  purposes: ['DTLS-KEYS', 'MED-TWOWAY'],
  provider: ['BH-8', 'BH-4'],
  rules: {
    keyed: owed('RFC 5763 §5', 'the DTLS handshake of a call that was answered with DTLS-SRTP comes to its end', {
      gravity: 'outage',
      cause: 'dtls-not-completed',
      follows: ['no-audio'],
      harm: 'Encrypted calls between customers are silent: the DTLS handshake does not get through, or not to its end.',
    }),
    callerHears: whereReached(
      promised('BH-4', 'with DTLS-SRTP the called party is heard', {
        gravity: 'outage',
        cause: 'no-audio',
        harm: 'Encrypted calls are silent: the caller hears nothing.',
      }),
    ),
    calleeHears: whereReached(
      promised('BH-4', 'with DTLS-SRTP the caller is heard', {
        gravity: 'outage',
        cause: 'no-audio',
        harm: 'Encrypted calls are silent: the called party hears nothing.',
      }),
    ),
  },
  devices: { alice: { srtp: 'dtls' }, bob: { srtp: 'dtls' } },
  reliesOn: 'call',
  step: 'talk',
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 34,
  harm: 'Encrypted calls of customers with DTLS-SRTP are silent.',
  advice:
    'Look whether the relay passes what is no RTP (first octets 20 to 63, RFC 7983), or ends DTLS on both sides; and whether a=fingerprint, a=setup and a=rtcp-mux get through.',
  async run({ alice, bob, clock, expect, within }) {
    await alice.registers()
    await bob.registers()
    const call = await alice.invites(bob)
    const outcome = await outcomeOfOffer(call, { within })
    if (outcome.kind === 'refused') unsupported(`DTLS-SRTP is refused with ${outcome.status}`)
    const theirs = bob.mediaSessions[0]
    precondition(theirs, 'the call did not arrive at the called device', 'call-not-arrived')
    const { media } = call
    const [caller, callee] = [
      await handshakeOf(media, HANDSHAKE_MS, clock),
      await handshakeOf(theirs, HANDSHAKE_MS, clock),
    ]
    const words = `caller: ${caller.words}; callee: ${callee.words}`
    expect('keyed', words).toSatisfy('complete on both sides', () => caller.complete && callee.complete)
    if (!caller.complete || !callee.complete || media === undefined) return
    // Whose voice: where the target ends DTLS, keys differ, and the voices are the same.
    expect('callerHears', await media.hears(theirs.patternId, HEARS_MS)).toBeTrue("the called party's voice")
    expect('calleeHears', await theirs.hears(media.patternId, HEARS_MS)).toBeTrue("the caller's voice")
    await within(call.hangUp(), 4_000)
  },
})
