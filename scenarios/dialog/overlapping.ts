import { inconclusive, insideOf, must, precondition, scenario, unsupported, whereReached } from 'ringproof'

export default scenario({
  id: 'dialog/overlapping',
  title: 'A second INVITE before the first one is answered is rejected with 500 and Retry-After',
  area: 'dialog',
  purposes: ['DLG-OVERLAP'],
  rules: {
    refused: must('RFC 3261 §14.2', 'a second INVITE before the first is answered gets a 500', { gravity: 'letter' }),
    retryAfter: whereReached(
      must('RFC 3261 §14.2', 'the 500 to a second INVITE carries Retry-After with 0 to 10 seconds', {
        gravity: 'letter',
        harm: 'Devices whose change of a call came too early are not told when to try again.',
      }),
    ),
  },
  devices: { alice: {} },
  needs: ['echo'],
  seconds: 16,
  harm: 'A device that changes a call while it is being set up may lose it: the change is not put off.',
  advice: 'Look at how the service treats an INVITE while another one of the same call waits for its answer.',
  async run({ alice, services, expect, within, waits }) {
    await alice.registers()
    // The answering side waits for a PRACK that does not come, so that the first INVITE stays open.
    const call = await alice.invites(services.echo ?? '', {
      cseq: 1000,
      reliableProvisionals: 'required',
      automatic: { acknowledgeReliable: false },
    })
    const early = alice.hears('1xx', {
      callId: call.id,
      where: ({ message }) => message.to.tag !== undefined && message.headers.has('RSeq'),
    })
    await Promise.race([early.reaches(1, 6_000), call.ended])
    if (call.final?.status === 420) unsupported('the target does not know reliable provisional responses (100rel)')
    if (!early.first || call.final)
      inconclusive('the first INVITE was answered before a second one could be sent', 'not-reached')
    const { uri, ...inside } = insideOf(call)
    const sdp = call.localSdp
    precondition(sdp, 'the caller has no session description')
    const second = await within(
      alice.sends('INVITE', uri, {
        ...inside,
        cseq: 1100,
        headers: { Contact: `<${alice.contactUri}>` },
        body: sdp,
        contentType: 'application/sdp',
      }),
      6_000,
    )
    const answer = alice.hears(undefined, { callId: call.id, cseq: 1100 }).last
    if (expect('refused', second?.status ?? 'no answer', { seen: answer }).toBe(500)) {
      const retryAfter = second?.final?.headers.get('Retry-After')
      expect('retryAfter', retryAfter ?? 'none', { seen: answer, header: 'Retry-After' }).toSatisfy(
        '0 to 10 s',
        (value) => Number.parseInt(value, 10) >= 0 && Number.parseInt(value, 10) <= 10,
      )
    }
    void call.cancel()
    await waits(500)
  },
})
