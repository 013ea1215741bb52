/** The target as scenarios see it: what its file says, and where its servers are. Found by `worlds/find-target.ts`. */
import type { DialPolicy } from '../target/dial-policy.js'
import type { PublishedList } from '../target/published-list.js'
import type { ReachPolicy } from '../target/reach-policy.js'
import type { TargetAccount, TargetDocument } from '../target/target-file.js'
import type { TimerTable } from '../transaction/timers.js'
import type { Resolver } from '../transport/dns-client.js'
import type { Family } from '../transport/network.js'
import type { Hop, TransportName } from '../transport/sip-transport.js'
import { type Facts, variantKey } from './facts.js'
import type { Variant } from './variant.js'

export const TRANSPORTS: readonly TransportName[] = ['udp', 'tcp', 'tls']
export const FAMILIES: readonly Family[] = ['ipv4', 'ipv6']

/** A target whose servers were found. */
export interface Target {
  readonly document: TargetDocument
  readonly name: string
  readonly timers: TimerTable
  readonly dialPolicy: DialPolicy
  readonly published: PublishedList
  /** Where packets may go. */
  readonly reach: ReachPolicy
  /** Where signalling goes over this transport and family; undefined where the target has none. */
  hop(variant: Variant): Hop | undefined
  /** Every address that the server's name has in this family. */
  hops(variant: Variant): readonly Hop[]
  /** Host part of addresses-of-record: TLS may have a registrar name of its own (EP-2). */
  domain(transport: TransportName): string
  /** PEM of the private authority, where the target file names one. */
  readonly authority: string | undefined
  /** Asks DNS as the run does: over our own wires, nothing kept. */
  readonly dns: Resolver
  /** Numeric addresses of a service host such as STUN, by family. */
  addressesOf(host: string): Promise<readonly string[]>
  /** Why an endpoint of the file could not be reached by name, `tls ipv6: …`. */
  readonly unresolved: readonly string[]
  /** What the survey learned; `NO_FACTS` until then. */
  readonly facts: Facts
}

/** The target with what was learned about it: of several addresses of a name, the one that answers. */
export function knowing(target: Target, facts: Facts): Target {
  return {
    ...target,
    facts,
    hop: (variant) =>
      target.hops(variant).find(({ remote }) => remote.address === facts.servers[variantKey(variant)]) ??
      target.hop(variant),
  }
}

/** Whether calls over a transport have to be encrypted: as the target file says, else as the survey learned. */
export function wantsSrtp({ document, facts }: Pick<Target, 'document' | 'facts'>, transport: TransportName): boolean {
  const stated = document.media.srtpOn[transport]
  return stated === undefined ? facts.srtp[transport] === 'required' : stated === 'required'
}

/** The number that rings an account, as dialled. */
export const numberOf = (account: TargetAccount): string => account.numbers[0] ?? account.user
