import { callWithSessionTimer, finding, scenario, should, whereReached } from 'ringproof'

export default scenario({
  id: 'dialog/session-expires',
  title: 'A call whose session timer is not refreshed is ended',
  area: 'dialog',
  purposes: ['ST-DEAD'],
  provider: ['SC-4'],
  rules: {
    agreed: finding('RFC 4028 §9', 'the answering side agrees to a session timer', {
      gravity: 'harm',
      cause: 'session-timer-missing',
      harm: 'Calls of devices that lost their connection stay open and are charged: no session timer is agreed.',
    }),
    ended: whereReached(
      should('RFC 4028 §10', 'without a refresh the other side hangs up before the session expires', {
        gravity: 'harm',
      }),
    ),
  },
  devices: { alice: {} },
  needs: ['echo'],
  seconds: 200,
  harm: 'Calls of devices that lost their connection go on and are charged: an expired session is not ended.',
  advice:
    'Look at what the service does when the refresh of a session does not come. Asterisk: timers=yes and timers_sess_expires at the endpoint; FreeSWITCH: enable-timer and session-timeout of the profile; Kamailio, OpenSIPS: the sst module.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const { call, final } = await callWithSessionTimer(alice, services.echo ?? '', 'uac', { within })
    const answer = alice.hears(200, { callId: call.id, to: 'INVITE' }).first
    const agreed = final.headers.get('Session-Expires')
    expect('agreed', agreed ?? null, { seen: answer, header: 'Session-Expires' }).toBePresent()
    if (agreed && /refresher\s*=\s*uac/i.test(agreed)) {
      const interval = Number.parseInt(agreed, 10) * 1000
      const bye = await alice.hears('BYE', { callId: call.id }).next(interval + 1_000)
      expect('ended', bye?.message.headers.get('CSeq') ?? null, { seen: bye }).toBePresent()
    }
    await within(call.hangUp(), 4_000)
  },
})
