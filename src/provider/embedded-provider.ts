import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { TargetDocument } from '../target/target-file.js'
import type { TimerTable } from '../transaction/timers.js'
import type { Network } from '../transport/network.js'
import type { ProviderAccount } from './account.js'
import type { ProviderAddresses } from './addresses.js'
import type { FaultName } from './faults.js'

export { defaultAddresses, type ProviderAddresses } from './addresses.js'
export { makeAccounts, type ProviderAccount } from './account.js'
export { type Fault, type FaultName, faultCatalogue } from './faults.js'

export interface ProviderOptions {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  /** Default: `defaultAddresses()`. */
  readonly addresses?: ProviderAddresses
  /** The accounts, or how many to make; default 60. */
  readonly accounts?: readonly ProviderAccount[] | number
  readonly faults?: readonly FaultName[]
  readonly timers?: Partial<TimerTable>
  /** PEM: certificate and key for TLS, and the authority for whoever checks them. Made when absent on sockets. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string } | undefined
  readonly policy?: Partial<ProviderPolicy>
  readonly log?: (line: string) => void
}

export interface ProviderPolicy {
  readonly sharedCredentials: 'displace' | 'fork' | 'refuse'
  /** Seconds. */
  readonly minExpires: number
  readonly maxExpires: number
  /** Milliseconds that a nonce of digest authentication lives. */
  readonly nonceLifetimeMs: number
  /** Milliseconds of ringing until a diversion on no answer, or the mailbox, takes the call. */
  readonly noAnswerMs: number
}

export interface ProviderStats {
  /** Bindings that live now. */
  readonly bindings: number
  /** Calls that hold a media session now. */
  readonly calls: number
  readonly relays: readonly RelayStats[]
}

export interface RelayStats {
  readonly name: string
  readonly sessions: number
  readonly sessionsTotal: number
  readonly packets: number
  readonly dropped: number
}

/**
 * A hosted-telephony provider on loopback addresses: registrar, proxy, media relays, service numbers, STUN, DNS and NTP,
 * with a catalogue of defects that can be switched on.
 */
export class EmbeddedProvider {
  /** What a target file for it says. */
  readonly target: TargetDocument

  private constructor(target: TargetDocument) {
    this.target = target
  }

  /** Binds everything and answers from then on. @throws NetworkError when a port is taken */
  static start(o: ProviderOptions): Promise<EmbeddedProvider> {
    return Promise.reject(new Error(`not yet ${o.network.kind}`))
  }

  stop(): Promise<void> {
    return Promise.reject(new Error('not yet'))
  }

  stats(): ProviderStats {
    throw new Error('not yet')
  }
}
