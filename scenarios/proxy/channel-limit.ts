import {
  type Device,
  type EstablishedCall,
  finding,
  hearingEachOther,
  inconclusive,
  inWords,
  loginTaken,
  notApplicable,
  owed,
  precondition,
  ringsAt,
  scenario,
  type StageTools,
  whereReached,
} from 'ringproof'

type Tools = Pick<StageTools<Record<string, never>>, 'clock' | 'waits' | 'within'>

/** More calls than these are not brought up to reach a limit. */
const MOST_CALLS = 6
const ANSWERS_MS = 8_000
/** Some servers free the place of a call a while after it has ended: it is asked for after these times. */
const PATIENCE_MS = [300, 2_000, 4_000]
/**
 * What tells a caller truly that no more calls are possible now, or allowed: servers differ, and the RFC names no status for it.
 * 500 says that the server has failed (RFC 3261 §21.5.1), 404 that there is no such number, 408 that nobody was found in time.
 */
const SAYS_NO = [403, 480, 486, 488, 503, 600, 603]

const advice =
  'Look how the server counts the calls of an account: by caller, not by all; down again after BYE, CANCEL and every refusal, by the end of the call rather than by a BYE alone. Kamailio: profiles of dialog; OpenSIPS: likewise; Asterisk: GROUP_COUNT; FreeSWITCH: limit.'

/** A call that is tried: up, or what came instead. */
interface Try {
  /** Where it is up. */
  readonly up?: EstablishedCall
  readonly outcome: number | 'no answer'
  /** The called device was rung. */
  readonly rang: boolean
}

/** The calls that have rung a device: neither changes of a call that is up nor an INVITE that comes again count. */
const callsAt = (device: Device) =>
  new Set(
    device
      .hears('INVITE', { where: ({ message }) => message.to.tag === undefined })
      .all.map(({ message }) => message.callId),
  ).size

/** Calls a device that is registered; where nothing comes of it the call is given up. */
async function tries(caller: Device, callee: Device, within: Tools['within']): Promise<Try> {
  const rung = callsAt(callee)
  const call = await caller.invites(callee)
  const final = await within(call.answered, ANSWERS_MS)
  loginTaken(final)
  const rang = callsAt(callee) > rung
  if (final === undefined) await within(call.cancel(), 4_000)
  if (final === undefined || final.status >= 300) return { outcome: final?.status ?? 'no answer', rang }
  const incoming = rang ? await callee.nextCall(1_000) : undefined
  if (incoming === undefined) await within(call.hangUp(), 4_000)
  return { outcome: final.status, rang, ...(incoming === undefined ? {} : { up: { caller: call, callee: incoming } }) }
}

/** Whether one more call of the caller rings the callee, and goes again; patient, for what takes its time. */
async function canCall(caller: Device, callee: Device, { waits, within }: Tools): Promise<string> {
  let outcome: Try['outcome'] = 'no answer'
  for (const ms of PATIENCE_MS) {
    await waits(ms)
    const tried = await tries(caller, callee, within)
    if (tried.up) await within(tried.up.caller.hangUp(), 4_000)
    if (tried.rang || tried.up) return 'one more call is put through'
    outcome = tried.outcome
  }
  return `still refused: ${outcome}`
}

/** What is left of calls that were up, in words. */
async function whatIsLeft(calls: readonly EstablishedCall[], { clock }: Tools): Promise<string> {
  const ended = calls.filter(({ caller, callee }) => caller.state === 'ended' || callee.state === 'ended')
  if (ended.length > 0) return `${ended.length} of ${calls.length} ended`
  const heard = await Promise.all(calls.map(({ caller, callee }) => hearingEachOther(caller, callee, clock)))
  const silent = heard.find(({ first, second }) => !first || !second)
  return silent === undefined ? 'all go on' : inWords(silent)
}

const freed = (when: string, harm: string) =>
  owed('accounts.callsAtATime', `${when} counts no more, and one more call is possible`, {
    gravity: 'outage',
    cause: 'channel-not-freed',
    follows: ['cancel-lost', 'hang-up-lost', 'route-lost', 'ack-lost'],
    harm,
  })

