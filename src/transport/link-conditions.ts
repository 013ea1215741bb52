/** How links treat what is sent over them, and which traffic takes which link. */
import { addressBlock } from './address.js'
import type { WireTransport } from './network.js'

/** How a link treats what is sent over it. Shares are between 0 and 1. */
export interface LinkConditions {
  /** One way, milliseconds. */
  readonly delayMs: number
  /** Up to so many milliseconds on top, drawn for each datagram; order is kept. */
  readonly jitterMs: number
  /** Of datagrams. On streams it delays instead, as retransmission by TCP does; at 1 nothing gets through. */
  readonly loss: number
  /** Mean length of a burst of losses, ms: all that is sent meanwhile is lost. 0: each datagram is lost on its own. */
  readonly burstMs: number
  /** Share of datagrams that arrive twice. */
  readonly duplicate: number
  /** Share of datagrams that are held back until the next one of the same pair has overtaken them, or 100 ms. */
  readonly reorder: number
}

/** A link on which nothing goes wrong; a quarter of a millisecond is exact in binary, and so keeps sums exact. */
export const GOOD_LINK: LinkConditions = { delayMs: 0.25, jitterMs: 0, loss: 0, burstMs: 0, duplicate: 0, reorder: 0 }

/** Conditions for some of the traffic. `from` and `to` are an address or a CIDR block; what is left out matches all. */
export interface LinkRule {
  readonly from?: string
  readonly to?: string
  readonly transport?: WireTransport
  /** What is left out is as on the network's links in general. */
  readonly conditions: Partial<LinkConditions>
}

interface CompiledRule {
  matches(transport: WireTransport, from: string, to: string): boolean
  readonly conditions: LinkConditions
}

/** The rules in force; of those that match, the last one added counts. */
export class LinkTable {
  readonly #base: LinkConditions
  #rules: CompiledRule[] = []
  readonly #known = new Map<string, LinkConditions>()

  constructor(base: Partial<LinkConditions> = {}) {
    this.#base = checked({ ...GOOD_LINK, ...base })
  }

  /** Throws RangeError where an address or a share makes no sense. */
  add(rule: LinkRule): { remove(): void } {
    const from = rule.from === undefined ? undefined : addressBlock(rule.from)
    const to = rule.to === undefined ? undefined : addressBlock(rule.to)
    const compiled: CompiledRule = {
      matches: (transport, source, destination) =>
        (rule.transport === undefined || rule.transport === transport) &&
        (from === undefined || from(source)) &&
        (to === undefined || to(destination)),
      conditions: checked({ ...this.#base, ...rule.conditions }),
    }
    this.#rules.push(compiled)
    this.#known.clear()
    return {
      remove: () => {
        this.#rules = this.#rules.filter((other) => other !== compiled)
        this.#known.clear()
      },
    }
  }

  find(transport: WireTransport, from: string, to: string): LinkConditions {
    if (this.#rules.length === 0) return this.#base
    const key = `${transport} ${from} ${to}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const found = this.#rules.findLast((rule) => rule.matches(transport, from, to))?.conditions ?? this.#base
    this.#known.set(key, found)
    return found
  }
}

/** Throws RangeError where a share or a time makes no sense. */
export function checked(conditions: LinkConditions): LinkConditions {
  for (const share of ['loss', 'duplicate', 'reorder'] as const) {
    const value = conditions[share]
    if (!(value >= 0 && value <= 1)) throw new RangeError(`${share} is a share between 0 and 1, not ${value}`)
  }
  for (const time of ['delayMs', 'jitterMs', 'burstMs'] as const) {
    const value = conditions[time]
    if (!(value >= 0)) throw new RangeError(`${time} is a number of milliseconds, not ${value}`)
  }
  return conditions
}
