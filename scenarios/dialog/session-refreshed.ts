import { callWithSessionTimer, finding, must, scenario, should, type SipSighting, whereReached } from 'ringproof'

export default scenario({
  id: 'dialog/session-refreshed',
  title: 'The side that is to refresh the session timer of a long call does so in time',
  area: 'dialog',
  purposes: ['ST-REFRESH'],
  provider: ['SC-4'],
  rules: {
    agreed: finding('RFC 4028 §9', 'the answering side agrees to a session timer', {
      gravity: 'harm',
      cause: 'session-timer-missing',
      harm: 'Calls of devices that lost their connection stay open and are charged: no session timer is agreed.',
    }),
    refreshed: whereReached(
      must('RFC 4028 §9', 'the side that is to refresh the session does so before it expires', { gravity: 'harm' }),
    ),
    interval: whereReached(
      should('RFC 4028 §7.4', 'the refresh of a session carries Session-Expires', {
        gravity: 'letter',
        harm: 'Refreshes of the session come without Session-Expires: the session timer may end with them.',
      }),
    ),
    atHalf: whereReached(
      should('RFC 4028 §9', 'the session is refreshed when half of its interval is over', {
        gravity: 'letter',
        harm: 'A lost refresh leaves no time for another: the session is refreshed {refresh|a long time} after the answer.',
      }),
    ),
  },
  devices: { alice: {} },
  needs: ['echo'],
  seconds: 200,
  harm: 'Long calls are cut off when their session timer runs out: it is not refreshed.',
  advice:
    'Look at the session timer of the service: who refreshes, and when. Asterisk: timers and timers_sess_expires at the endpoint; FreeSWITCH: enable-timer and session-timeout of the profile; Kamailio, OpenSIPS: the sst module.',
  async run({ alice, services, expect, clock, within, figure }) {
    await alice.registers()
    const { call, final } = await callWithSessionTimer(alice, services.echo ?? '', 'uas', { within })
    const answer = alice.hears(200, { callId: call.id, to: 'INVITE' }).first
    const agreed = final.headers.get('Session-Expires')
    expect('agreed', agreed ?? null, { seen: answer, header: 'Session-Expires' }).toBePresent()
    if (agreed && /refresher\s*=\s*uas/i.test(agreed)) {
      const interval = Number.parseInt(agreed, 10) * 1000
      const refresh = alice.hears(undefined, {
        callId: call.id,
        where: ({ message }) => message.kind === 'request' && ['INVITE', 'UPDATE'].includes(message.method),
      })
      const until = clock.now() + interval
      // A re-INVITE or UPDATE right after the answer moves media, or tells who has answered.
      const isRefresh = (one: SipSighting) =>
        one.message.headers.has('Session-Expires') || one.at - (answer?.at ?? 0) > interval / 10
      let seen = await refresh.next(interval)
      while (seen && !isRefresh(seen)) seen = await refresh.next(Math.max(0, until - clock.now()))
      expect('refreshed', seen?.message.headers.get('CSeq') ?? null, { seen }).toBePresent()
      if (seen) expect('interval', seen.message.headers.get('Session-Expires') ?? null, { seen }).toBePresent()
      if (seen) {
        const after = seen.at - (answer?.at ?? 0)
        figure('refresh', `${Math.round(after / 1000)} s`)
        expect('atHalf', after, { seen }).toBeWithin(interval * 0.4, interval * 0.6, 'ms')
      }
    }
    await within(call.hangUp(), 4_000)
  },
})
