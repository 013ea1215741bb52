import { finding, onlyWhereRelayed, owed, precondition, type Rule, scenario, voiceAt } from 'ringproof'

/** Relays that forget silent streams do so after a minute, mostly. */
const QUIET_MS = 92_000

const SPELLS = [
  {
    id: 'hold',
    title: 'After a minute and a half of hold both parties of a call hear each other again',
    harm: 'After a minute on hold there is silence for {who|the caller or the called party}.',
    rule: owed,
  },
  {
    id: 'mute',
    title: 'A call goes on as before when nobody has spoken for a minute and a half',
    harm: 'When nobody has spoken for a minute the line is dead for {who|the caller or the called party}.',
    rule: finding,
  },
] as const

export default SPELLS.map(({ id, title, harm, rule }) => {
  const breaking = {
    gravity: 'outage',
    cause: 'quiet-calls-forgotten',
    follows: ['no-audio', 'media/long-call', 'hold-ignored', 'silent-after-hold', 'nat/longest-silence'],
    harm,
  } as const
  const stays: Rule = rule('RFC 3264 §8.4', 'a call stays up while nobody sends audio', {
    ...breaking,
    harm: `Calls are cut off after {after|a minute} of ${id}.`,
  })
  return scenario({
    id: `media/quiet-${id}`,
    title,
    area: 'media',
    purposes: ['QUIET'],
    provider: ['BH-4'],
    rules: {
      stays,
      callerHears: rule('RFC 3264 §8.4', 'the caller hears the called device again', breaking),
      calleeHears: rule('RFC 3264 §8.4', 'the called device hears the caller again', breaking),
    },
    devices: { alice: {}, bob: {} },
    reliesOn: 'audio',
    step: 'talk',
    seconds: 130,
    harm,
    advice:
      'Look at how long the relay keeps a stream in which nothing is sent, and that hold is told to it. rtpengine: timeout (60 s by default), silent-timeout for streams on hold. Asterisk: rtptimeout, rtpholdtimeout. FreeSWITCH: media_timeout, media_hold_timeout.',
    async run({ alice, bob, expect, figure, clock, within }) {
      await alice.registers()
      await bob.registers()
      const call = await alice.calls(bob)
      onlyWhereRelayed(call)
      const { caller, callee } = call
      const [ours, theirs] = [caller.media, callee.media]
      precondition(ours && theirs, 'the call has no audio session', 'no-audio')
      await Promise.all([ours.hears(theirs.patternId, 3_000), theirs.hears(ours.patternId, 3_000)])
      precondition(
        voiceAt(alice, ours, theirs.patternId).recognised && voiceAt(bob, theirs, ours.patternId).recognised,
        'the devices do not hear each other to begin with',
        'no-audio',
      )
      if (id === 'hold') {
        ours.hold(true)
        const held = await within(caller.reinvite(), 8_000)
        precondition(held?.status === 200, `hold was answered with ${held?.status ?? 'nothing'}`)
      }
      ours.stop()
      theirs.stop()
      const begunAt = clock.now()
      const end = await within(Promise.race([caller.ended, callee.ended]), QUIET_MS)
      if (end) figure('after', `${Math.round((end.at - begunAt) / 1000)} s`)
      expect('stays', end === undefined).toBeTrue('up')
      if (id === 'hold' && !end) {
        ours.hold(false)
        await within(caller.reinvite(), 8_000)
      }
      const since = clock.now()
      ours.start()
      theirs.start()
      const [callerHears, calleeHears] = await Promise.all([
        ours.hears(theirs.patternId, 4_000, { since }),
        theirs.hears(ours.patternId, 4_000, { since }),
      ])
      if (callerHears !== calleeHears) figure('who', callerHears ? 'the called party' : 'the caller')
      else if (!callerHears) figure('who', 'both sides')
      expect('callerHears', callerHears).toBeTrue("the called device's voice")
      expect('calleeHears', calleeHears).toBeTrue("the caller's voice")
      await within(caller.hangUp({ impatient: true }), 4_000)
    },
  })
})
