/** Which of the relays that a target publishes calls have met: a relay that nobody met may be the one that is deaf. */
import type { Endpoint, Family } from '../transport/network.js'
import type { Target } from './target.js'

export class RelayCoverage {
  readonly #target: Pick<Target, 'document' | 'published'>
  readonly #family: Family
  readonly #met = new Set<string>()

  constructor(target: Pick<Target, 'document' | 'published'>, family: Family) {
    this.#target = target
    this.#family = family
  }

  /** A call's audio goes there. Returns the relay's name, or its address where it is not published. */
  meets({ address, port }: Endpoint): string {
    const name = this.#target.published.relayOf(address, port)
    if (name !== undefined) this.#met.add(name)
    return name ?? address
  }

  /** Published for this address family, and not met yet. */
  get missing(): string[] {
    const relays = this.#target.document.published?.relays ?? []
    return relays
      .filter(({ addresses }) => addresses.some((one) => one.includes(':') === (this.#family === 'ipv6')))
      .map(({ name }) => name)
      .filter((name) => !this.#met.has(name))
  }
}
