import { mikeyOfUnknownKey, must, outcomeOfOffer, scenario, should, whereReached } from 'ringproof'

export default scenario({
  id: 'srtp/mikey',
  title: 'An offer of SRTP with MIKEY whose key nobody shares is refused, not answered as plain RTP or with no key',
  area: 'srtp',
  purposes: ['SD-MIKEY'],
  provider: ['BH-8'],
  rules: {
    honest: should('RFC 4567 §4.1.2', 'an offer whose key management is not accepted is refused', {
      gravity: 'harm',
      cause: 'answered-unprotected',
    }),
    keyed: whereReached(
      must('RFC 4567 §4.1.2', 'an offer whose key cannot be verified sets up no session', {
        gravity: 'harm',
        follows: ['dtls-not-begun'],
        cause: 'answered-without-key',
        harm: 'Calls with MIKEY are answered as encrypted but without a key that both sides know: they stay silent.',
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
  async run({ alice, services, random, expect, within, clock }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    const message = mikeyOfUnknownKey(random, { unixMs: clock.unixMs(), ssrc: audio.ssrc }).toString('base64')
    const call = await alice.invites(services.echo ?? '', {
      sdp: audio.describes({ protocol: 'RTP/SAVP', lines: [`a=key-mgmt:mikey ${message}`] }),
    })
    const outcome = await outcomeOfOffer(call, { within })
    const seen = alice.hears(outcome.status, { to: 'INVITE' }).last
    const answered = outcome.kind === 'taken' ? outcome.audio.protocol : 'refused'
    expect('honest', answered, { seen }).toBeOneOf(['refused', 'RTP/SAVP'])
    // Nobody but this offer knows its key: an answer can tell that only (RFC 3830 §5.1.2), with port 0 or for another try.
    if (outcome.kind === 'taken' && answered === 'RTP/SAVP') {
      const types = outcome.audio.keyManagement.messages.map(({ dataType = 'unreadable' }) => dataType)
      expect('keyed', `accepted, ${types.length === 0 ? 'without a=key-mgmt' : `a=key-mgmt: ${types.join(', ')}`}`, {
        seen,
      }).toSatisfy('rejected, or an error message of MIKEY', () => types.includes('error'))
    }
    if (outcome.kind === 'taken') await within(call.hangUp(), 4_000)
  },
})
