/** One UDP mapping of a NAT: how long it lives, and whom it lets in. Time comes in; no timer is set here. */
import { type Endpoint, formatEndpoint } from '../transport/network.js'
import type { Dependence, NatKind } from './nat-kind.js'

/** What of an endpoint counts: nothing, its address, or its port, too. */
export function keyOf(endpoint: Endpoint, dependence: Dependence): string {
  if (dependence === 'endpoint-independent') return ''
  return dependence === 'address-dependent' ? endpoint.address : formatEndpoint(endpoint)
}

export class Mapping {
  readonly inside: Endpoint
  /** The only destination, where the mapping depends on it; port 0 where it depends on the address alone. */
  readonly peer: Endpoint | undefined
  gone = false
  readonly #kind: NatKind
  readonly #filtering: Dependence
  /** When something was last sent to whom: who may answer. */
  readonly #sentTo = new Map<string, number>()
  #aliveAt: number
  #isReplied = false

  constructor(kind: NatKind, inside: Endpoint, to: Endpoint, now: number) {
    this.#kind = kind
    this.#filtering = kind.filtering ?? 'address-and-port-dependent'
    this.inside = inside
    const { mapping = 'endpoint-independent' } = kind
    this.peer =
      mapping === 'endpoint-independent' ? undefined : mapping === 'address-dependent' ? { ...to, port: 0 } : to
    this.#aliveAt = now
  }

  /** How long (ms) it lives from now on, where nothing passes. */
  get lifetimeMs(): number {
    const { mappingTimeoutMs, unrepliedTimeoutMs = mappingTimeoutMs } = this.#kind
    return this.#isReplied ? mappingTimeoutMs : unrepliedTimeoutMs
  }

  /** When it ends, where nothing passes any more. */
  get endsAt(): number {
    return this.#aliveAt + this.lifetimeMs
  }

  sent(to: Endpoint, now: number): void {
    this.#aliveAt = now
    this.#sentTo.set(keyOf(to, this.#filtering), now)
  }

  /** When something was last sent to whom this counts as; undefined: never, or so long ago that it may not answer. RFC 4787 §5. */
  openFor(from: Endpoint, at: number): number | undefined {
    if (this.gone) return undefined
    if (this.#filtering === 'endpoint-independent') return this.#aliveAt
    const sentAt = this.#sentTo.get(keyOf(from, this.#filtering))
    return sentAt !== undefined && at - sentAt < this.lifetimeMs ? sentAt : undefined
  }

  /** Something was let in. RFC 4787 §4.3 REQ-6 leaves it to the NAT whether that keeps a mapping alive. */
  received(from: Endpoint, at: number): void {
    this.#isReplied = true
    if (this.#kind.refreshedBy !== 'both') return
    this.#aliveAt = at
    const key = keyOf(from, this.#filtering)
    if (this.#sentTo.has(key)) this.#sentTo.set(key, at)
  }
}
