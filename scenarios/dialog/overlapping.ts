import { inconclusive, insideOf, must, precondition, scenario, unsupported } from 'ringproof'

export default scenario({
  id: 'dialog/overlapping',
  title: 'A second INVITE before the first one is answered is put off',
  area: 'dialog',
  purposes: ['DLG-OVERLAP'],
  rules: {
    refused: must('RFC 3261 §14.2', 'a second INVITE before the first is answered gets a 500', { gravity: 'letter' }),
    retryAfter: must('RFC 3261 §14.2', 'the 500 to a second INVITE says in Retry-After to wait 0 to 10 seconds', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  seconds: 16,
  harm: 'Devices that change a call while it is being set up lose it, or both sides end up with different ideas of it.',
  advice: 'Look at how the answering side treats an INVITE while another of the same call waits for its answer.',
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
    if (!early.first || call.final) inconclusive('the first INVITE was answered before a second one could be sent')
    const { uri, ...inside } = insideOf(call)
    const sdp = call.localSdp
    precondition(sdp, 'no session description')
    const second = await within(
      alice.sends('INVITE', uri, {
        ...inside,
        cseq: 1100,
        headers: { Contact: `<${alice.agent.contactUri}>` },
        body: sdp,
        contentType: 'application/sdp',
      }),
      6_000,
    )
    const answer = alice.hears(undefined, { callId: call.id, cseq: 1100 }).last
    expect('refused', second?.status, { seen: answer }).toBe(500)
    const seconds = Number.parseInt(second?.final?.headers.get('Retry-After') ?? '', 10)
    expect('retryAfter', seconds, { seen: answer, header: 'Retry-After' }).toBeWithin(0, 10, 's')
    void call.cancel()
    await waits(500)
  },
})
