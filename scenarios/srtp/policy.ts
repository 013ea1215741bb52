import { notApplicable, outcomeOfOffer, promised, scenario } from 'ringproof'

export default scenario({
  id: 'srtp/policy',
  title: 'Where calls have to be encrypted, an offer without encryption is rejected',
  area: 'srtp',
  purposes: ['SRTP-POLICY'],
  provider: ['EP-2'],
  rules: {
    rejected: promised('EP-2', 'an offer of audio without SRTP is rejected over a transport that wants SRTP', {
      gravity: 'exposure',
      harm: 'Calls over TLS can be listened to: telephones whose encryption is off are served without a word.',
    }),
  },
  // It would take plain audio: whoever rejects the call is the target.
  devices: { alice: {}, bob: { srtp: false } },
  needs: ['srtp'],
  reliesOn: 'call',
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  fitForLoad: true,
  harm: 'Calls that customers believe to be encrypted are not.',
  advice:
    'Reject offers of audio without RTP/SAVP on TLS with 488. Kamailio: check the session description before rtpengine_offer. Asterisk: media_encryption=sdes without media_encryption_optimistic. FreeSWITCH: rtp_secure_media=mandatory.',
  async run({ alice, bob, target, variant, within, expect }) {
    const policy = target.document.media.srtpOn[variant.transport]
    const name = variant.transport.toUpperCase()
    if (policy !== 'required')
      notApplicable(`the target file does not say that calls over ${name} have to be encrypted`)
    await alice.registers()
    await bob.registers()
    const plain = await alice.speaksByHand()
    const call = await alice.invites(bob, { sdp: plain.describes({ protocol: 'RTP/AVP' }) })
    const outcome = await outcomeOfOffer(call, { within })
    const seen =
      outcome.kind === 'taken' ? `accepted with ${outcome.audio.protocol}` : `rejected with ${outcome.status}`
    expect('rejected', seen).toMatch(/^rejected/, 'rejected')
    if (outcome.kind === 'taken') await within(call.hangUp(), 4_000)
  },
})
