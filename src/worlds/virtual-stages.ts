/** Stages in virtual time: each scenario gets a clock, a wire in memory and an embedded provider of its own. */
import { SeededRandom } from '../clock/random.js'
import { VirtualClock } from '../clock/virtual-clock.js'
import {
  EmbeddedProvider,
  type PlantedFault,
  makeAccounts,
  type ProviderOptions,
} from '../provider/embedded-provider.js'
import type { World } from '../scenario/world.js'
import type { TargetDocument } from '../target/target-file.js'
import type { AccessLine } from '../transport/access-line.js'
import { ImpairedNetwork } from '../transport/impaired-network.js'
import { GatedNetwork } from '../transport/gated-network.js'
import { type LinkConditions, MemoryNetwork } from '../transport/memory-network.js'
import { CallLimiter } from './call-limiter.js'
import { dnsFor, resolveTarget } from './find-target.js'
import type { StageOptions, Stages } from './stages.js'

/** Enough for the scenario with the most devices, and one account of each special role. */
const ACCOUNTS = 16

/** Addresses of the devices, from the blocks for documentation (RFC 5737, RFC 3849). */
const ADDRESSES = {
  ipv4: { own: '192.0.2.10', stranger: '198.51.100.66' },
  ipv6: { own: '2001:db8::10', stranger: '2001:db8:66::66' },
} as const

export interface VirtualStagesOptions {
  readonly seed: number
  readonly faults: readonly PlantedFault[]
  readonly link?: Partial<LinkConditions>
  readonly policy?: ProviderOptions['policy']
  /** The access line that the devices are behind; default: a good one. */
  readonly line?: AccessLine | undefined
  /** Given the provider of each world, before the story begins. */
  readonly shows?: (provider: EmbeddedProvider) => void
}

/** The stages, and what a target file for the provider on them would say. */
export async function virtualStages(o: VirtualStagesOptions): Promise<{ stages: Stages; document: TargetDocument }> {
  const accounts = makeAccounts(ACCOUNTS, new SeededRandom(`${o.seed} accounts`))
  const inWorld = async <T>(
    key: string,
    story: (world: World) => Promise<T>,
    { beginsMs }: StageOptions = {},
  ): Promise<T> => {
    const clock = new VirtualClock(beginsMs)
    const random = new SeededRandom(`${o.seed} ${key}`)
    const wire = new MemoryNetwork({
      clock,
      random: random.fork('wire'),
      link: { delayMs: 2, ...o.link },
      host: { ipv4: ADDRESSES.ipv4.own, ipv6: ADDRESSES.ipv6.own },
    })
    const network = o.line === undefined ? wire : new ImpairedNetwork(wire, o.line, random.fork('access line'))
    return clock.run(async () => {
      const provider = await EmbeddedProvider.start({
        network: wire,
        clock,
        random: random.fork('provider'),
        accounts,
        faults: o.faults,
        ...(o.policy ? { policy: o.policy } : {}),
      })
      o.shows?.(provider)
      const document = provider.target
      const dns = dnsFor(document, { network: wire, clock, random: random.fork('dns') })
      const target = await resolveTarget({ document, dns })
      const limiter = new CallLimiter(clock, document.limits)
      try {
        return await story({
          clock,
          random: random.fork('story'),
          network: new GatedNetwork(network, target.reach),
          target,
          address: (family, whose = 'own') => ADDRESSES[family][whose],
          admitCall: () => limiter.admit(),
          lagBetween: () => 0,
          restart: () => provider.restart(),
          losesServer: async (address) => {
            await provider.loses(address)
            return () => provider.regains(address)
          },
        })
      } finally {
        await provider.stop()
      }
    })
  }
  const document = await inWorld('a look at the target file', (world) => Promise.resolve(world.target.document))
  return { stages: { wire: 'memory', separate: true, on: inWorld }, document }
}
