/** Legs of a back-to-back user agent, which gives each a Call-ID of its own: put beside each other where it is plain that they are one call. */
import type { Call } from './calls.js'
import type { SipSeen } from './sip-reader.js'
import { firstOf } from './transactions.js'

/** The second INVITE follows the first within so many ms. */
const FOLLOWS_MS = 3_000
/** Digits that two spellings of a number have in common: +49 and 0 differ. */
const LAST_DIGITS = 6
/** Header fields in which such servers name the other leg, or the call that both are of (RFC 7989 §5). */
const NAMES_OTHER = ['x-call-id', 'x-cid', 'x-original-call-id'] as const
const NAMES_BOTH = ['session-id', 'p-charging-vector', 'x-correlation-id'] as const

/** By each second leg, its first. */
export function otherLegs(calls: readonly Call[]): Map<Call, Call> {
  const found = new Map<Call, Call>()
  const byId = new Map(calls.map((call) => [call.callId, call]))
  const byName = new Map<string, Call>()
  const recent: Call[] = []
  for (const call of calls) {
    const invite = inviteOf(call)
    if (invite === undefined) continue
    const named = NAMES_OTHER.flatMap((name) => byId.get(invite.message.headers.get(name) ?? '') ?? [])[0]
    const both = NAMES_BOTH.flatMap((name) => idIn(invite, name))
    const same = both.flatMap((id) => byName.get(id) ?? [])[0]
    while (invite.at - (inviteOf(recent[0])?.at ?? invite.at) > FOLLOWS_MS) recent.shift()
    const first = named ?? same ?? recent.findLast((other) => follows(other, call))
    if (first !== undefined && first !== call) found.set(call, found.get(first) ?? first)
    for (const id of both) if (!byName.has(id)) byName.set(id, call)
    recent.push(call)
  }
  return found
}

function inviteOf(call: Call | undefined): SipSeen | undefined {
  const leg = call?.legs[0]
  return leg === undefined ? undefined : firstOf(leg.invite)
}

function idIn({ message }: SipSeen, name: (typeof NAMES_BOTH)[number]): string[] {
  const value = message.headers.get(name)
  const id = value?.split(';').find((part) => name !== 'p-charging-vector' || part.includes('icid-value='))
  return id === undefined || /^0*$/.test(id.trim()) ? [] : [`${name} ${id.trim()}`]
}

/** It leaves from where the other arrived, while that was still ringing, with the same number behind or before it. */
function follows(first: Call, second: Call): boolean {
  const [before, after] = [first.legs[0], second.legs[0]]
  if (before === undefined || after === undefined || before.callee.address !== after.caller.address) return false
  const gap = firstOf(after.invite).at - firstOf(before.invite).at
  if (gap < 0 || gap > FOLLOWS_MS || (before.answer !== undefined && before.answer.at < firstOf(after.invite).at))
    return false
  return sameNumber(first.to, second.to) && sameNumber(first.from, second.from)
}

function sameNumber(a: string | undefined, b: string | undefined): boolean {
  const [x = '', y = ''] = [a, b].map((text) => text?.replace(/\D/g, '').slice(-LAST_DIGITS))
  return x !== '' && x === y
}
