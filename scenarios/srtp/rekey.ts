import { finding, must, precondition, promised, scenario, SessionDescription, whereReached } from 'ringproof'

/** Statuses that reject an offer (RFC 3261 §14.2, §21.4.26, §21.6.4). */
const REFUSALS = [403, 415, 488, 606]

export default scenario({
  id: 'srtp/rekey',
  title: 'A new SRTP key within a call is accepted, and the audio goes on',
  area: 'srtp',
  purposes: ['SD-REKEY'],
  provider: ['EP-2', 'BH-7'],
  rules: {
    answered: must('RFC 4568 §7.1.4', 'a new offer in a call is answered with exactly one key line, or rejected', {
      gravity: 'harm',
    }),
    taken: finding('BH-7', 'a new key within a call is accepted', {
      gravity: 'harm',
      harm: 'Telephones cannot change their SRTP key during a call, as some do on hold or every hour.',
    }),
    heardAfter: promised('BH-7', 'the audio goes on after a change of keys, or after its rejection', {
      gravity: 'harm',
    }),
    noGap: whereReached(
      must('RFC 4568 §7.1.4', 'packets under a new key are decrypted from the answer on', {
        gravity: 'harm',
        harm: 'Encrypted calls have a gap of {gap|more than 300 ms} when a telephone changes its SRTP key.',
      }),
    ),
  },
  devices: { alice: { srtp: true } },
  needs: ['echo', 'srtp'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 26,
  harm: 'Encrypted calls fall silent when a telephone changes its SRTP key, as some do on hold or every hour.',
  advice:
    'Look at what relay and service do with a changed a=crypto line in a re-INVITE. rtpengine: the flag SDES-static, in answers, keeps the old suite.',
  async run({ alice, services, expect, waits, within, clock, figure }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    const { media } = call
    precondition(media?.negotiated?.crypto, 'the answer has no usable SRTP key', 'no-audio')
    precondition(await media.hears(media.patternId, 15_000), 'the echo test did not send the audio back', 'no-audio')
    const askedAt = clock.now()
    const exchange = await call.reinvite({ sdp: media.offer({ rekey: true }).toString() })
    precondition(exchange.status !== 408 && exchange.status !== 491, 'the re-INVITE was not answered', 'no-answer')
    const seen = alice.hears(exchange.status, { to: 'INVITE' }).last
    const answer = exchange.final && SessionDescription.parse(exchange.final.body).media[0]
    const refused = exchange.status !== undefined && REFUSALS.includes(exchange.status)
    const how = refused
      ? `rejected with ${exchange.status}`
      : `${exchange.status} with ${answer?.crypto.length ?? 0} key`
    expect('answered', how, { seen }).toMatch(
      /^(?:200 with 1 key|rejected with \d+)$/,
      '200 with 1 key, or a rejection',
    )
    expect('taken', how, { seen }).toBe('200 with 1 key')
    // RFC 4568 §7.1.4: where the offer is rejected, what was agreed before remains in place.
    if (exchange.status !== 200) media.withdrawOffer()
    const changedAt = clock.now()
    await waits(2_500)
    const read = alice.packets.filter(
      ({ kind, direction, plain, fault }) =>
        kind === 'rtp' && direction === 'in' && plain !== undefined && fault === undefined,
    )
    const silenceBetween = (from: number, to: number) => {
      const times = [from, ...read.map((packet) => packet.at).filter((at) => at > from && at < to), to]
      return Math.max(...times.map((at, index) => at - (times[index - 1] ?? at)))
    }
    const silence = silenceBetween(changedAt + 300, clock.now())
    // What a busy relay or line did to the audio before is no fault of the keys.
    const before = silenceBetween(read[0]?.at ?? changedAt, askedAt)
    expect('heardAfter', await media.hears(media.patternId, 1_500, { since: changedAt + 1_500 })).toBeTrue(
      'its own voice',
    )
    // In packets of whatever length; a few may be lost on the way, or come twice.
    if (!refused) {
      figure('gap', `${(silence / 1000).toFixed(1)} s`)
      expect('noGap', silence).toBeWithin(0, Math.max(300, 2 * before), 'ms without a packet that could be decrypted')
    }
    await within(call.hangUp(), 4_000)
  },
})
