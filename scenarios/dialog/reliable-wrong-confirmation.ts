import { insideOf, must, precondition, scenario, unsupported, whereReached } from 'ringproof'

export default scenario({
  id: 'dialog/reliable-wrong-confirmation',
  title: 'A PRACK that matches no response is rejected, the right one accepted',
  area: 'dialog',
  purposes: ['REL-RACK'],
  provider: ['SC-4'],
  rules: {
    refused: must('RFC 3262 §3', 'a PRACK that matches no response is answered 481', { gravity: 'letter' }),
    accepted: whereReached(
      must('RFC 3262 §3', 'the PRACK that matches is answered with a 2xx', {
        gravity: 'harm',
        harm: 'Calls from telephones with 100rel fail: the PRACK for a provisional response is rejected.',
      }),
    ),
  },
  devices: { alice: {} },
  needs: ['echo'],
  seconds: 16,
  harm: 'A PRACK for another response stops the repeats of one that may have been lost.',
  advice: 'Look at how the service compares RAck with RSeq and CSeq of the response that it sent.',
  async run({ alice, services, expect, within, waits }) {
    await alice.registers()
    const call = await alice.invites(services.echo ?? '', {
      cseq: 1000,
      reliableProvisionals: 'required',
      automatic: { acknowledgeReliable: false },
    })
    const reliable = alice.hears('1xx', { callId: call.id, where: ({ message }) => message.headers.has('RSeq') })
    await Promise.race([reliable.reaches(1, 6_000), call.ended])
    if (call.final?.status === 420) unsupported('the target does not know reliable provisional responses (100rel)')
    precondition(reliable.first, 'no reliable provisional response came', 'feature-lacking')
    const { message } = reliable.first
    const rseq = Number(message.headers.get('RSeq'))
    const { uri, ...inside } = insideOf(call)
    const confirm = (number: number, cseq: number) =>
      within(
        alice.sends('PRACK', uri, { ...inside, cseq, headers: { RAck: `${number} ${message.cseq.number} INVITE` } }),
        4_000,
      )
    const wrong = await confirm(rseq + 7, 1100)
    expect('refused', wrong?.status ?? 'no answer', { seen: alice.hears(undefined, { to: 'PRACK' }).last }).toBe(481)
    const right = await confirm(rseq, 1200)
    const answer = alice.hears(undefined, { to: 'PRACK' }).last
    // Where the wrong one was accepted, nothing is left to confirm.
    if ((wrong?.status ?? 0) >= 300)
      expect('accepted', right?.status ?? 'no answer', { seen: answer }).toBeOneOf([200, 202])
    await within(call.answered, 4_000)
    // The BYE comes after the PRACKs that were written by hand (RFC 3261 §12.2.2).
    if (call.dialog) call.dialog.localSequence = 1300
    await within(call.hangUp(), 4_000)
    await waits(100)
  },
})
