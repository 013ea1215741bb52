import { finding, precondition, scenario, SessionDescription } from 'ringproof'

export default scenario({
  id: 'srtp/keys-stay-on-tls',
  title: 'The SRTP key of a caller on TLS is not passed on over UDP or TCP',
  area: 'srtp',
  purposes: ['SD-PLAIN'],
  provider: ['BH-6', 'BH-7'],
  rules: {
    notPassedOn: finding('BH-6', 'an INVITE to a device on UDP or TCP carries no key of the caller', {
      gravity: 'exposure',
      cause: 'keys-in-clear',
    }),
  },
  devices: { alice: { srtp: true, transport: 'tls' }, bob: { audio: false } },
  needs: ['srtp'],
  reliesOn: 'call',
  transports: ['udp', 'tcp'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  harm: 'Calls from customers on TLS can be listened to near the other end: their SRTP key leaves TLS.',
  advice:
    'Remove a=crypto from INVITEs that leave TLS: let the relay decrypt there, or reject the call. rtpengine: transport protocol RTP/AVP towards devices without TLS.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    bob.rejects(486)
    const call = await alice.invites(bob)
    const invite = await bob.hears('INVITE').next(6_000)
    if (!invite) {
      // A call that is rejected passes on no key.
      const final = await within(call.answered, 8_000)
      precondition(final, 'the call got no final response', 'no-answer')
      precondition([403, 415, 488, 606].includes(final.status), `the call got ${final.status}`, 'call-refused')
    }
    const offered = invite ? SessionDescription.parse(invite.message.body).media : []
    expect('notPassedOn', offered.flatMap((media) => media.crypto).length, { seen: invite }).toBe(
      0,
      'key in the INVITE',
    )
    await within(call.answered, 4_000)
  },
})
