/** Calls that ring until the story does something about them. */
import type { IncomingCall, OutgoingCall } from '../agent/call.js'
import type { Device } from './device.js'
import { loginTaken, precondition } from './outcome.js'
import type { Rules } from './rule.js'
import type { StageTools } from './stage.js'

/** A call to a device that rings and does not answer: it has arrived, and the caller hears it ring, or the scenario is inconclusive. */
export async function ringsAt(
  caller: Device,
  callee: Device,
  within: StageTools<Rules>['within'],
): Promise<{ readonly call: OutgoingCall; readonly incoming: IncomingCall }> {
  callee.rings()
  const rung = callee.nextCall()
  const call = await caller.invites(callee)
  const incoming = await rung
  precondition(incoming, 'the call did not arrive', 'call-not-arrived')
  precondition(await within(call.ringing, 4_000), 'ringing did not reach the caller')
  return { call, incoming }
}

/** All three register, and the caller calls the account that the other two share: what has arrived at each of them. */
export async function callsBoth(
  caller: Device,
  one: Device,
  other: Device,
): Promise<{
  readonly call: OutgoingCall
  readonly atOne: IncomingCall | undefined
  readonly atOther: IncomingCall | undefined
}> {
  for (const device of [caller, one, other]) await device.registers()
  const [rungAtOne, rungAtOther] = [one.nextCall(), other.nextCall()]
  const call = await caller.invites(one)
  const atOne = await rungAtOne
  const atOther = await rungAtOther
  loginTaken(call.final)
  return { call, atOne, atOther }
}
