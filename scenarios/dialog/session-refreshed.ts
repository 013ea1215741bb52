import { finding, must, precondition, scenario, should, whereReached } from 'ringproof'

export default scenario({
  id: 'dialog/session-refreshed',
  title: 'A long call is refreshed before its time is over',
  area: 'dialog',
  purposes: ['ST-REFRESH'],
  provider: ['SC-4'],
  rules: {
    agreed: finding('RFC 4028 §9', 'the answering side agrees to a session timer', {
      gravity: 'harm',
      harm: 'Dead calls stay open for ever: the provider agrees to no session timer.',
    }),
    refreshed: whereReached(
      must('RFC 4028 §9', 'the side that is to refresh the session does so before it expires', { gravity: 'letter' }),
    ),
    atHalf: whereReached(
      should('RFC 4028 §9', 'the session is refreshed when half of its interval is over', {
        gravity: 'harm',
        harm: 'A long call is cut off where one refresh is lost.',
      }),
    ),
  },
  devices: { alice: {} },
  needs: ['echo'],
  seconds: 95,
  harm: 'Long calls are cut off after a fixed time, or dead ones stay open for ever.',
  advice: 'Look at the session timer of the answering side: who refreshes, and when.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const call = await alice.invites(services.echo ?? '', {
      headers: { 'Session-Expires': '90;refresher=uas', Supported: 'timer' },
    })
    const final = await within(call.answered, 8_000)
    precondition(final?.status === 200, `the call was answered ${final?.status ?? 'with silence'}`)
    const answer = alice.hears(200, { callId: call.id, to: 'INVITE' }).first
    const agreed = final.headers.get('Session-Expires')
    expect('agreed', agreed, { seen: answer, header: 'Session-Expires' }).toBePresent()
    if (agreed && /refresher\s*=\s*uas/i.test(agreed)) {
      const interval = Number.parseInt(agreed, 10) * 1000
      const refresh = alice.hears(undefined, {
        callId: call.id,
        where: ({ message }) => message.kind === 'request' && ['INVITE', 'UPDATE'].includes(message.method),
      })
      const seen = await refresh.next(Math.min(interval, 90_000))
      expect('refreshed', seen?.message.headers.get('CSeq'), { seen }).toBePresent()
      if (seen) expect('atHalf', seen.at - (answer?.at ?? 0), { seen }).toBeWithin(interval * 0.4, interval * 0.6, 'ms')
    }
    await within(call.hangUp(), 4_000)
  },
})
