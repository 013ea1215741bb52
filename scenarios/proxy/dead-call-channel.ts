import {
  audioIsThere,
  type EstablishedCall,
  finding,
  inconclusive,
  loginTaken,
  notApplicable,
  owed,
  scenario,
  whereReached,
} from 'ringproof'

/** More calls than these are not brought up to reach a limit. */
const MOST_CALLS = 6
/** Waited for where the target file promises nothing: RTP timeouts are a minute, mostly, and five at most. */
const PATIENCE_S = 335
/** A server that keeps to a limit of silence notices just after it, its last packet came a little later, and the BYE is on its way. */
const LEEWAY_S = 5
/** The BYE to a telephone that does not answer is given up after 32 s (RFC 3261 §17.1.2.2: Timer F). */
const GIVEN_UP_MS = 35_000

export default scenario({
  id: 'proxy/dead-call-channel',
  title: 'A call that a power cut has ended counts no more towards the calls that its account may have at a time',
  area: 'proxy',
  purposes: ['DEAD-CALL'],
  rules: {
    afterHangUp: owed(
      'accounts.callsAtATime',
      'a call counts no more once the other side has hung up on a dead telephone',
      {
        gravity: 'outage',
        cause: 'channel-not-freed',
        follows: ['route-lost', 'hang-up-lost'],
        harm: 'After a power cut an account cannot call any more: calls of before still count, although the other side has hung up.',
      },
    ),
    asPromised: whereReached(
      owed(
        'media.deadCallSeconds',
        'a call of which both telephones are dead counts no more within the time that is published',
        {
          gravity: 'outage',
          cause: 'dead-call-stays',
          follows: ['channel-not-freed'],
          harm: 'After a power cut an account cannot call any more: calls of before still count.',
        },
      ),
    ),
    inTheEnd: whereReached(
      finding('RFC 4028 §1', 'a call of which both telephones are dead counts no more after some minutes', {
        gravity: 'harm',
        cause: 'dead-call-stays',
        follows: ['channel-not-freed'],
        harm: 'After a power cut an account cannot call for a long time: calls of before still count.',
      }),
    ),
  },
  devices: { alice: { role: 'limited' }, bob: {} },
  transports: ['udp'],
  seconds: 430,
  reliesOn: 'audio',
  step: 'call',
  harm: 'After a power cut an account cannot call any more: calls of before still count.',
  advice:
    'Look how the server counts the calls of an account: down again with every BYE, whether that is answered or not, and with what ends a dead call: silence of the relay, a session timer, keep-alives of the dialog. Kamailio: profiles of dialog with its timeout; Asterisk: rtptimeout; FreeSWITCH: media_timeout.',
  async run({ alice, bob, target, expect, clock, within, waits }) {
    const most = alice.account.callsAtATime
    const { concurrentCalls } = target.document.limits
    const possible = Math.min(MOST_CALLS, concurrentCalls)
    if (most === undefined || most > possible)
      notApplicable(`the limit of calls is not reached with ${possible}: it is ${most ?? 'not told'}`)

    /** As many calls as the account may have; fewer where one is refused. */
    const callsAll = async (): Promise<EstablishedCall[]> => {
      const up: EstablishedCall[] = []
      while (up.length < most) {
        const caller = await alice.invites(bob)
        const final = await within(caller.answered, 8_000)
        loginTaken(final)
        if (final === undefined) await within(caller.cancel(), 4_000)
        const callee = final !== undefined && final.status < 300 ? await bob.nextCall(1_000) : undefined
        if (callee === undefined) return up
        up.push({ caller, callee })
      }
      return up
    }
    const restart = async () => {
      for (const device of [alice, bob]) {
        device.speaksAgain()
        await device.registers()
      }
    }

    await alice.registers()
    await bob.registers()
    const first = await callsAll()
    if (first.length < most) inconclusive(`only ${first.length} of ${most} calls came about before a telephone died`)
    for (const { caller, callee } of first.slice(0, 1)) await audioIsThere(caller, callee, clock, 'to begin with')

    alice.dies()
    for (const { callee } of first) void callee.hangUp({ impatient: true })
    await waits(GIVEN_UP_MS)
    await restart()
    const second = await callsAll()
    if (!expect('afterHangUp', `${second.length} of ${most} calls`).toBe(`${most} of ${most} calls`)) return

    // Nothing of the calls is on its way when the telephones die.
    for (const { caller, callee } of second) await audioIsThere(caller, callee, clock, 'before the power cut')
    const { deadCallSeconds } = target.document.media
    const patienceS = deadCallSeconds === undefined ? PATIENCE_S : deadCallSeconds + LEEWAY_S
    for (const device of [alice, bob]) device.dies()
    await waits(patienceS * 1_000)
    await restart()
    const third = await callsAll()
    expect(deadCallSeconds === undefined ? 'inTheEnd' : 'asPromised', `${third.length} of ${most} calls`).toBe(
      `${most} of ${most} calls`,
    )
    for (const { caller } of third) await within(caller.hangUp({ impatient: true }), 4_000)
  },
})
