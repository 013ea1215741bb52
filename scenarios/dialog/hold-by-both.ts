import {
  audioIsThere,
  hearingEachOther,
  loginTaken,
  must,
  owed,
  scenario,
  type SipSighting,
  whereReached,
} from 'ringproof'

/** Whoever did not make the call waits up to 2 s before it tries again, the other one up to 4 s (RFC 3261 §14.1). */
const SETTLES_MS = 16_000
const ANSWERS_MS = 5_000

export default scenario({
  id: 'dialog/hold-by-both',
  title: 'Both sides put the call on hold at the same moment: one gives way, and the call goes on',
  area: 'dialog',
  purposes: ['GLARE'],
  provider: ['BH-1', 'BH-4'],
  rules: {
    answered: must('RFC 3261 §14.2', 'a re-INVITE that crosses another one gets a 2xx, 491, or 500 with Retry-After', {
      gravity: 'harm',
      cause: 'status-changed',
      harm: 'When both sides press hold at once, devices are not told to try again: one of them shows a wrong state.',
    }),
    settled: whereReached(
      owed('RFC 3261 §14.1', 'a re-INVITE that had to give way is accepted later', {
        gravity: 'harm',
        cause: 'hold-refused',
        harm: 'When both sides press hold at once, one of them cannot put the call on hold.',
      }),
    ),
    goesOn: whereReached(
      owed('RFC 3261 §14.1', 'the call goes on after two re-INVITEs have crossed', {
        gravity: 'outage',
        cause: 'hold-refused',
        harm: 'Calls are cut off when both sides press hold at once.',
      }),
    ),
    hears: whereReached(
      owed('RFC 3261 §14.1', 'after both have taken the call back they hear each other', {
        gravity: 'outage',
        cause: 'silent-after-change',
        follows: ['silent-after-hold'],
        harm: 'Calls fall silent when both sides have pressed hold at once: after a change that was refused there is no audio.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'audio',
  step: 'talk',
  seconds: 38,
  fitForLoad: true,
  harm: 'Calls are cut off or fall silent when both sides press hold at once.',
  advice:
    'Look what becomes of the re-INVITE that is refused with 491: the status has to reach its sender, and the media relay must keep what was agreed on before (Kamailio, OpenSIPS: no rtpengine_delete in the failure_route for requests with a To tag).',
  async run({ alice, bob, expect, clock, within }) {
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    await audioIsThere(caller, callee, clock, 'before the hold')
    const since = clock.now()
    const held = await Promise.all([within(caller.hold(), SETTLES_MS), within(callee.hold(), SETTLES_MS)])
    for (const exchange of held) loginTaken(exchange?.final)
    const answers = [
      ...alice.hears(undefined, { to: 'INVITE', callId: caller.id, since }).all,
      ...bob.hears(undefined, { to: 'INVITE', callId: callee.id, since }).all,
    ]
    const wrong = answers.find((seen) => !isPermitted(seen))
    expect('answered', wrong === undefined ? 'nothing else' : wordsOf(wrong), { seen: wrong }).toBe('nothing else')
    const statuses = held.map((exchange) => exchange?.final?.status ?? 'no final answer')
    const late = statuses.find((status) => typeof status !== 'number' || status >= 300)
    // Whoever was told otherwise than to wait does not try again.
    if (wrong === undefined && !expect('settled', late ?? 'accepted').toBe('accepted') && late === 'no final answer')
      return
    // One after the other: this time they are not to cross.
    await within(caller.resume(), ANSWERS_MS)
    await within(callee.resume(), ANSWERS_MS)
    const goesOn = caller.state === 'established' && callee.state === 'established'
    if (expect('goesOn', goesOn).toBeTrue('the call is up at both ends')) {
      const after = await hearingEachOther(caller, callee, clock)
      const words = `the caller hears ${after.first ? 'the other' : 'nothing'}, the called device ${after.second ? 'the caller' : 'nothing'}`
      expect('hears', words).toSatisfy('both hear each other', () => after.first && after.second)
    }
    await within(caller.hangUp(), 4_000)
  },
})

function isPermitted({ message }: SipSighting): boolean {
  if (message.kind !== 'response' || message.status < 300 || message.status === 491) return true
  return [401, 407].includes(message.status) || (message.status === 500 && message.headers.has('Retry-After'))
}

const wordsOf = ({ message }: SipSighting): string =>
  message.kind === 'response' ? `${message.status} ${message.reason}`.trimEnd() : message.method
