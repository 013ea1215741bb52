import { must, outcomeOfOffer, scenario } from 'ringproof'

export default scenario({
  id: 'srtp/no-key',
  title: 'An offer of SRTP without any key is refused',
  area: 'srtp',
  purposes: ['SD-NOCRYPTO'],
  provider: ['EP-2', 'BH-8'],
  rules: {
    refused: must('RFC 4568 §7.1.2', 'an offer of SRTP without a crypto line, nor other keys, is refused', {
      gravity: 'letter',
      cause: 'answered-without-key',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo', 'srtp'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  fitForLoad: true,
  harm: 'An offer of SRTP without a key is accepted, so that the call is silent; telephones hardly make one.',
  advice: 'Look at how RTP/SAVP without a=crypto, a=key-mgmt and a=fingerprint is answered: 488 is right.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    const call = await alice.invites(services.echo ?? '', { sdp: audio.describes({ protocol: 'RTP/SAVP' }) })
    const outcome = await outcomeOfOffer(call, { within })
    const seen = alice.hears(outcome.status, { to: 'INVITE' }).last
    expect('refused', outcome.kind === 'refused' ? 'refused' : `taken as ${outcome.audio.protocol}`, { seen }).toBe(
      'refused',
    )
    if (outcome.kind === 'taken') await within(call.hangUp(), 4_000)
  },
})
