import {
  audioIsThere,
  callerIdentity,
  type Device,
  type EstablishedCall,
  finding,
  type HeardBy,
  hearingEachOther,
  inWords,
  isAnonymous,
  isOf,
  loginTaken,
  owed,
  precondition,
  scenario,
  type StageTools,
  unsupported,
  whereReached,
} from 'ringproof'

type Call = EstablishedCall['caller'] | EstablishedCall['callee']
type Tools = Pick<StageTools<Record<string, never>>, 'clock' | 'waits' | 'within'>

const CHANGES_MS = 8_000
/** What ends a call because another one ended does so at once. */
const ENDS_MS = 1_500

const advice =
  'Look what the server remembers by telephone or account instead of by call (Call-ID and tags): the session at the relay, timers, the way of requests within a call. A limit of calls is not to end calls that are there.'

/** The two calls of a telephone: its own ends, and the others'. */
interface TwoCalls {
  readonly first: { readonly own: Call; readonly other: Call }
  readonly second: { readonly own: Call; readonly other: Call }
}

const hears = ({ first, second }: HeardBy): boolean => first && second

/** A hold or its end is answered with a 2xx, or the scenario is inconclusive: that is what other scenarios look at. */
async function changes(change: ReturnType<Call['hold']>, within: Tools['within']): Promise<void> {
  const exchange = await within(change, CHANGES_MS)
  const status = exchange?.final?.status ?? 0
  precondition(status >= 200 && status < 300, `a hold in one of two calls was answered with ${status || 'nothing'}`)
}

/** Swaps from the second call to the first: what is heard in the second before, and in the first then. */
async function swaps(
  { first, second }: TwoCalls,
  { clock, within }: Tools,
): Promise<{ second: HeardBy; first: HeardBy }> {
  const inSecond = await hearingEachOther(second.own, second.other, clock)
  await changes(second.own.hold(), within)
  await changes(first.own.resume(), within)
  return { second: inSecond, first: await hearingEachOther(first.own, first.other, clock) }
}

/** Whether an end of a call gets a BYE within the time in which one would come. */
async function isCutOff({ own, other }: TwoCalls['first'], { waits }: Tools, ...ends: Device[]): Promise<boolean> {
  await waits(ENDS_MS)
  return ends.some((device) => [own.id, other.id].some((callId) => device.hears('BYE', { callId }).count > 0))
}

/** The other side hangs up the second call: what is left of the first, in words. */
async function outlives({ first, second }: TwoCalls, tools: Tools, ...ends: Device[]): Promise<string> {
  await tools.within(second.other.hangUp(), 4_000)
  if (await isCutOff(first, tools, ...ends)) return 'a BYE'
  const heard = await hearingEachOther(first.own, first.other, tools.clock)
  return hears(heard) ? 'it goes on' : inWords(heard)
}

const rules = (word: string) => ({
  firstGoesOn: owed('RFC 3261 §12', `a call goes on while ${word}`, {
    gravity: 'outage' as const,
    cause: 'second-call-harms-first' as const,
    follows: ['no-audio' as const, 'silent-after-hold'],
    harm: `A call is cut off, or falls silent, as soon as ${word}.`,
  }),
  secondHears: whereReached(
    owed('RFC 3264 §5', 'in the second of two calls of a telephone both sides hear each other', {
      gravity: 'outage',
      cause: 'second-call-harms-first',
      follows: ['no-audio', 'hold-refused', 'silent-after-hold'],
      harm: 'The second of two calls of a telephone is silent.',
    }),
  ),
  swapped: whereReached(
    owed('RFC 3264 §8.4', 'after a swap of two calls the first is heard again', {
      gravity: 'outage',
      cause: 'second-call-harms-first',
      follows: ['silent-after-hold', 'hold-refused'],
      harm: 'Whoever swaps between two calls hears nothing in the first one any more.',
    }),
  ),
  outlives: whereReached(
    owed('RFC 3261 §15', 'when one of two calls of a telephone ends, the other goes on', {
      gravity: 'outage',
      cause: 'second-call-harms-first',
      follows: ['hang-up-lost', 'silent-after-hold'],
      harm: 'When one of two calls of a telephone is hung up, the other is cut off or falls silent.',
    }),
  ),
})

