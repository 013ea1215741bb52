import { insideOf, must, precondition, scenario, unsupported } from 'ringproof'

export default scenario({
  id: 'dialog/reliable-wrong-confirmation',
  title: 'A PRACK for something else confirms nothing',
  area: 'dialog',
  purposes: ['REL-RACK'],
  provider: ['SC-4'],
  rules: {
    refused: must('RFC 3262 §3', 'a PRACK that matches no response is answered 481', { gravity: 'letter' }),
    accepted: must('RFC 3262 §3', 'the PRACK that matches is answered with a 2xx', { gravity: 'letter' }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  seconds: 16,
  harm: 'The two sides lose count of what was heard before the answer; announcements and tones are cut off.',
  advice: 'Look at how the answering side compares RAck with what it sent.',
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
    precondition(reliable.first, 'no provisional response that is to be confirmed came')
    const { message } = reliable.first
    const rseq = Number(message.headers.get('RSeq'))
    const { uri, ...inside } = insideOf(call)
    const confirm = (number: number, cseq: number) =>
      within(
        alice.sends('PRACK', uri, { ...inside, cseq, headers: { RAck: `${number} ${message.cseq.number} INVITE` } }),
        4_000,
      )
    const wrong = await confirm(rseq + 7, 1100)
    expect('refused', wrong?.status, { seen: alice.hears(undefined, { to: 'PRACK' }).last }).toBe(481)
    const right = await confirm(rseq, 1200)
    const answer = alice.hears(undefined, { to: 'PRACK' }).last
    expect('accepted', right?.status, { seen: answer }).toBeOneOf([200, 202])
    await within(call.answered, 4_000)
    // The BYE comes after the PRACKs that were written by hand (RFC 3261 §12.2.2).
    if (call.dialog) call.dialog.localSequence = 1300
    await within(call.hangUp(), 4_000)
    await waits(100)
  },
})
