import { type Device, finding, notApplicable, owed, precondition, scenario, whereReached } from 'ringproof'

/** A limit above this is not reached: nobody is called so often for a test. */
const MOST_PER_SECOND = 5
const ANSWERS_MS = 8_000
/** Some servers count in longer steps than seconds, or tell no time: it is called again after these times. */
const PATIENCE_MS = [0, 2_000, 4_000]
/** Seconds: what is told where nothing is, and up to which it is waited for. */
const USUAL_WAIT_S = 2
const LONGEST_WAIT_S = 30
/** A telephone that is told to stay away sends nothing, not even its registration (RFC 3261 §21.5.4). */
const SHORT_S = 60
/** What tells a caller truly that no call is possible now: see proxy/channel-limit; 500 only where it says when to call again. */
const SAYS_NO = [403, 429, 480, 486, 488, 503, 600, 603]

const advice =
  'Look how calls are counted: by account, not for all; new calls alone, never BYE, ACK, CANCEL or REGISTER; refused with 503 and a Retry-After of seconds. Kamailio: pipelimit or htable, keyed by the account and for INVITE without a To tag; OpenSIPS: ratelimit; Asterisk and FreeSWITCH: in front of them.'

export default scenario({
  id: 'proxy/call-rate',
  title:
    'An account that begins more calls a second than it may is refused with a time to call again; nobody else notices',
  area: 'proxy',
  purposes: ['PRX-OVERLOAD'],
  rules: {
    allowed: finding('accounts.callsPerSecond', 'an account can begin as many calls a second as it may', {
      gravity: 'harm',
      harm: 'An account cannot begin as many calls a second as it may.',
    }),
    kept: whereReached(
      finding('security', 'calls beyond the pace of an account are not put through', {
        gravity: 'exposure',
        cause: 'call-rate-not-kept',
        harm: 'An account begins more calls a second than it may: whoever has stolen its password calls as often as the line bears.',
      }),
    ),
    told: whereReached(
      finding('RFC 3261 §21.5.4', 'who calls too often is told that it is not possible now', {
        gravity: 'harm',
        harm: 'Whoever calls too often for a moment {told|is told something wrong, or nothing at all}: people take the number or the line for broken.',
      }),
    ),
    when: whereReached(
      finding('RFC 3261 §21.5.4', 'a 503 that refuses a call too many says when to call again', {
        gravity: 'letter',
        follows: ['overload-of-others'],
        harm: 'Whoever calls too often is not told when to call again: telephone systems try again at once, or take the server for broken.',
      }),
    ),
    soon: whereReached(
      finding('RFC 3261 §20.33', 'who calls too often for a second may call again within a minute', {
        gravity: 'harm',
        harm: 'Whoever calls too often for a second is told to stay away for {wait|long}: a telephone system that obeys sends nothing for that time, and loses its registration.',
      }),
    ),
    others: whereReached(
      owed('accounts.callsPerSecond', 'others can call while an account calls too often', {
        gravity: 'outage',
        cause: 'overload-of-others',
        harm: 'While one account calls too often, others cannot call.',
      }),
    ),
    ends: whereReached(
      owed('RFC 3261 §15.1.2', 'a call that is on can be ended while its account calls too often', {
        gravity: 'harm',
        cause: 'overload-refuses-hang-up',
        follows: ['hang-up-lost', 'route-lost', 'ack-lost'],
        harm: 'While an account calls too often, calls that it has on cannot be ended: they stay on for the other side, and are charged.',
      }),
    ),
    renews: whereReached(
      finding('RFC 3261 §10.3', 'a registration can be renewed while its account calls too often', {
        gravity: 'harm',
        follows: ['registration-refused'],
        harm: 'An account that calls too often cannot renew its registration: it is not called any more when that runs out.',
      }),
    ),
    again: whereReached(
      owed('RFC 3261 §21.5.4', 'who has called too often can call again when the time has come that it was told', {
        gravity: 'outage',
        cause: 'overload-not-over',
        harm: 'An account that has called too often once cannot call any more, long after the time that it was told.',
      }),
    ),
  },
  devices: { alice: { role: 'paced' }, bob: {}, carol: {}, dave: {}, erin: {} },
  transports: ['udp'],
  seconds: 40,
  reliesOn: 'call',
  step: 'call',
  harm: 'The limit of calls a second does not do what it is for.',
  advice,
  async run({ alice, bob, carol, dave, erin, target, expect, figure, now, waits, within }) {
    const { callsPerSecond: rate } = alice.account
    const { callsPerSecond, concurrentCalls } = target.document.limits
    if (rate === undefined || rate > MOST_PER_SECOND) {
      notApplicable(
        `the limit is not reached with ${MOST_PER_SECOND} a second: the target file says ${rate ?? 'nothing'}`,
      )
    }
    if (callsPerSecond < 2 * rate || concurrentCalls < 4) {
      notApplicable(
        `takes ${2 * rate} calls a second and 4 at a time; limits of the target file are ${callsPerSecond} and ${concurrentCalls}`,
      )
    }
    for (const device of [alice, bob, carol, dave, erin]) await device.registers()
    for (const device of [bob, erin]) device.rejects(486)
    const usual = await alice.tries(bob)
    precondition(usual.arrived, 'a call alone did not arrive', 'call-not-arrived')
    precondition((await dave.tries(erin)).arrived, 'a call of others did not arrive', 'call-not-arrived')
    const busy = (await within(usual.call.answered, ANSWERS_MS))?.status
    await waits(1_500)
    const on = await alice.calls(carol)

    let through = 0
    for (let call = 0; call < rate; call += 1) {
      await waits(1_200 / rate)
      if ((await alice.tries(bob)).arrived) through += 1
    }
    if (!expect('allowed', through).toBe(rate, 'calls in a second')) return
    await waits(1_500)

    const since = now()
    const burst = 4 * rate + 2
    const calls = []
    while (calls.length < burst) calls.push(await alice.invites(bob))
    const took = now() - since
    const finals = calls.map((call) => within(call.answered, ANSWERS_MS))
    await within(Promise.race(finals.map(refusalOf(busy))), 500)
    const [other, renewed, ended] = await Promise.all([
      dave.tries(erin),
      within(alice.asksToRegister(), ANSWERS_MS),
      within(Promise.all([on.caller.hangUp(), on.callee.ended]), 4_000),
    ])
    const answers = (await Promise.all(finals)).map((final) => ({ status: final?.status ?? 'no answer', final }))
    // A server that counts in a bucket rightly lets so many through (RFC 7415 §3.5.1).
    precondition(
      burst > rate + Math.ceil((rate * took) / 1_000),
      'this machine was too slow to call too often',
      'harness-late',
    )
    const arrived = arrivals(bob, since)
    for (const call of calls) if (call.state !== 'ended') await within(call.cancel(), 2_000)
    if (!expect('kept', arrived < burst ? 'some are refused' : `all ${burst} are put through`).toBe('some are refused'))
      return

    const refusals = answers.filter(({ status }) => status !== busy)
    const wrong = refusals.filter(({ status, final }) => !isTrue(status, final?.headers.has('Retry-After') ?? false))
    const codes = [...new Set(wrong.map(({ status }) => String(status)))]
    figure('told', codes.includes('no answer') ? 'gets no answer at all' : `is refused with ${codes.join(' and ')}`)
    const seen = alice.hears(undefined, { to: 'INVITE', since }).last
    expect('told', codes, { seen }).toBeEmpty('busy, not now')
    const waitsTold = refusals.flatMap(({ status, final }) =>
      status === 503 ? [Number.parseInt(final?.headers.get('Retry-After') ?? '', 10)] : [],
    )
    if (waitsTold.length > 0)
      expect('when', waitsTold.every((wait) => wait > 0) ? 'it says' : 'it does not', { seen }).toBe('it says')
    const wait = Math.max(0, ...waitsTold.filter((one) => one > 0)) || USUAL_WAIT_S
    figure('wait', `${wait} s`)
    expect('soon', wait, { seen }).toBeWithin(0, SHORT_S, 's')

    expect('others', other.arrived ? 'they can call' : `refused: ${other.call.final?.status ?? 'no answer'}`).toBe(
      'they can call',
    )
    const toBye = alice.hears(undefined, { to: 'BYE' }).last
    expect('ends', ended ? 'it is ended for both' : 'it goes on for the other side', { seen: toBye }).toBe(
      'it is ended for both',
    )
    expect('renews', renewed?.status ?? 'no answer', { seen: alice.hears(undefined, { to: 'REGISTER' }).last }).toBe(
      200,
    )
    if (wait > LONGEST_WAIT_S) return

    await waits(wait * 1_000)
    let outcome: string | number = 'no answer'
    for (const ms of PATIENCE_MS) {
      await waits(ms)
      const tried = await alice.tries(bob)
      outcome = tried.arrived ? 'it can call' : (tried.call.final?.status ?? 'no answer')
      if (tried.arrived) break
    }
    expect('again', outcome, { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toBe('it can call')
  },
})

type Final = Awaited<ReturnType<Device['invites']>>['final']

/** Settles when a call is refused in another way than a busy telephone does. */
const refusalOf =
  (busy: number | undefined) =>
  async (final: Promise<Final>): Promise<void> => {
    if ((await final)?.status === busy) await new Promise(() => {})
  }

const isTrue = (status: number | string, tellsWhen: boolean): boolean =>
  typeof status === 'number' && (SAYS_NO.includes(status) || (status === 500 && tellsWhen))

/** How many calls have arrived: what is repeated counts once. */
const arrivals = (device: Device, since: number): number =>
  new Set(device.hears('INVITE', { since }).all.map(({ message }) => message.callId)).size
