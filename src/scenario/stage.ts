/** What a scenario's function is given: its devices by name, and the means to tell, wait and judge. */
import type { ScenarioRecord, SipSighting } from '../evidence/record.js'
import type { Picture } from '../result/scenario-result.js'
import type { TargetDocument } from '../target/target-file.js'
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { Device, EstablishedCall } from './device.js'
import type { Matchers, Pointer, Told } from './expect.js'
import { notApplicable, precondition } from './outcome.js'
import type { Devices } from './device-options.js'
import type { Rules } from './rule.js'
import type { Variant } from './variant.js'
import type { LostServer } from './restart.js'
import type { Target } from './target.js'
import { SessionDescription } from '../sdp/session-description.js'
import { formatEndpoint } from '../transport/network.js'

/**
 * The means that every scenario has, whatever its devices. Helpers that take `tools` want these: `run({ alice, bob, ...tools })` has
 * them apart from the devices, and `tools.expect` is `expect`.
 */
export interface StageTools<R extends Rules> {
  /** Holds a value against one of the scenario's rules, by the rule's name. */
  readonly expect: <T>(rule: keyof R & string, actual: Told<T>, pointer?: Pointer) => Matchers<T>
  /** Over which transport and address family this run goes. */
  readonly variant: Variant
  /** The target: `document` is its file, `facts` what was learned of it first. */
  readonly target: Target
  /** Numbers and codes of the target file. */
  readonly services: TargetDocument['services']
  /** The time, for helpers that wait; virtual where the run is. */
  readonly clock: Clock
  /** Chance that repeats itself with `--seed`. */
  readonly random: Random
  /** All that the devices sent and received. */
  readonly record: ScenarioRecord
  /** Milliseconds since the scenario began. */
  readonly now: () => number
  /** Lets time pass. */
  readonly waits: (ms: number) => Promise<void>
  /** The target's servers stop and start anew (`needs: ['restart']`); inconclusive where they do not come back. */
  readonly restartsTarget: () => Promise<void>
  /**
   * The server of the target at this address falls silent (`needs: ['server-loss']`), and comes back when it `returns` or the story is
   * over; inconclusive where that cannot be done.
   */
  readonly losesServer: (address: string) => Promise<LostServer>
  /** The promise's value, or undefined when it does not settle within so many milliseconds. */
  readonly within: <T>(promise: Promise<T>, ms: number) => Promise<T | undefined>
  /**
   * A measured value of this run, such as `8 s`: the harms of the scenario and of its rules may hold it as `{name}`, or
   * `{name|what stands there where nothing was measured}`.
   */
  readonly figure: (name: string, value: string | number) => void
  /** A line of the story. */
  readonly note: (text: string) => void
  /** A picture for people who look rather than read. */
  readonly shows: (picture: Picture) => void
}

/** All that `run` is given, tools and devices together: helpers that take `stage` want it whole, `run(stage)`. */
export type Stage<R extends Rules, D extends Devices> = StageTools<R> & { readonly [Name in keyof D]: Device }

/**
 * Ends the scenario as not applicable where the target is seen to be a B2BUA: Call-ID, tags or the caller's Via changed on
 * the way to the callee.
 */
export function onlyForProxies(sent: SipSighting | undefined, arrived: SipSighting | undefined): void {
  const changed = changedOnTheWay(sent, arrived)
  if (changed.length > 0)
    notApplicable(`the target is a back-to-back user agent: it changes ${changed.join(', ')}`, 'is-b2bua')
}

/** Whether the target passed the INVITE on as proxies do: where a back-to-back user agent obeys another section. */
export const wasProxied = (sent: SipSighting | undefined, arrived: SipSighting | undefined): boolean =>
  changedOnTheWay(sent, arrived).length === 0

/** What a proxy leaves as it is, and a back-to-back user agent does not. */
function changedOnTheWay(sent: SipSighting | undefined, arrived: SipSighting | undefined): string[] {
  precondition(sent && arrived, 'the INVITE did not arrive at the called device', 'call-not-arrived')
  return [
    ...(sent.message.callId === arrived.message.callId ? [] : ['Call-ID']),
    ...(sent.message.from.tag === arrived.message.from.tag ? [] : ['From tag']),
    ...(arrived.message.vias().some((via) => via.branch === sent.message.via.branch) ? [] : ['Via']),
  ]
}

/** The same, seen by a call that is up. */
export function onlyForProxiedCalls(caller: Device, callee: Device, call: EstablishedCall): void {
  const authenticated = caller.says('INVITE', { callId: call.caller.id }).last
  const arrived = callee.hears('INVITE').all.find((seen) => seen.message.headers.get('Call-ID') === call.callee.id)
  onlyForProxies(authenticated, arrived)
}

/** The same, seen by a call that the called device rejects: where a story has no call of its own that arrives. */
export async function onlyWhereProxied(caller: Device, callee: Device): Promise<void> {
  callee.rejects(486)
  const arriving = callee.nextCall()
  const call = await caller.invites(callee)
  const arrived = await arriving
  precondition(
    arrived,
    `a call of ${caller.name} did not arrive at ${callee.name}, so the kind of target cannot be told`,
  )
  await call.ended
  callee.answers()
  onlyForProxies(caller.says('INVITE', { callId: call.id }).last, callee.hears('INVITE', { callId: arrived.id }).first)
}

/**
 * Ends the scenario as not applicable where the target keeps no transactions and forwards each copy of an INVITE: a stateless proxy
 * (RFC 3261 §16.11) is not held to what a transaction does. Costs a call, so that it is asked where a rule does not hold.
 */
export async function onlyWithState(
  caller: Device,
  callee: Device,
  { waits, within }: Pick<StageTools<Rules>, 'waits' | 'within'>,
): Promise<void> {
  callee.staysMute()
  const arrivals = callee.hears('INVITE')
  const before = arrivals.count
  const call = await caller.invites(callee)
  await arrivals.reaches(before + 1, 8_000)
  const arrived = arrivals.all[before]
  const sent = caller.says('INVITE', { callId: call.id }).last
  precondition(sent && arrived, 'a second call did not arrive at the called device', 'call-not-arrived')
  const copies = callee.hears('INVITE', { callId: arrived.message.callId })
  const had = copies.count
  // A transaction repeats the INVITE at most once in this time.
  for (let copy = 0; copy < 2; copy += 1) await caller.transmits(sent.bytes)
  await waits(200)
  const forwarded = copies.count - had
  callee.speaksAgain()
  await within(call.cancel(), 4_000)
  if (forwarded >= 2)
    notApplicable('the target forwards each copy of an INVITE: a proxy without transactions (RFC 3261 §16.11)')
}

/**
 * Ends the scenario as not applicable where the target does not relay media: each device was given the address of the other,
 * so that the target has no part in what it hears.
 */
export function onlyWhereRelayed({ caller, callee }: EstablishedCall): void {
  const told = [caller.remoteSdp, callee.remoteSdp].map(audioPlace)
  const own = [callee.localSdp, caller.localSdp].map(audioPlace)
  if (told.every((place, side) => place !== undefined && place === own[side]))
    notApplicable('the target does not relay media: audio goes from device to device', 'relays-no-media')
}

/** Address and port that a description gives for its first stream, as text. */
function audioPlace(sdp: string | undefined): string | undefined {
  const [media] = sdp === undefined ? [] : SessionDescription.parse(sdp).media
  const address = media?.connection?.address
  return media === undefined || address === undefined ? undefined : formatEndpoint({ address, port: media.port })
}
