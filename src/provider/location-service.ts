/** Bindings by account user, the ones that ended left out. */
import type { Clock } from '../clock/clock.js'
import type { Params } from '../message/message.js'
import type { SipUri } from '../message/uri.js'
import type { Flow } from '../transport/flow.js'

/** One contact of an address-of-record (RFC 3261 §10.3). */
export interface Binding {
  /** As the device wrote it. */
  readonly uri: string
  readonly parsed: SipUri
  /** Parameters of the Contact value: q, +sip.instance, reg-id, … */
  readonly params: Params
  readonly callId: string
  readonly cseq: number
  /** When the REGISTER came, milliseconds of the clock. */
  readonly at: number
  /** Milliseconds of the clock. */
  readonly expiresAt: number
  /** What the device is told of it, where that is another time. */
  readonly toldUntil?: number
  /** Between 0 and 1. */
  readonly q: number
  /** What the REGISTER came on. */
  readonly flow: Flow
  /** Proxies on the way to the device (RFC 3327). */
  readonly path: readonly string[]
  /** Set where RFC 5626 governs the binding: a closed flow ends it. */
  readonly outbound?: { readonly instance: string; readonly regId: string }
}

export class LocationService {
  readonly #clock: Clock
  readonly #bindings = new Map<string, readonly Binding[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Live bindings of an account, oldest first. */
  of(user: string): readonly Binding[] {
    const stored = this.#bindings.get(user)
    if (stored === undefined) return []
    const now = this.#clock.now()
    if (stored.every((binding) => isLive(binding, now))) return stored
    const live = stored.filter((binding) => isLive(binding, now))
    this.replace(user, live)
    return live
  }

  replace(user: string, bindings: readonly Binding[]): void {
    if (bindings.length === 0) this.#bindings.delete(user)
    else this.#bindings.set(user, bindings)
  }

  clear(): void {
    this.#bindings.clear()
  }

  /** Whether some binding was made, or renewed, with this Call-ID. */
  knows(callId: string): boolean {
    return [...this.#bindings.keys()].some((user) => this.of(user).some((binding) => binding.callId === callId))
  }

  /** All live bindings, with the accounts that they are of. */
  get all(): readonly (readonly [user: string, binding: Binding])[] {
    return Array.from(this.#bindings.keys()).flatMap((user) => this.of(user).map((binding) => [user, binding] as const))
  }

  get size(): number {
    let count = 0
    for (const user of Array.from(this.#bindings.keys())) count += this.of(user).length
    return count
  }
}

function isLive(binding: Binding, now: number): boolean {
  // RFC 5626 §7: the flow is the binding. What a proxy before us keeps, it knows itself.
  if (binding.outbound !== undefined && binding.path.length === 0 && !binding.flow.open) return false
  return binding.expiresAt > now
}
