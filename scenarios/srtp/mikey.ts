import { finding, outcomeOfOffer, scenario, should } from 'ringproof'

export default scenario({
  id: 'srtp/mikey',
  title: 'Audio that is to be keyed by MIKEY is answered as such or refused, never quietly left unprotected',
  area: 'srtp',
  purposes: ['SD-MIKEY'],
  provider: ['BH-8'],
  rules: {
    honest: should('RFC 4567 §4.1.2', 'an offer whose key management is not accepted is refused', {
      gravity: 'letter',
    }),
    keyed: finding('BH-8', 'an answer that takes up MIKEY carries a key management message of its own', {
      gravity: 'letter',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  harm: 'A telephone believes itself protected and is not, or the call is answered and silent.',
  advice: 'Look at what the answer makes of a=key-mgmt:mikey: 488 is right where MIKEY is not spoken.',
  async run({ alice, services, random, expect, within }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    // RFC 3830 §6.1: version 1, pre-shared key, no verification wanted; the rest is nobody's key.
    const message = Buffer.concat([Buffer.from([1, 0, 5, 0]), random.bytes(40)]).toString('base64')
    const call = await alice.invites(services.echo ?? '', {
      sdp: audio.describes({ protocol: 'RTP/SAVP', lines: [`a=key-mgmt:mikey ${message}`] }),
    })
    const outcome = await outcomeOfOffer(call, { within })
    const seen = alice.hears(outcome.status, { to: 'INVITE' }).last
    const answered = outcome.kind === 'taken' ? outcome.audio.protocol : 'refused'
    expect('honest', answered, { seen }).toBeOneOf(['refused', 'RTP/SAVP'])
    const keys = outcome.kind === 'taken' ? outcome.audio.keyManagement : undefined
    expect('keyed', keys === undefined || keys.messages.length > 0, { seen }).toBeTrue('refused, or a=key-mgmt:mikey')
    if (outcome.kind === 'taken') await within(call.hangUp(), 4_000)
  },
})
