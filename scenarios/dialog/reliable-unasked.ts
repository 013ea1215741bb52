import { inconclusive, loginTaken, must, promised, scenario } from 'ringproof'

export default scenario({
  id: 'dialog/reliable-unasked',
  title: 'A device without 100rel gets no reliable provisional responses, and its call is answered',
  area: 'dialog',
  purposes: ['REL-420'],
  provider: ['SC-4'],
  rules: {
    plain: must('RFC 3262 §3', 'a caller that does not list 100rel gets no provisional response that requires it', {
      gravity: 'harm',
      harm: 'Telephones without 100rel are asked to confirm ringing, which they cannot.',
    }),
    answered: promised('SC-4', 'the echo test answers a device that does not list 100rel', {
      gravity: 'outage',
    }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  seconds: 12,
  harm: 'Calls from telephones without 100rel are not answered.',
  advice:
    'Look whether the service reads Supported before it asks for PRACK. Asterisk: 100rel=yes (not required) at the endpoint; FreeSWITCH: enable-100rel of the profile.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const call = await alice.invites(services.echo ?? '', {
      reliableProvisionals: 'no',
      automatic: { acknowledgeReliable: false },
    })
    const final = await within(call.answered, 6_000)
    loginTaken(final)
    const asking = alice.hears('1xx', {
      callId: call.id,
      where: ({ message }) => message.headers.has('RSeq') || message.headers.values('Require').includes('100rel'),
    })
    expect('plain', asking.count, { seen: asking.first, header: 'Require' }).toBe(
      0,
      'provisional response that requires 100rel',
    )
    // A service that answers late has not been seen to wait for the confirmation.
    if (asking.count === 0 && final === undefined)
      inconclusive('the echo test did not answer within 6 s, and did not ask for a confirmation either', 'no-answer')
    // Refused for want of the extension (420, 421) it is not answered; any other refusal tells nothing of it.
    if (asking.count === 0 && final && final.status >= 300 && final.status !== 420 && final.status !== 421)
      inconclusive(`the call was rejected with ${final.status}, which is not about 100rel`, 'call-refused')
    expect('answered', final?.status ?? 'no answer', { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toBe(200)
    await within(call.hangUp(), 4_000)
  },
})
