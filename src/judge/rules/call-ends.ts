/** How calls end that nobody meant to end: after a round time, for a reason that is told, or by requests that are refused. */
import type { Call } from '../calls.js'
import type { Leg } from '../leg.js'
import type { JudgeRule, Observation } from '../rule.js'
import type { Scene } from '../scene.js'
import { doingOf, named, side, roleOf } from '../sides.js'
import { seconds } from '../texts.js'
import { finalOf, firstOf } from '../transactions.js'

/** Limits that servers and telephones are set to, minutes; and how exactly a call must keep to one, ms. */
const ROUND_MINUTES = [15, 30, 60, 120]
const EXACT_MS = 1_500
/** Reasons by which machines, not people, end calls: RFC 3326; Q.850 41, 102, 111, 127 and 500 to 599. */
const BY_MACHINES = /cause\s*=\s*"?(?:41|102|111|408|5\d\d)\b|time.?out|session.?timer|media|rtp/i

export const callEnds: JudgeRule = {
  id: 'call-ends',
  text: {
    severity: 'warn',
    gravity: 'harm',
    cause: 'calls-cut-off',
    title: 'Calls are ended by a machine',
    rule: 'RFC 3261 §15',
    expected: 'calls that last until somebody hangs up',
    harm: 'Calls are cut off in the middle of a sentence.',
    advice:
      'Look in the settings and logs of who sent the BYE for what it says: a limit, a timer, audio that it missed.',
    step: 'talk',
  },
  look(scene, report) {
    for (const call of scene.calls) {
      const found = call.legs.flatMap((leg) => [
        ...ended(call, leg, scene),
        ...refused(call, leg, scene),
        ...crossed(call, leg, scene),
      ])
      const told = new Set<string | undefined>()
      for (const one of found) {
        if (!told.has(one.kind)) report(one)
        told.add(one.kind)
      }
    }
  },
}

function ended(call: Call, { answer, bye }: Leg, { view }: Scene): Observation[] {
  if (answer === undefined || bye === undefined) return []
  const seen = firstOf(bye)
  const reason = seen.message.headers.get('reason')
  const lasted = seen.at - answer.at
  const who = named(seen.from.address, view)
  const common = {
    about: call,
    frames: [answer.frame, seen.frame],
    side: doingOf(seen.from.address, view, 'it sent the BYE; it may have come from behind it'),
  }
  if (reason !== undefined && BY_MACHINES.test(reason)) {
    return [
      {
        ...common,
        kind: 'reason',
        seen: `The call was ended after ${seconds(lasted)} by ${who}, which says why: ${reason}.`,
      },
    ]
  }
  const minutes = ROUND_MINUTES.find((one) => Math.abs(lasted - one * 60_000) < EXACT_MS)
  if (minutes === undefined) return []
  return [
    {
      ...common,
      kind: 'round',
      title: 'Calls are cut off after a fixed time',
      seen: `The call was ended by ${who} after ${minutes} minutes, to the second and a half.`,
    },
  ]
}

/** A request within a call is answered as if there were none; a BYE that crosses another one is none of that. */
function refused(call: Call, { inDialog, bye, answer }: Leg, { view }: Scene): Observation[] {
  return inDialog.flatMap((one) => {
    const final = finalOf(one)
    const isAfterEnd = bye !== undefined && (one.method === 'BYE' || firstOf(one).at >= firstOf(bye).at)
    if (final === undefined || answer === undefined || (final.status !== 481 && final.status !== 408)) return []
    if (firstOf(one).at < answer.at) return []
    if (isAfterEnd && inDialog.filter(({ method }) => method === 'BYE').length > 1) return []
    if (isAfterEnd && one !== bye) return []
    return [
      {
        about: call,
        kind: `refused ${final.status}`,
        cause: 'route-lost' as const,
        title: `Requests within calls are answered ${final.status}: one side does not know the call any more`,
        expected: 'a 2xx',
        harm: 'Hold, transfer and hanging up do not work; calls stay up on one side.',
        advice:
          'Compare Call-ID, tags and the way of the request with those of the INVITE: did it come to another server, or was the call ended there?',
        seen: `${one.method} of the call, ${seconds(firstOf(one).at - answer.at)} after the answer, got ${final.status} from ${named(final.from.address, view)}.`,
        frames: [firstOf(one).frame, final.frame],
        side: side(
          roleOf(final.from.address, view),
          `${final.from.address} sent the answer; it may have come from behind it`,
        ),
      },
    ]
  })
}

/** The caller hung up while the call was being answered, and nobody ended it. */
function crossed(call: Call, { cancel, answer, bye, acks, caller }: Leg, { until, view }: Scene): Observation[] {
  if (cancel === undefined || answer === undefined || bye !== undefined || until - answer.at < 32_000) return []
  if (firstOf(cancel).at > answer.at + 500) return []
  return [
    {
      about: call,
      kind: 'crossed',
      cause: 'crossing-answer-lost',
      title: 'Who hangs up while the call is being answered leaves a call behind',
      rule: 'RFC 3261 §15',
      expected: 'ACK and BYE for the 2xx that crossed CANCEL',
      harm: 'The called side stays in a call with nobody.',
      advice: 'Look at the caller, or what stands for it: it has to confirm the 2xx and then send BYE.',
      seen: `CANCEL and 200 crossed; ${acks.length === 0 ? 'no ACK and ' : ''}no BYE came within ${seconds(until - answer.at)}.`,
      frames: [firstOf(cancel).frame, answer.frame],
      side: side(
        'unknown',
        `${named(caller.address, view)} did not send it, or it took another way than past this point`,
      ),
    },
  ]
}
