import { inconclusive, must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'dialog/reliable-unasked',
  title: 'A device that cannot confirm provisional responses is not asked to',
  area: 'dialog',
  purposes: ['REL-420'],
  provider: ['SC-4'],
  rules: {
    plain: must('RFC 3262 §3', 'to a caller that does not list 100rel nothing is sent that it must confirm', {
      gravity: 'letter',
    }),
    answered: must('RFC 3261 §13.3.1.4', 'the call of a device that does not list 100rel is answered', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  seconds: 12,
  harm: 'Calls of simple telephones are refused after half a minute of ringing.',
  advice: 'Look at whether the answering side reads Supported before it asks for PRACK.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const call = await alice.invites(services.echo ?? '', {
      reliableProvisionals: 'no',
      automatic: { acknowledgeReliable: false },
    })
    const final = await within(call.answered, 6_000)
    precondition(final?.status !== 401 && final?.status !== 407, 'the caller could not log in')
    const asking = alice.hears('1xx', {
      callId: call.id,
      where: ({ message }) => message.headers.has('RSeq') || message.headers.values('Require').includes('100rel'),
    })
    expect('plain', asking.count, { seen: asking.first, header: 'Require' }).toBe(0)
    // Refused for want of the extension (420, 421) it is not answered; any other refusal tells nothing of it.
    if (asking.count === 0 && final && final.status >= 300 && final.status !== 420 && final.status !== 421)
      inconclusive(`the call was answered ${final.status}, which has nothing to do with provisional responses`)
    expect('answered', final?.status, { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toBe(200)
    await within(call.hangUp(), 4_000)
  },
})
