/** A device that transfers calls and lets its calls be transferred (RFC 5589): option `transfers`. */
import type { Call, InviteOptions, OutgoingCall } from '../agent/call.js'
import type { IncomingReferral, Referral } from '../agent/referral.js'
import { replacesValue } from '../agent/replaces.js'
import { parseSubscriptionState } from '../message/event.js'
import type { DeviceWiring } from './device-wiring.js'
import { inconclusive, precondition, unsupported } from './outcome.js'

/** Header fields of a Refer-To URI that a telephone puts into its call; others could lead it anywhere (RFC 3261 §19.1.5). */
const FOLLOWED = new Set(['replaces', 'require', 'referred-by'])

export class Transfers {
  /** Why it did not call where it was asked to; undefined: it was not asked, or did. */
  refusal: string | undefined
  readonly #wiring: DeviceWiring
  readonly #calls: (to: string, options: InviteOptions) => Promise<OutgoingCall>
  /** What gives back the places of calls that others make because this device has asked them to. */
  readonly #places: (() => void)[] = []
  readonly #untaken: OutgoingCall[] = []
  readonly #waiting: ((call: OutgoingCall) => void)[] = []

  constructor(wiring: DeviceWiring, calls: (to: string, options: InviteOptions) => Promise<OutgoingCall>) {
    this.#wiring = wiring
    this.#calls = calls
    if (wiring.options.transfers === true)
      wiring.agent.transfers.onRefer = (referral) => void wiring.attempts(this.#follows(referral))
  }

  /** Asks the other side of a call to call this URI. @param replacing the call with whom is there whose place the new one takes */
  async asks(call: Call, uri: string, whom: string, replacing: Call | undefined): Promise<Referral> {
    // Whoever asks waits for its turn, not who is asked: that has to call at once.
    this.#places.push(await this.#wiring.world.admitCall())
    this.#wiring.note(`${this.#wiring.name} transfers a call to ${whom}`)
    return call.refer(replacing === undefined ? uri : uriReplacing(uri, replacing))
  }

  /** The story is over, and with it the calls that were made. */
  givesPlacesBack(): void {
    for (const release of this.#places.splice(0)) release()
  }

  /** The next call that it makes because it was asked to; undefined when there is none in time. */
  next(withinMs: number): Promise<OutgoingCall | undefined> {
    const call = this.#untaken.shift()
    if (call) return Promise.resolve(call)
    return this.#wiring.within(new Promise((resolve) => this.#waiting.push(resolve)), withinMs)
  }

  /** Calls whom it is asked to, as far as that may be dialled, and tells how it goes. */
  async #follows(referral: IncomingReferral): Promise<void> {
    const { world, name } = this.#wiring
    const decision = world.target.dialPolicy.decide(referral.to)
    if (!decision.allowed) {
      this.refusal = decision.reason
      this.#wiring.note(`${name} does not follow a transfer: ${decision.reason}`)
      referral.refuse(403)
      return
    }
    referral.accept()
    const headers = Object.fromEntries(
      Object.entries(referral.headers).filter(([field]) => FOLLOWED.has(field.toLowerCase())),
    )
    const call = await this.#calls(referral.to, { headers })
    const taken = this.#waiting.shift()
    if (taken) taken(call)
    else this.#untaken.push(call)
    const ringing = await call.ringing
    if (ringing) referral.tells(ringing.status, ringing.reason)
    const final = await call.answered
    // RFC 3261 §8.1.3.1
    referral.tells(final?.status ?? 408, final?.reason ?? 'Request Timeout')
  }
}

/**
 * What a Refer-To says of a call with `uri` that is to take the place of `call` (RFC 3891 §4): its header fields as a URI carries
 * them. Whoever answers it without knowing Replaces shall not (RFC 5589 §7.3).
 */
function uriReplacing(uri: string, call: Call): string {
  const { dialog } = call
  precondition(dialog, 'there is no dialog yet')
  return `${uri}?Replaces=${encodeURIComponent(replacesValue(dialog))}&Require=replaces`
}

/** Statuses that say that calls are not transferred here, or not by whom asks (RFC 5589 §7.4, RFC 6665 §4.1.3). */
const NOT_OFFERED = new Set([403, 405, 420, 489, 501, 603])

/** Who does not wish to go on telling may end that with the first NOTIFY, when nothing is decided yet (RFC 3515 §2.4.4). */
export function isToldNoMore({ notices, statuses }: Pick<Referral, 'notices' | 'statuses'>): boolean {
  const state = parseSubscriptionState(notices.at(-1)?.headers.get('Subscription-State'))?.state
  return state === 'terminated' && (statuses.at(-1) ?? 200) < 200
}

/** Ends the story where the target says that it lacks transfers, or leads them where our devices may not call. */
export function transferTaken(
  { exchange: { final } }: Referral,
  transferee: { readonly notTransferred: string | undefined },
): void {
  if (transferee.notTransferred !== undefined)
    inconclusive(`the target has changed whom the call is transferred to: ${transferee.notTransferred}`, 'not-allowed')
  if (final !== undefined && NOT_OFFERED.has(final.status))
    unsupported(`a REFER within a call is refused with ${final.status} ${final.reason}`.trimEnd())
}
