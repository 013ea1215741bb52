/** How a device of a story calls: within what the target file allows to be dialled, and within the target's limits. */
import type { IncomingCall, InviteOptions, OutgoingCall } from '../agent/call.js'
import type { SipSighting } from '../evidence/record.js'
import { requestUri } from '../target/dial-policy.js'
import type { CallAudio } from './call-audio.js'
import type { DeviceWiring } from './device-wiring.js'
import type { Hearing, HearingFilter, Sound } from './hearing.js'
import { inconclusive, precondition } from './outcome.js'
import { whyNotAnswered } from './reasons.js'

/** A call between two of our devices that both ends agree is up. */
export interface EstablishedCall {
  readonly caller: OutgoingCall
  readonly callee: IncomingCall
}

/** Another device, as far as whoever dials it has to know it. */
export interface Dialled {
  readonly name: string
  readonly number: string
}

/** The same, as far as whoever calls it looks at what arrives there. */
export interface CalledDevice extends Dialled {
  readonly callAudio: CallAudio
  hears(sound?: Sound, filter?: HearingFilter): Hearing
  nextCall(withinMs?: number): Promise<IncomingCall | undefined>
}

/** A call is set up by then, ms. */
export const CALL_SETUP_MS = 8_000
/** And answered, ms. */
const ANSWERED_MS = CALL_SETUP_MS + 4_000

export class CallingVerbs {
  readonly #wiring: DeviceWiring

  constructor(wiring: DeviceWiring) {
    this.#wiring = wiring
  }

  /** The URI of a device or number; the scenario is inconclusive where it may not be dialled. */
  dialled(whom: Dialled | string): string {
    const { agent, world } = this.#wiring
    const decision = world.target.dialPolicy.decide(typeof whom === 'string' ? whom : whom.number)
    if (!decision.allowed) inconclusive(decision.reason, 'not-allowed')
    return requestUri(decision.dialled, agent.account.domain)
  }

  /** @param hasPlace it is counted among the target's calls already */
  async invites(whom: Dialled | string, options: InviteOptions, hasPlace = false): Promise<OutgoingCall> {
    const { agent, name, world } = this.#wiring
    const uri = this.dialled(whom)
    const release = hasPlace ? () => {} : await world.admitCall()
    const call = agent.invite(uri, options)
    void call.ended.then((end) => {
      release()
      this.#wiring.note(`the call of ${name} ended: ${end.cause}${end.status ? ` (${end.status})` : ''}`)
    })
    this.#wiring.note(`${name} calls ${nameOf(whom)}`)
    return call
  }

  async tries(whom: CalledDevice, withinMs: number): Promise<{ call: OutgoingCall; arrived: SipSighting | undefined }> {
    const hearing = whom.hears('INVITE', { since: this.#wiring.clock.now() })
    const call = await this.invites(whom, {})
    const over = call.ended.then(() => undefined)
    const arrived = (await Promise.race([hearing.next(withinMs), over])) ?? hearing.first
    if (arrived) return { call, arrived }
    if ([401, 403, 407].includes(call.final?.status ?? 0)) {
      const { code, text } = whyNotAnswered(call.exchange)
      inconclusive(`${this.#wiring.name}'s call ${text}`, code)
    }
    if (call.state !== 'ended') void this.#wiring.attempts(call.hangUp())
    return { call, arrived }
  }

  async calls(whom: CalledDevice, options: InviteOptions): Promise<EstablishedCall> {
    const { callAudio, name } = this.#wiring
    const ringing = whom.nextCall(CALL_SETUP_MS)
    const caller = await this.reaches(whom, options)
    const callee = await ringing
    precondition(callee, `${name}'s call was answered, but did not reach ${whom.name}`, 'call-not-arrived')
    precondition(await this.#wiring.within(callee.acknowledged, CALL_SETUP_MS), `${whom.name} got no ACK`)
    callAudio.hears(caller.media, callee.media)
    whom.callAudio.hears(callee.media, caller.media)
    return { caller, callee }
  }

  async reaches(whom: Dialled | string, options: InviteOptions): Promise<OutgoingCall> {
    const { callAudio, name, world } = this.#wiring
    const call = await this.invites(whom, options)
    const final = await this.#wiring.within(call.answered, ANSWERED_MS)
    if (whom === world.target.document.services.echo) callAudio.hears(call.media, call.media)
    if (final !== undefined && final.status < 300) return call
    const { code, text } = whyNotAnswered(call.exchange)
    return inconclusive(`${name}'s call to ${nameOf(whom)} ${text}`, code)
  }
}

export const nameOf = (whom: Dialled | string): string => (typeof whom === 'string' ? whom : whom.name)
