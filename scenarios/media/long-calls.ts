import {
  onlyWhereRelayed,
  owed,
  precondition,
  promised,
  scenario,
  talksNowAndThen,
  voiceAt,
  whereReached,
} from 'ringproof'

/** Limits of sessions and dialogs that nobody refreshes are a quarter, half or a whole hour: each call outlives one. */
const LENGTHS = [
  { id: 'quarter-hour', minutes: 15, what: '15 minutes' },
  { id: 'half-hour', minutes: 30, what: '30 minutes' },
  { id: 'hour', minutes: 60, what: 'an hour' },
] as const
const MARGIN_MS = 45_000
/** Relays that forget calls in which nothing is sent do so after a minute; more often would only fill the record. */
const EVERY_MS = 40_000

export default LENGTHS.map(({ id, minutes, what }) =>
  scenario({
    id: `media/call-of-${id}`,
    title: `A call of more than ${what} is still up, both parties hear each other, and it is hung up in order`,
    area: 'media',
    purposes: ['LONG-CALL'],
    provider: ['BH-4', 'BH-1'],
    rules: {
      stays: promised('BH-1', 'a call stays up until one of its sides hangs up', {
        gravity: 'outage',
        cause: 'calls-cut-off',
        harm: 'Calls are cut off after {after|some minutes}, and nobody has hung up.',
      }),
      callerHears: promised('BH-4', 'the caller hears the called device at the end of the call', {
        gravity: 'outage',
        follows: ['no-audio', 'calls-cut-off', 'media/long-call', 'quiet-calls-forgotten'],
        cause: 'long-calls-silent',
        harm: 'Calls fall silent after {silent|some minutes}: the caller hears nothing any more.',
      }),
      calleeHears: promised('BH-4', 'the called device hears the caller at the end of the call', {
        gravity: 'outage',
        follows: ['no-audio', 'calls-cut-off', 'media/long-call', 'quiet-calls-forgotten'],
        cause: 'long-calls-silent',
        harm: 'Calls fall silent after {silent|some minutes}: the called party hears nothing any more.',
      }),
      hungUp: whereReached(
        owed('RFC 3261 §15.1.1', 'hanging up after a long call ends it at the other end', {
          gravity: 'outage',
          cause: 'hang-up-lost',
          follows: ['calls-cut-off', 'nat/longest-silence'],
          harm: 'Long calls cannot be hung up: they stay up at the other end, and on the bill.',
        }),
      ),
    },
    devices: { alice: {}, bob: {} },
    reliesOn: 'audio',
    step: 'talk',
    seconds: minutes * 60 + MARGIN_MS / 1000 + 30,
    harm: `Calls of more than ${what} are cut off or fall silent.`,
    advice:
      'Look at which timer is that long, and who sends the BYE: dialog timeout (default_timeout of Kamailio’s dialog module), session timer (sst module; timers of Asterisk; session-timeout of FreeSWITCH), rtptimeout, final-timeout of rtpengine, session limit of a border controller or trunk.',
    async run({ alice, bob, expect, figure, clock, waits, within }) {
      await alice.registers()
      await bob.registers()
      const call = await alice.calls(bob)
      onlyWhereRelayed(call)
      const { caller, callee } = call
      await caller.media?.hears(callee.media?.patternId ?? -1, 3_000)
      await callee.media?.hears(caller.media?.patternId ?? -1, 3_000)
      precondition(
        voiceAt(alice, caller.media, callee.media?.patternId).recognised &&
          voiceAt(bob, callee.media, caller.media?.patternId).recognised,
        'the devices do not hear each other to begin with',
        'no-audio',
      )
      const forMs = minutes * 60_000 + MARGIN_MS
      const told = await talksNowAndThen(call, { forMs, everyMs: EVERY_MS }, { clock, waits, within })
      const { stayed, lastedS, unheard, unclear } = told
      const inWords = (seconds: number) => (seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} minutes`)
      if (!stayed) figure('after', inWords(lastedS))
      const firsts = [...unheard.caller, ...unheard.callee]
      if (firsts.length > 0) figure('silent', inWords(Math.min(...firsts)))
      expect('stays', stayed ? 'up' : `ended after ${lastedS} s`).toBe('up')
      const silent = (at: readonly number[]) => (at.length === 0 ? 'all the time' : `nothing since ${at[0]} s`)
      precondition(
        firsts.length > 0 || !unclear,
        'what one side said was not always recognised at the other',
        'sound-not-recognised',
      )
      expect('callerHears', silent(unheard.caller)).toBe('all the time')
      expect('calleeHears', silent(unheard.callee)).toBe('all the time')
      if (!stayed) return
      const bye = await within(caller.hangUp(), 8_000)
      const arrived = await within(callee.ended, 3_000)
      const answered = `BYE ${bye?.final?.status ?? 'without answer'}, the other end ${arrived ? 'is told' : 'is not told'}`
      expect('hungUp', answered, { seen: alice.says('BYE').last }).toBe('BYE 200, the other end is told')
    },
  }),
)