export default [
  scenario({
    id: 'dialog/second-call-in',
    title: 'A telephone in a call is called a second time, swaps between the two calls, and one ends without the other',
    area: 'dialog',
    purposes: ['SECOND-CALL'],
    provider: ['BH-1', 'SC-7'],
    rules: {
      ...rules('a second one rings'),
      named: whereReached(
        finding('SC-7', 'a second call shows who calls, as a first one does', {
          gravity: 'harm',
          follows: ['security/own-number'],
          harm: 'Customers who are in a call are shown no number, or a wrong one, when somebody else calls (call waiting).',
        }),
      ),
    },
    devices: { alice: {}, bob: {}, carol: {} },
    reliesOn: 'audio',
    step: 'talk',
    transports: ['udp', 'tls'],
    seconds: 30,
    harm: 'A second call to a telephone harms the call that is there.',
    advice,
    async run({ alice, bob, carol, expect, clock, waits, within }) {
      for (const device of [alice, bob, carol]) await device.registers()
      const { caller, callee } = await alice.calls(bob)
      await audioIsThere(caller, callee, clock, 'before the second call')
      bob.rings()
      const rung = bob.nextCall()
      const call = await carol.invites(bob)
      const incoming = await Promise.race([rung, call.answered.then(() => undefined)])
      if (incoming === undefined) {
        loginTaken(call.final)
        const status = call.final?.status
        if (status !== undefined) unsupported(`a second call does not ring a telephone in a call: it gets ${status}`)
      }
      precondition(incoming, 'the second call did not arrive', 'call-not-arrived')
      const heard = await hearingEachOther(caller, callee, clock)
      expect('firstGoesOn', inWords(heard)).toSatisfy('each hears the other', () => hears(heard))
      // Who is never named at this target is not missed here.
      if (isOf(alice.account, callerIdentity(callee.invite).shown ?? '')) {
        expect('named', callerIdentity(incoming.invite).shown ?? 'nobody', {
          seen: bob.hears('INVITE', { callId: incoming.id }).first,
          header: 'From',
        }).toSatisfy(
          "the second caller's number, or that it is withheld",
          (one) => isOf(carol.account, one) || isAnonymous(one),
        )
      }
      await changes(callee.hold(), within)
      await incoming.answer()
      const answer = await within(call.answered, CHANGES_MS)
      precondition(answer && answer.status < 300, 'the second call was not answered', 'call-refused')
      const calls: TwoCalls = { first: { own: callee, other: caller }, second: { own: incoming, other: call } }
      const cutOff = await isCutOff(calls.first, { clock, waits, within }, alice, bob)
      if (!expect('firstGoesOn', cutOff ? 'a BYE' : 'it goes on').toBe('it goes on')) return
      const after = await swaps(calls, { clock, waits, within })
      expect('secondHears', inWords(after.second)).toSatisfy('each hears the other', () => hears(after.second))
      expect('swapped', inWords(after.first)).toSatisfy('each hears the other', () => hears(after.first))
      expect('outlives', await outlives(calls, { clock, waits, within }, alice, bob)).toBe('it goes on')
      await within(caller.hangUp(), 4_000)
    },
  }),
  scenario({
    id: 'dialog/second-call-out',
    title: 'A telephone holds a call, makes a second one, swaps between the two, and one ends without the other',
    area: 'dialog',
    purposes: ['SECOND-CALL'],
    provider: ['BH-1'],
    rules: rules('one side makes a second one'),
    devices: { alice: {}, bob: {}, carol: {} },
    reliesOn: 'audio',
    step: 'talk',
    transports: ['udp'],
    seconds: 30,
    harm: 'A second call of a telephone harms the call that is there.',
    advice,
    async run({ alice, bob, carol, expect, clock, waits, within }) {
      for (const device of [alice, bob, carol]) await device.registers()
      const { caller, callee } = await alice.calls(bob)
      await audioIsThere(caller, callee, clock, 'before the second call')
      await changes(caller.hold(), within)
      const rung = carol.nextCall()
      const call = await alice.invites(carol)
      const answer = await within(call.answered, CHANGES_MS)
      loginTaken(answer)
      if (answer !== undefined && answer.status >= 300)
        unsupported(`a second call of an account is refused with ${answer.status}`)
      const incoming = await within(rung, 1_000)
      precondition(answer && incoming, 'the second call was not answered', 'call-not-arrived')
      const calls: TwoCalls = { first: { own: caller, other: callee }, second: { own: call, other: incoming } }
      const cutOff = await isCutOff(calls.first, { clock, waits, within }, alice, bob)
      if (!expect('firstGoesOn', cutOff ? 'a BYE' : 'it goes on').toBe('it goes on')) return
      const after = await swaps(calls, { clock, waits, within })
      expect('secondHears', inWords(after.second)).toSatisfy('each hears the other', () => hears(after.second))
      expect('swapped', inWords(after.first)).toSatisfy('each hears the other', () => hears(after.first))
      expect('outlives', await outlives(calls, { clock, waits, within }, alice, bob)).toBe('it goes on')
      await within(caller.hangUp(), 4_000)
    },
  }),
]
