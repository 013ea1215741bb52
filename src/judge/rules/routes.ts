/** Requests within calls that do not go the way that Record-Route laid down (RFC 3261 §12.2.1.1). */
import type { Call } from '../calls.js'
import type { Leg } from '../leg.js'
import type { JudgeRule, Observation } from '../rule.js'
import type { Scene } from '../scene.js'
import { doingOf, named } from '../sides.js'
import type { SipSeen } from '../sip-reader.js'
import { labelOf } from '../texts.js'
import { firstOf } from '../transactions.js'

export const routes: JudgeRule = {
  id: 'routes',
  text: {
    severity: 'warn',
    gravity: 'harm',
    cause: 'route-lost',
    title: 'Requests within calls ignore Record-Route',
    rule: 'RFC 3261 §12.2.1.1',
    expected: 'Route with what Record-Route said',
    harm: 'ACK and BYE go past the provider: calls are cut off, or cannot be ended.',
    advice: 'Look whether the telephone, or something on the way, drops Record-Route or Route.',
    step: 'hang up',
  },
  look(scene, report) {
    for (const call of scene.calls) {
      const found = call.legs.flatMap((leg) => told(call, leg, scene))[0]
      if (found !== undefined) report(found)
    }
  },
}

function told(call: Call, leg: Leg, { view }: Scene): Observation[] {
  const { answer, invite, acks, laterAcks, inDialog, caller, callee } = leg
  if (answer === undefined) return []
  const sent = [...acks, ...laterAcks, ...inDialog.map(firstOf)]
  return sent.flatMap((seen) => {
    // What each end saw: the caller in the answer, the called side in the INVITE.
    const laidDown =
      seen.from.address === caller.address ? answer : seen.from.address === callee.address ? firstOf(invite) : undefined
    if (laidDown === undefined || caller.address === callee.address) return []
    const names = laidDown.message.headers.get('record-route')
    const isSender = isEnd(seen, leg, laidDown)
    if (names === undefined || !isSender || seen.message.headers.has('route')) return []
    return [
      {
        about: call,
        seen: `${named(seen.from.address, view)} sent ${labelOf(seen)} without Route to ${seen.to.address}, though Record-Route said ${names}.`,
        frames: [laidDown.frame, seen.frame],
        side: doingOf(seen.from.address, view, 'it sent the request'),
      },
    ]
  })
}

/** It is the end of the call that sends, not a proxy which has taken its own Route off. */
function isEnd({ message }: SipSeen, { invite }: Leg, laidDown: SipSeen): boolean {
  try {
    return message.vias().length === 1 && (laidDown.status === 0 || firstOf(invite).message.vias().length === 1)
  } catch {
    return false
  }
}
