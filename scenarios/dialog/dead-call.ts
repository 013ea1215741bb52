import { audioIsThere, type EstablishedCall, finding, owed, scenario, whereReached } from 'ringproof'

/** Waited for where the target file promises nothing: RTP timeouts are a minute, mostly, and five at most. */
const PATIENCE_S = 335
/** A server that keeps to a limit of silence notices just after it, its last packet came a little later, and the BYE is on its way. */
const LEEWAY_S = 5
/** The other side says a word now and then, and sends reports: it is alive, and not on hold. */
const [SPEAKS_MS, EVERY_MS] = [1_200, 20_000]

const harm =
  'A call whose telephone has lost its power or its network stays up, and on the bill, until the other side hangs up.'

export default scenario({
  id: 'dialog/dead-call',
  title: 'A call of which one telephone has lost its power is ended for the other one, too',
  area: 'dialog',
  purposes: ['DEAD-CALL'],
  provider: ['EP-4'],
  rules: {
    asPromised: whereReached(
      owed(
        'media.deadCallSeconds',
        'a call of which one telephone is dead is ended within the time that is published',
        {
          gravity: 'harm',
          follows: ['nat/longest-silence'],
          cause: 'dead-call-stays',
        },
      ),
    ),
    cleared: finding('RFC 4028 §1', 'a call of which one telephone is dead is ended within some minutes', {
      gravity: 'harm',
      cause: 'dead-call-stays',
      follows: ['route-lost', 'hang-up-lost', 'nat/longest-silence'],
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 360,
  reliesOn: 'audio',
  step: 'hang up',
  harm,
  advice:
    'Let the relay or the switch notice that nothing comes any more from a side that is to send, RTCP neither, and hang up on both; and agree on session timers (RFC 4028). rtpengine: timeout, with dialogs ended on its event; Asterisk: rtptimeout, timers; FreeSWITCH: media_timeout, session-timeout; Kamailio, OpenSIPS: keep-alives and timeout of the dialog module, sst.',
  async run({ alice, bob, target, expect, figure, clock, waits, within }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee }: EstablishedCall = await alice.calls(bob)
    await audioIsThere(caller, callee, clock, 'to begin with')
    const { deadCallSeconds } = target.document.media
    const patienceS = deadCallSeconds === undefined ? PATIENCE_S : deadCallSeconds + LEEWAY_S

    alice.dies()
    const diedAt = clock.now()
    const left = () => Math.max(0, diedAt + patienceS * 1_000 - clock.now())
    while (callee.state !== 'ended' && left() > 0) {
      callee.media?.start()
      await waits(SPEAKS_MS)
      callee.media?.stop()
      await within(callee.ended, Math.min(EVERY_MS, left()))
    }
    const isOver = callee.state === 'ended'
    figure('after', `${Math.round((clock.now() - diedAt) / 1000)} s`)
    const came = isOver ? 'it is ended' : `still up after ${patienceS} s`
    expect('cleared', came).toBe('it is ended')
    if (deadCallSeconds !== undefined) expect('asPromised', came).toBe('it is ended')
    if (!isOver) await within(callee.hangUp({ impatient: true }), 4_000)
    alice.speaksAgain()
  },
})
