/** Calls that ring until the story does something about them. */
import type { IncomingCall, InviteOptions, OutgoingCall } from '../agent/call.js'
import type { SipSighting } from '../evidence/record.js'
import { sessionDescriptionIn } from '../message/body-parts.js'
import type { Device } from './device.js'
import { loginTaken, precondition } from './outcome.js'
import type { Rules } from './rule.js'
import type { StageTools } from './stage.js'

export interface ArrivedCall {
  readonly call: OutgoingCall
  readonly incoming: IncomingCall
}

/** A call that has arrived at a device, or the scenario is inconclusive. How the device treats it is for the story to say before. */
export async function arrivesAt(caller: Device, callee: Device, options: InviteOptions = {}): Promise<ArrivedCall> {
  const rung = callee.nextCall()
  const call = await caller.invites(callee, options)
  const incoming = await rung
  if (incoming === undefined) loginTaken(call.final)
  precondition(incoming, 'the call did not arrive', 'call-not-arrived')
  return { call, incoming }
}

/** A call to a device that rings and does not answer: it has arrived, and the caller hears it ring, or the scenario is inconclusive. */
export async function ringsAt(
  caller: Device,
  callee: Device,
  within: StageTools<Rules>['within'],
  options: InviteOptions = {},
): Promise<ArrivedCall> {
  callee.rings()
  const arrived = await arrivesAt(caller, callee, options)
  precondition(await within(arrived.call.ringing, 4_000), 'ringing did not reach the caller')
  return arrived
}

/**
 * Both register, and a call arrives at a device that answers nothing by itself, or the scenario is inconclusive; then the device sends
 * 183, with or without a description of its audio. `progress`: the 183 at the caller, where one came.
 */
export async function progresses(
  caller: Device,
  callee: Device,
  o: { readonly sdp: boolean },
): Promise<{
  readonly call: OutgoingCall
  readonly ringing: IncomingCall
  readonly progress: SipSighting | undefined
}> {
  await caller.registers()
  await callee.registers()
  callee.waitsForTheStory()
  const { call, incoming: ringing } = await arrivesAt(caller, callee)
  const heard = caller.hears(183, { callId: call.id })
  // Twice where need be: over UDP a provisional response that is lost is not repeated (RFC 3261 §17.2.1).
  for (let sent = 0; sent < 2 && heard.count === 0; sent += 1) {
    await ringing.progress183(o)
    await heard.reaches(1, 1_500)
  }
  // Without an agreement on media it has nothing to describe.
  const sent = callee.says(183, { callId: ringing.id }).last
  precondition(
    !o.sdp || (sent !== undefined && sessionDescriptionIn(sent.message) !== undefined),
    'the called device agreed on no media',
  )
  return { call, ringing, progress: heard.first }
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
