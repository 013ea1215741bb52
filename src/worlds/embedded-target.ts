/** The embedded provider on this machine's loopback addresses, in this very process. */
import { SystemRandom } from '../clock/random.js'
import { WallClock } from '../clock/wall-clock.js'
import {
  defaultAddresses,
  EmbeddedProvider,
  type PlantedFault,
  type ProviderAccount,
  type ProviderPolicy,
  type ProviderPresence,
} from '../provider/embedded-provider.js'
import type { TargetDocument } from '../target/target-file.js'
import { GatedNetwork } from '../transport/gated-network.js'
import { KernelNetwork } from '../transport/kernel-network.js'
import { sipAddressesOf } from '../provider/addresses.js'
import { NetworkError } from '../transport/network.js'
import { reflectionGate } from './reflection-gate.js'

/** What the embedded provider is to be like. Plain data: it also travels to a process of its own. */
export interface EmbeddedOrder {
  readonly faults: readonly PlantedFault[]
  /** The accounts, or how many to make with passwords for this start alone. */
  readonly accounts?: number | readonly ProviderAccount[] | undefined
  /** House rules other than the usual. */
  readonly policy?: Partial<ProviderPolicy> | undefined
  /** How far its clock is ahead of the machine's, ms; default: not at all. */
  readonly aheadMs?: number | undefined
  /** At the usual addresses or not at all: a target file names them. */
  readonly pinned?: boolean
}

/** One that runs. */
export interface EmbeddedTarget {
  readonly document: TargetDocument
  presence(): ProviderPresence
  restart(): Promise<void>
  /** Takes a SIP host away, and brings it back. */
  loses(address: string): Promise<void>
  regains(address: string): Promise<void>
  stop(): Promise<void>
}

/** How many embedded providers can run on one machine, each on addresses of its own. */
const PLACES = 8
/** Enough that no scenario waits for one. */
const ACCOUNTS = 400

/** @throws NetworkError `port-taken` when no place is free */
export async function startEmbedded(
  { faults, accounts = ACCOUNTS, policy, aheadMs, pinned }: EmbeddedOrder,
  tell: (line: string) => void,
): Promise<EmbeddedTarget> {
  const clock = new WallClock(aheadMs)
  for (let place = 0; ; place++) {
    try {
      const addresses = defaultAddresses({ prefix: `127.0.${place}`, ipv6Slot: place })
      const provider = await EmbeddedProvider.start({
        network: new GatedNetwork(new KernelNetwork(clock), reflectionGate(sipAddressesOf(addresses))),
        clock,
        random: new SystemRandom(),
        addresses,
        accounts,
        faults,
        ...(policy === undefined ? {} : { policy }),
      })
      if (place > 0) tell(`The default ports are in use, so the embedded provider listens on 127.0.${place}.71.`)
      return {
        document: provider.target,
        presence: () => provider.presence(),
        restart: () => provider.restart(),
        loses: (address) => provider.loses(address),
        regains: (address) => provider.regains(address),
        stop: () => provider.stop(),
      }
    } catch (error) {
      const taken = error instanceof NetworkError && error.code === 'port-taken'
      if (!taken || pinned || place + 1 >= PLACES) throw error
    }
  }
}
