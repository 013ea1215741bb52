/** Where a request may be sent, and in which order. */
import type { SipRequest } from '../message/message.js'
import type { Hop } from '../transport/flow.js'
import type { ProviderAccount } from './account.js'
import type { MediaParty } from './media-bridge.js'
import type { ServiceCall } from './services/service-transaction.js'

/** Where a request may be sent. */
export type Target = DeviceTarget | ServiceTarget

export interface DeviceTarget {
  readonly kind: 'device'
  /** Whose device it is; undefined: nobody's here. */
  readonly line?: ProviderAccount
  /** The new Request-URI. */
  readonly uri: string
  readonly hop: Hop
  /** Serial order: higher first; equal ones in parallel (RFC 3261 §16.6). */
  readonly q: number
  /** Proxies in front of the device (RFC 3327 §5.4). */
  readonly path: readonly string[]
  /** Where the device sits, for its media. */
  readonly party: MediaParty
  /** Header fields for this device alone: how a diverted call came to it. */
  readonly headers?: readonly [string, string][]
  /** Whose number is asserted to this device in place of the caller's. */
  readonly shows?: string | undefined
}

export interface ServiceTarget {
  readonly kind: 'service'
  readonly uri: string
  readonly call: ServiceCall
  readonly q: number
}

/** Why all who were asked have declined. */
export type Exhaustion = 'busy' | 'no-answer' | 'not-reachable' | 'other'

/** @param statuses of all who declined */
export function exhaustionOf(statuses: readonly number[]): Exhaustion {
  if (statuses.includes(486)) return 'busy'
  return statuses.every((status) => [408, 480, 500, 503].includes(status)) ? 'not-reachable' : 'other'
}

/** RFC 5393 §5.3.3: 60 unless the request says less. */
export function maxBreadth(request: SipRequest): number {
  const text = request.headers.get('Max-Breadth')
  const value = text !== undefined && /^\d+$/.test(text) ? Number(text) : 60
  return Math.min(60, Math.max(1, value))
}

/** Groups of equal q, the highest first; none larger than the breadth allows. */
export function inGroups(targets: readonly Target[], breadth: number): (readonly Target[])[] {
  const groups: Target[][] = []
  for (const target of targets.toSorted((a, b) => b.q - a.q)) {
    const last = groups.at(-1)
    if (last !== undefined && last[0]?.q === target.q && last.length < breadth) last.push(target)
    else groups.push([target])
  }
  return groups
}
