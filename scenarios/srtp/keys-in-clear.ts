import { finding, outcomeOfOffer, scenario } from 'ringproof'

export default scenario({
  id: 'srtp/keys-in-clear',
  title: 'The provider puts no key of its own into signalling that anyone on the way can read',
  area: 'srtp',
  purposes: ['SD-PLAIN'],
  provider: ['BH-6'],
  rules: {
    noKey: finding('BH-6', 'encrypted audio that is offered over UDP or TCP is not answered with a key in clear text', {
      gravity: 'letter',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo', 'srtp'],
  transports: ['udp', 'tcp'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  harm: 'Customers see a padlock on their telephone, and anyone on the way reads the key and hears the call.',
  advice: 'Refuse encrypted audio on signalling without TLS (488), or tell customers to use TLS for it.',
  async run({ alice, services, target, expect, within }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    const key = audio.keyLine(1, target.document.media.srtp[0])
    const call = await alice.invites(services.echo ?? '', { sdp: audio.describes({ crypto: [key.line] }) })
    const outcome = await outcomeOfOffer(call, { within })
    const seen = alice.hears(outcome.status, { to: 'INVITE' }).last
    const keys = outcome.kind === 'taken' ? outcome.audio.crypto.length : 0
    expect('noKey', keys === 0 ? 'no key' : `a key over ${alice.variant.transport.toUpperCase()}`, { seen }).toBe(
      'no key',
    )
    if (outcome.kind === 'taken') await within(call.hangUp(), 4_000)
  },
})
