import { finding, precondition, scenario, SessionDescription } from 'ringproof'

export default scenario({
  id: 'srtp/keys-stay-on-tls',
  title: 'The key of a caller on TLS is not passed on to a device without TLS',
  area: 'srtp',
  purposes: ['SD-PLAIN'],
  provider: ['BH-6', 'BH-7'],
  rules: {
    notPassedOn: finding('BH-6', 'an INVITE to a device on UDP or TCP carries no key of the caller', {
      gravity: 'letter',
    }),
  },
  devices: { alice: { srtp: true, transport: 'tls' }, bob: { audio: false } },
  needs: ['srtp'],
  transports: ['udp', 'tcp'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  harm: 'A caller who does everything right is heard all the same, by anyone near the other end.',
  advice: 'Look at the crypto lines in INVITEs that leave TLS: the relay should decrypt there, or the call be refused.',
  async run({ alice, bob, expect, within }) {
    await alice.registers()
    await bob.registers()
    bob.rejects(486)
    const call = await alice.invites(bob)
    const invite = await bob.hears('INVITE').next(6_000)
    if (!invite) {
      // A call that is refused keeps its keys to itself.
      const final = await within(call.answered, 8_000)
      precondition(final && [403, 415, 488, 606].includes(final.status), `the call did not arrive (${final?.status})`)
    }
    const offered = invite ? SessionDescription.parse(invite.message.body).media : []
    expect('notPassedOn', offered.flatMap((media) => media.crypto).length, { seen: invite }).toBe(0)
    await within(call.answered, 4_000)
  },
})
