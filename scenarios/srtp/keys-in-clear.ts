import { finding, outcomeOfOffer, scenario } from 'ringproof'

export default scenario({
  id: 'srtp/keys-in-clear',
  title: 'The provider sends no SRTP key over UDP or TCP',
  area: 'srtp',
  purposes: ['SD-PLAIN'],
  provider: ['BH-6'],
  rules: {
    noKey: finding('BH-6', 'SRTP that is offered over UDP or TCP is not answered with a key in clear text', {
      gravity: 'exposure',
      cause: 'keys-in-clear',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo', 'srtp'],
  transports: ['udp', 'tcp'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  fitForLoad: true,
  harm: 'Calls that look encrypted can be listened to: the SRTP key is sent over unencrypted signalling.',
  advice:
    'Reject SRTP without TLS with 488, or answer it as plain RTP where the offer allows that, and tell customers to use TLS.',
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
