/** The ACK of an answered call does not arrive: the answer is sent again and again, and the call is cut off (RFC 3261 §13.3.1.4). */
import { formatEndpoint } from '../../transport/network.js'
import type { Call } from '../calls.js'
import type { Leg } from '../leg.js'
import type { JudgeRule, Observation } from '../rule.js'
import type { Scene } from '../scene.js'
import { doingOf, named, roleOf, side } from '../sides.js'
import type { SipSeen } from '../sip-reader.js'
import { firstOf } from '../transactions.js'
import { contactHost } from '../texts.js'

/** So often the answer came before it is said that no ACK arrives: once or twice more may be lost packets. */
const ANSWERS = 4

export const ackLost: JudgeRule = {
  id: 'ack-lost',
  text: {
    severity: 'fail',
    gravity: 'outage',
    cause: 'ack-lost',
    title: 'The ACK of answered calls does not arrive',
    rule: 'RFC 3261 §13.3.1.4',
    expected: 'an ACK that ends the repeats of the 2xx',
    harm: 'Calls are cut off about half a minute after they were answered.',
    advice:
      'Look at Contact and Record-Route of the answer: the ACK goes where they say. Behind NAT they must name an address that can be reached from outside.',
    step: 'talk',
  },
  look(scene, report) {
    for (const call of scene.calls) {
      const observation = seenIn(call, scene)
      if (observation !== undefined) report(observation)
    }
  },
}

function seenIn(call: Call, scene: Scene): Observation | undefined {
  const legs = call.legs.filter(isRepeatedInVain)
  const [leg] = legs
  if (leg?.answer === undefined) return undefined
  const acks = call.legs.flatMap((one) => one.acks)
  const frames = [
    firstOf(leg.invite).frame,
    ...leg.answers.map(({ frame }) => frame),
    ...acks.map(({ frame }) => frame),
  ]
  return { about: call, frames, ...told(leg, legs, acks, scene) }
}

/** The answer comes again and again, after the ACK or without one. */
function isRepeatedInVain({ answers, acks, answer }: Leg): boolean {
  if (answer === undefined) return false
  const same = answers.filter(({ toTag }) => toTag === answer.toTag)
  const [first] = acks
  const after = first === undefined ? same : same.filter(({ at }) => at > first.at)
  return after.length >= (first === undefined ? ANSWERS : ANSWERS - 1)
}

function told(
  leg: Leg,
  legs: readonly Leg[],
  acks: readonly SipSeen[],
  { view }: Scene,
): Pick<Observation, 'seen' | 'side' | 'kind' | 'title' | 'advice'> {
  const times = `the answer was sent ${leg.answers.length} times${endOf(leg)}`
  const lead = 'The ACK of this call never arrived'
  const stuck = legs.find(
    ({ caller }) =>
      acks.some(({ to }) => to.address === caller.address) && !acks.some(({ from }) => from.address === caller.address),
  )
  if (stuck !== undefined) {
    const at = named(stuck.caller.address, view)
    return {
      kind: 'not-passed-on',
      title: 'The ACK of answered calls is not passed on',
      advice: `Look into the log of ${stuck.caller.address} for this Call-ID: does a rule drop the ACK, or do its Route and its Request-URI (the Contact of the answer) lead nowhere from there?`,
      seen: `${lead}: it came to ${at}, which did not pass it on to ${stuck.callee.address}; ${times}.`,
      side: doingOf(stuck.caller.address, view, 'the capture shows the ACK arrive there, and none leave'),
    }
  }
  const last = acks.at(-1)
  if (last === undefined) return neverSeen(leg, lead, times, { view })
  const { from, to } = last
  if (view.isOutOfReach(to.address, from.address)) {
    return {
      kind: 'private',
      title: 'The ACK of answered calls is sent to a private address and never arrives',
      seen: `${lead}: it was sent to a private address, ${formatEndpoint(to)}, as the answer says; ${times}.`,
      side: doingOf(leg.callee.address, view, `the answer that came from ${leg.callee.address} names that address`),
    }
  }
  const elsewhere = to.address === leg.callee.address ? '' : `, past ${leg.callee.address}, which the INVITE went to`
  return {
    kind: 'sent',
    seen: `${lead}: ${named(from.address, view)} sent it to ${formatEndpoint(to)}${elsewhere}, and ${times}.`,
    side: side(
      'unknown',
      'the ACK is sent here, and the answer is repeated: it is lost beyond this point, or not understood there',
    ),
  }
}

function neverSeen(
  leg: Leg,
  lead: string,
  times: string,
  { view }: Pick<Scene, 'view'>,
): Pick<Observation, 'seen' | 'side' | 'kind' | 'title'> {
  const host = leg.answer === undefined ? undefined : contactHost(leg.answer)
  const { caller } = leg
  if (host !== undefined && view.isOutOfReach(host, caller.address)) {
    return {
      kind: 'private',
      title: 'The ACK of answered calls is sent to a private address and never arrives',
      seen: `${lead}, nor was it seen here; Contact of the answer names a private address, ${host}, where ${named(caller.address, view)} cannot send; ${times}.`,
      side: doingOf(leg.callee.address, view, 'it sent the answer with that Contact'),
    }
  }
  const role = roleOf(caller.address, view)
  const near = view.where === 'one machine' || (role !== 'unknown' && view.where === role)
  return {
    kind: 'not-seen',
    seen: `${lead}, nor was it seen here; ${times}.`,
    side: near
      ? side(role, `captured on its side: ${caller.address} got the answer and sent no ACK`)
      : side('unknown', `${caller.address} did not send it, or it took another way than past this point`),
  }
}

function endOf({ bye, answer }: Leg): string {
  if (bye === undefined || answer === undefined) return ''
  return `; the call was ended after ${Math.round((firstOf(bye).at - answer.at) / 1000)} s`
}
