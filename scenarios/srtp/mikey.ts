import { finding, outcomeOfOffer, scenario, should, whereReached } from 'ringproof'

export default scenario({
  id: 'srtp/mikey',
  title: 'An offer of SRTP with MIKEY is answered with MIKEY or refused, not answered as plain RTP',
  area: 'srtp',
  purposes: ['SD-MIKEY'],
  provider: ['BH-8'],
  rules: {
    honest: should('RFC 4567 §4.1.2', 'an offer whose key management is not accepted is refused', {
      gravity: 'harm',
      cause: 'answered-unprotected',
    }),
    keyed: whereReached(
      finding('BH-8', 'an answer that accepts MIKEY carries a key management message of its own', {
        gravity: 'harm',
        cause: 'answered-without-key',
        harm: 'Calls with MIKEY are answered as encrypted but without a key: they stay silent.',
      }),
    ),
  },
  devices: { alice: { audio: false } },
  needs: ['echo'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  harm: 'Calls of devices that offer SRTP with MIKEY are answered as plain RTP: silent or unprotected.',
  advice: 'Look at how a=key-mgmt:mikey in an offer is answered: 488 is right where MIKEY is not supported.',
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
    if (outcome.kind === 'taken' && answered === 'RTP/SAVP')
      expect('keyed', outcome.audio.keyManagement.messages.length > 0, { seen }).toBeTrue('a=key-mgmt:mikey')
    if (outcome.kind === 'taken') await within(call.hangUp(), 4_000)
  },
})
