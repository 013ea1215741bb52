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
    noneAtAll: finding('BH-6', 'an INVITE to a device on UDP or TCP carries no key at all', {
      gravity: 'exposure',
      cause: 'keys-in-clear',
      harm: 'The keys with which the provider encrypts audio are sent over unencrypted signalling: whoever reads them can listen.',
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
    const keys = offered.flatMap((media) => media.attributes('crypto')).map(keyOf)
    const sent = alice.says('INVITE', { callId: call.id }).last
    const own = sent ? SessionDescription.parse(sent.message.body).media : []
    const callers = new Set(own.flatMap((media) => media.attributes('crypto')).map(keyOf))
    const passedOn = keys.filter((key) => callers.has(key))
    expect('notPassedOn', passedOn.length, { seen: invite }).toBe(0, 'key of the caller in the INVITE')
    expect('noneAtAll', keys.length - passedOn.length, { seen: invite }).toBe(0, 'key of the provider in the INVITE')
    await within(call.answered, 4_000)
  },
})

/** The key of an `a=crypto` line (RFC 4568 §9.1). */
const keyOf = (line: string): string => /inline:([^|\s;]+)/.exec(line)?.[1] ?? line