export default scenario({
  id: 'proxy/channel-limit',
  title:
    'An account has as many calls at a time as it may have; one more is refused, harms nobody, and is possible when one has ended',
  area: 'proxy',
  purposes: ['PRX-CHANNELS'],
  rules: {
    notOthers: owed('accounts.callsAtATime', 'calls of others do not count towards the limit of an account', {
      gravity: 'outage',
      cause: 'call-limit-of-others',
      harm: 'While others are on the phone, an account cannot make the calls that it may make.',
    }),
    allowed: finding('accounts.callsAtATime', 'an account can have as many calls at a time as it may have', {
      gravity: 'harm',
      follows: ['channel-not-freed', 'call-limit-of-others', 'second-call-harms-first'],
      harm: 'An account cannot have as many calls at a time as it may have.',
    }),
    kept: whereReached(
      finding('security', 'a call beyond the limit of an account is not put through', {
        gravity: 'exposure',
        cause: 'call-limit-not-kept',
        harm: 'An account makes more calls at a time than it may: whoever has stolen its password can make any number.',
      }),
    ),
    told: whereReached(
      finding(
        'RFC 3261 §21.5.1',
        'a call beyond the limit of an account is refused as busy, unavailable or not allowed',
        {
          gravity: 'harm',
          harm: 'Customers who make one call too many are told that the server has failed, or nothing at all.',
        },
      ),
    ),
    unharmed: whereReached(
      owed('RFC 3261 §12', 'calls that are on go on when one more is refused', {
        gravity: 'outage',
        cause: 'call-limit-ends-calls',
        follows: ['no-audio', 'second-call-harms-first'],
        harm: 'Whoever makes one call too many loses a call that is on.',
      }),
    ),
    others: whereReached(
      owed('accounts.callsAtATime', 'others can call while an account has as many calls as it may have', {
        gravity: 'outage',
        cause: 'call-limit-of-others',
        harm: 'While one account has as many calls as it may have, others cannot call.',
      }),
    ),
    calledTold: whereReached(
      finding('RFC 3261 §21.4.24', 'who calls an account that has all its calls is told that it is busy, or rings it', {
        gravity: 'harm',
        harm: 'Whoever calls an account that has as many calls as it may have is told that the server has failed, or nothing at all.',
      }),
    ),
    freeAfterBye: whereReached(
      freed(
        'a call that was hung up',
        'After some calls an account cannot call any more: calls that were hung up still count.',
      ),
    ),
    freeAfterCancel: whereReached(
      freed(
        'a call that was given up while it rang',
        'After some cancelled calls an account cannot call any more: they still count as calls that are on.',
      ),
    ),
    freeAfterRefusal: whereReached(
      freed(
        'a call that was refused or led nowhere',
        'After some calls to busy or switched-off telephones an account cannot call any more: they still count as calls that are on.',
      ),
    ),
  },
  devices: { alice: { role: 'limited' }, bob: {}, carol: {}, dave: {} },
  transports: ['udp'],
  seconds: 30,
  reliesOn: 'audio',
  step: 'call',
  harm: 'The limit of calls that an account may have at a time does not do what it is for.',
  advice,
  async run({ alice, bob, carol, dave, target, expect, clock, waits, within }) {
    const tools = { clock, waits, within }
    const most = alice.account.callsAtATime
    const { concurrentCalls } = target.document.limits
    if (most === undefined || most > MOST_CALLS)
      notApplicable(`the limit of calls is not reached with ${MOST_CALLS}: the target file says ${most ?? 'nothing'}`)
    // One more than these: of others, or beyond the limit.
    if (most + 1 > concurrentCalls) {
      notApplicable(
        `takes ${most + 1} calls at a time; limits.concurrentCalls of the target file is ${concurrentCalls}`,
      )
    }
    for (const device of [alice, bob, carol, dave]) await device.registers()

    const beside = await carol.calls(dave)
    const on: EstablishedCall[] = []
    let besides = 'calls of others do not count'
    while (on.length < most) {
      let tried = await tries(alice, bob, within)
      if (!tried.up && !tried.rang && beside.caller.state !== 'ended') {
        await within(beside.caller.hangUp(), 4_000)
        await waits(1_000)
        const { outcome } = tried
        tried = await tries(alice, bob, within)
        if (tried.up) besides = `call ${on.length + 1} of ${most} is refused (${outcome}) until others have hung up`
      }
      if (!tried.up) {
        if (tried.rang) inconclusive(`the called telephone was rung, and the call came to ${tried.outcome}`)
        expect('notOthers', besides).toBe('calls of others do not count')
        expect('allowed', on.length).toBe(most, 'calls at a time')
        return
      }
      on.push(tried.up)
    }
    expect('allowed', on.length).toBe(most, 'calls at a time')
    if (!expect('notOthers', besides).toBe('calls of others do not count')) return
    precondition((await whatIsLeft(on, tools)) === 'all go on', 'the calls of the account were not heard', 'no-audio')
    await within(beside.caller.hangUp(), 4_000)

    const beyond = await tries(alice, carol, within)
    if (beyond.up) await within(beyond.up.caller.hangUp(), 4_000)
    const put = beyond.rang || beyond.up !== undefined
    if (expect('kept', put ? 'it is put through' : 'it is refused').toBe('it is refused'))
      expect('told', beyond.outcome, { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toBeOneOf(SAYS_NO)

    if (!expect('unharmed', await whatIsLeft(on, tools)).toBe('all go on')) return

    const other = await tries(carol, dave, within)
    expect('others', other.rang ? 'they can call' : `refused: ${other.outcome}`).toBe('they can call')
    if (other.up) await within(other.up.caller.hangUp(), 4_000)

    alice.rejects(486)
    const inwards = await tries(carol, alice, within)
    if (inwards.up) await within(inwards.up.caller.hangUp(), 4_000)
    expect('calledTold', inwards.outcome, { seen: carol.hears(undefined, { to: 'INVITE' }).last }).toSatisfy(
      'busy, unavailable, or answered elsewhere',
      (outcome) => inwards.rang || (outcome !== 'no answer' && (outcome < 300 || SAYS_NO.includes(outcome))),
    )

    // Where the limit is not kept, a place that is not freed is not missed.
    if (put) return
    const last = on.pop()
    if (last !== undefined) await within(last.caller.hangUp(), 4_000)
    const possible = 'one more call is put through'
    if (!expect('freeAfterBye', await canCall(alice, bob, tools)).toBe(possible)) return

    const { call: givenUp } = await ringsAt(alice, carol, within)
    await within(givenUp.cancel(), 4_000)
    await within(givenUp.ended, 4_000)
    if (!expect('freeAfterCancel', await canCall(alice, bob, tools)).toBe(possible)) return

    carol.rejects(486)
    const refused = await tries(alice, carol, within)
    precondition(refused.rang, 'the call that was to be refused did not arrive', 'call-not-arrived')
    if (!expect('freeAfterRefusal', await canCall(alice, bob, tools)).toBe(possible)) return
    await dave.unregisters()
    const nowhere = await tries(alice, dave, within)
    if (nowhere.up) await within(nowhere.up.caller.hangUp(), 4_000)
    expect('freeAfterRefusal', await canCall(alice, bob, tools)).toBe(possible)
    for (const { caller } of on) await within(caller.hangUp(), 4_000)
  },
})
