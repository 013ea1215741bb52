import { finding, type MediaPacketEvent, precondition, promised, scenario, voiceAt, whereReached } from 'ringproof'

/** RTCP comes every five seconds, drawn between half and one and a half of it (RFC 3550 §6.3.1). */
const RTCP_WITHIN_MS = 9_000

export default scenario({
  id: 'nat/symmetric',
  title: 'A device behind a symmetric NAT, which gives each destination another port, is called, hears and is heard',
  area: 'nat',
  purposes: ['NAT-KINDS', 'MED-LATCH', 'MED-SYM'],
  provider: ['BH-9', 'EP-4'],
  rules: {
    called: promised('BH-9', 'a device behind a symmetric NAT is called where its REGISTER came from', {
      gravity: 'outage',
      cause: 'nat-unreachable',
      follows: ['signalling-unpublished', 'call-not-delivered'],
      harm: 'Customers behind a router cannot be called.',
    }),
    hears: whereReached(
      promised('BH-9', 'a device behind a symmetric NAT hears the other side', {
        gravity: 'outage',
        cause: 'nat-source-ignored',
        follows: ['no-audio', 'audio-altered', 'audio-source-differs', 'relay-unpublished'],
        harm: 'Customers behind a router hear nothing in their calls.',
      }),
    ),
    isHeard: whereReached(
      promised('BH-9', 'the other side hears the device behind a symmetric NAT', {
        gravity: 'outage',
        cause: 'no-audio',
        follows: ['audio-altered'],
        harm: 'Customers behind a router are not heard in their calls.',
      }),
    ),
    rtcp: whereReached(
      finding('BH-9', 'RTCP is sent to where the RTCP of the device comes from, not beside its audio', {
        gravity: 'letter',
        follows: ['rtcp-missing', 'nat-source-ignored'],
        harm: 'Telephones behind a router get no RTCP: they and the monitoring cannot tell how good a call is.',
      }),
    ),
  },
  devices: {
    alice: { nat: { mappingTimeoutMs: 30_000, mapping: 'address-and-port-dependent' } },
    bob: {},
  },
  families: ['ipv4'],
  seconds: 26,
  reliesOn: 'audio',
  step: 'talk',
  harm: 'Customers behind some routers (symmetric NAT, mobile networks) cannot be called or have no audio.',
  advice:
    'Send to where packets come from, each by its own port: INVITE to the source of the REGISTER, audio to the source of the audio, RTCP to the source of the RTCP. STUN does not help these devices. Kamailio: fix_nated_register() and rtpengine; Asterisk: rtp_symmetric=yes, force_rport=yes, rewrite_contact=yes.',
  async run({ alice, bob, expect, waits }) {
    await alice.registers()
    await bob.registers()
    const ringing = alice.nextCall(6_000)
    const { call, arrived } = await bob.tries(alice, 5_000)
    const taken = arrived && (await ringing)
    expect('called', arrived !== undefined, { seen: bob.says('INVITE').last }).toBeTrue('the call arrives')
    if (!taken) return
    await waits(2_500)
    precondition(taken.media && call.media, 'the call has no audio', 'no-audio')
    expect('hears', voiceAt(alice, taken.media, call.media.patternId)).toBeVoice("alice hears bob's voice")
    expect('isHeard', voiceAt(bob, call.media, taken.media.patternId)).toBeVoice("bob hears alice's voice")
    const got = ({ packets }: { readonly packets: readonly MediaPacketEvent[] }) =>
      packets.some(({ direction, kind }) => direction === 'in' && kind === 'rtcp')
    for (let waited = 0; waited < RTCP_WITHIN_MS && !(got(alice) && got(bob)); waited += 500) await waits(500)
    // Relays that pass no RTCP at all say nothing about NAT.
    if (got(bob)) expect('rtcp', got(alice)).toBeTrue('RTCP at the device behind NAT, as at the other one')
  },
})
