import { finding, must, precondition, promised, scenario, SessionDescription, whereReached } from 'ringproof'

/** What says that the offer is not wanted (RFC 3261 §14.2, §21.4.26, §21.6.4). */
const REFUSALS = [403, 415, 488, 606]

export default scenario({
  id: 'srtp/rekey',
  title: 'A new key in the middle of a call is taken, and nobody stops being heard',
  area: 'srtp',
  purposes: ['SD-REKEY'],
  provider: ['EP-2', 'BH-7'],
  rules: {
    answered: must(
      'RFC 4568 §7.1.4',
      'a new offer in a call is answered with exactly one key line, as the first was, or refused',
      { gravity: 'letter' },
    ),
    taken: finding('BH-7', 'a new key in the middle of a call is taken', { gravity: 'letter' }),
    heardAfter: promised('BH-7', 'the caller still hears itself after the change of keys, or after its refusal', {
      gravity: 'letter',
    }),
    noGap: whereReached(
      must('RFC 4568 §7.1.4', 'packets under a new key are read from the answer on', { gravity: 'letter' }),
    ),
  },
  devices: { alice: { srtp: true } },
  needs: ['echo', 'srtp'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 26,
  harm: 'Calls fall silent at the moment a telephone changes its key, as some do on hold or every hour.',
  advice: 'Look at what relay or service do with a changed a=crypto line in a re-INVITE.',
  async run({ alice, services, expect, waits, within, clock }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    const { media } = call
    precondition(media?.negotiated?.crypto, 'the answer has no key that could be used')
    precondition(await media.hears(media.patternId, 15_000), 'the echo test did not send the audio back')
    const exchange = await call.reinvite({ sdp: media.offer({ rekey: true }).toString() })
    precondition(exchange.status !== 408 && exchange.status !== 491, 'the re-INVITE was not answered')
    const seen = alice.hears(exchange.status, { to: 'INVITE' }).last
    const answer = exchange.final && SessionDescription.parse(exchange.final.body).media[0]
    const refused = exchange.status !== undefined && REFUSALS.includes(exchange.status)
    const how = refused ? `refused by ${exchange.status}` : `${exchange.status} with ${answer?.crypto.length ?? 0} key`
    expect('answered', how, { seen }).toMatch(/^(?:200 with 1 key|refused by \d+)$/)
    expect('taken', how, { seen }).toBe('200 with 1 key')
    // RFC 4568 §7.1.4: where the offer is rejected, what was agreed before remains in place.
    if (exchange.status !== 200) media.withdrawOffer()
    const changedAt = clock.now()
    await waits(2_500)
    const came = alice.packets.filter(
      (packet) => packet.kind === 'rtp' && packet.direction === 'in' && packet.at > changedAt + 300,
    )
    const read = came.filter((packet) => packet.plain !== undefined && packet.fault === undefined)
    const until = clock.now()
    const times = [changedAt + 300, ...read.map((packet) => packet.at), until]
    const silence = Math.max(...times.map((at, index) => at - (times[index - 1] ?? at)))
    expect('heardAfter', await media.hears(media.patternId, 1_500, { since: changedAt + 1_500 })).toBeTrue(
      'its own voice',
    )
    // In packets of whatever length; a few may be lost on the way, or come twice.
    if (!refused) expect('noGap', silence).toBeWithin(0, 300, 'ms without a packet that could be read')
    await within(call.hangUp(), 4_000)
  },
})
