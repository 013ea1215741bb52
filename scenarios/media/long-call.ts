import { onlyWhereRelayed, precondition, promised, scenario, voiceAt } from 'ringproof'

/** Timers of relays and firewalls that forget calls are 30 s, 60 s, or 90 s, seldom longer. */
const CALL_MS = 130_000
/** The voice of the other side is looked for in spans of so many ms: on a line that loses packets it may not be known at once. */
const SPAN_MS = 10_000

export default scenario({
  id: 'media/long-call',
  title: 'Both sides of a call of more than two minutes hear each other to its end',
  area: 'media',
  purposes: ['MED-TWOWAY'],
  provider: ['BH-4'],
  rules: {
    callerHears: promised('BH-4', 'the caller hears the called device to the end of the call', {
      gravity: 'outage',
      follows: ['no-audio'],
      harm: 'Calls fall silent after {after|some time}: the caller hears nothing any more.',
    }),
    calleeHears: promised('BH-4', 'the called device hears the caller to the end of the call', {
      gravity: 'outage',
      follows: ['no-audio'],
      harm: 'Calls fall silent after {after|some time}: the called party hears nothing any more.',
    }),
    stays: promised('BH-4', 'the call stays up until one of its sides hangs up', {
      gravity: 'outage',
      harm: 'Calls are ended after {after|some time} by nobody who takes part in them.',
    }),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'audio',
  step: 'talk',
  seconds: 150,
  harm: 'Calls fall silent in their second or third minute.',
  advice:
    'Look at what ends after just that time: timeout and silent-timeout of rtpengine, rtptimeout and rtpholdtimeout of Asterisk, UDP timeouts of the firewall in front of the relay, an ACK or session timer that did not arrive.',
  async run({ alice, bob, expect, within, waits, clock, figure }) {
    await alice.registers()
    await bob.registers()
    const call = await alice.calls(bob)
    onlyWhereRelayed(call)
    const { caller, callee } = call
    const sides = [
      { side: 'caller', device: alice, own: caller.media, other: callee.media },
      { side: 'callee', device: bob, own: callee.media, other: caller.media },
    ] as const
    for (const { own, other } of sides) await own?.hears(other?.patternId ?? -1, 3_000)
    precondition(
      sides.every(({ device, own, other }) => voiceAt(device, own, other?.patternId).recognised),
      'the devices do not hear each other to begin with',
      'no-audio',
    )
    const isUp = () => caller.state !== 'ended'
    const begunAt = clock.now()
    const silent: Record<'caller' | 'callee', number[]> = { caller: [], callee: [] }
    while (clock.now() - begunAt < CALL_MS && isUp()) {
      const since = clock.now()
      await waits(SPAN_MS)
      if (!isUp()) break
      for (const { side, own, other } of sides) {
        const voice = own?.report().heard.find(({ patternId }) => patternId === other?.patternId)
        if ((voice?.lastAt ?? 0) < since) silent[side].push(Math.round((since - begunAt) / 1000))
      }
    }
    const lastedS = Math.round((clock.now() - begunAt) / 1000)
    const stayed = isUp()
    await within(caller.hangUp(), 4_000)
    const firsts = [...silent.caller, ...silent.callee]
    if (!stayed) figure('after', `${lastedS} s`)
    else if (firsts.length > 0) figure('after', `${Math.min(...firsts)} s`)
    const spans = (at: readonly number[]) =>
      at.map((second) => `nothing from ${second} s to ${second + SPAN_MS / 1000} s`)
    expect('callerHears', spans(silent.caller)).toBeEmpty()
    expect('calleeHears', spans(silent.callee)).toBeEmpty()
    expect('stays', stayed ? 'up to its end' : `ended after ${lastedS} s`).toBe('up to its end')
  },
})
