/** The stage on real sockets: one world that all scenarios share, pointed at whatever target a file describes. */
import { prepareRsaKey } from '../media/dtls/certificate.js'
import { SystemRandom } from '../clock/random.js'
import { WallClock } from '../clock/wall-clock.js'
import { FAMILIES, TRANSPORTS } from '../scenario/target.js'
import type { World } from '../scenario/world.js'
import { authorityOf, type TargetDocument } from '../target/target-file.js'
import type { AccessLine } from '../transport/access-line.js'
import { ImpairedNetwork } from '../transport/impaired-network.js'
import { GatedNetwork } from '../transport/gated-network.js'
import { KernelNetwork } from '../transport/kernel-network.js'
import { type Family, familyOf } from '../transport/network.js'
import { addressesOnThisMachine } from '../transport/system-names.js'
import { addressTowards } from './address-towards.js'
import { CallLimiter } from './call-limiter.js'
import { dnsFor, resolveTarget } from './find-target.js'
import { type HepCollector, hepSender } from './hep-sender.js'
import { LagMonitor } from './lag-monitor.js'
import { Pace } from './pace.js'
import type { Stages } from './stages.js'
import { strangerTo } from './strangers.js'

export interface SocketStages {
  readonly stages: Stages
  readonly world: World
  /** The moment the stage was set, on its clock. */
  readonly startMs: number
  close(): void
}

/** For stories in which somebody else acts. */
export interface StrangerOrder {
  /** The address that the user has named; default: whichever of this machine the target answers. */
  readonly stranger?: string | undefined
}

/**
 * @param line the access line that the devices are behind; default: the network as it is
 * @param strangers where stories need them; looking for them takes up to a second
 * @param collector by its address: every SIP message is sent there, too
 * @param keepsTls what goes over TLS is kept as it is on the wire, with its keys
 */
export async function socketStages(
  document: TargetDocument,
  line?: AccessLine,
  strangers?: StrangerOrder,
  collector?: HepCollector,
  keepsTls = false,
): Promise<SocketStages> {
  // Not waited for: the survey takes longer.
  void prepareRsaKey()
  const clock = new WallClock()
  const random = new SystemRandom()
  const wire = new KernelNetwork(clock, { keepsTls })
  const hep = collector === undefined ? undefined : hepSender(collector, clock)
  const told = hep === undefined ? wire : hep.over(wire)
  const network = line === undefined ? told : new ImpairedNetwork(told, line, random)
  const target = await resolveTarget({
    document,
    dns: dnsFor(document, { clock, random, network: wire }),
    authority: authorityOf(document),
    // Where the file names no DNS server, this machine's own view counts, its hosts file included.
    ...(document.dns ? {} : { lookUp: addressesOnThisMachine }),
  })
  const addresses = new Map<Family, string>()
  for (const family of FAMILIES) {
    const hop = TRANSPORTS.map((transport) => target.hop({ transport, family })).find((found) => found !== undefined)
    const address = hop && (await addressTowards(hop.remote))
    if (address) addresses.set(family, address)
  }
  const others = new Map<Family, string>()
  for (const [family, own] of strangers === undefined ? [] : addresses) {
    const named = strangers?.stranger
    if (named !== undefined && familyOf(named) !== family) continue
    const hop = target.hop({ transport: 'udp', family })
    const other = await strangerTo({ network: wire, clock, random, own, hop, named })
    if (other !== undefined) others.set(family, other)
  }
  const limiter = new CallLimiter(clock, document.limits)
  const lag = new LagMonitor(clock)
  const pace = new Pace({ clock, lateness: () => lag.recently() })
  const startMs = clock.now()
  const world: World = {
    clock,
    random,
    network: new GatedNetwork(network, target.reach),
    target,
    address: (family, whose = 'own') => (whose === 'own' ? addresses : others).get(family),
    admitCall: () => limiter.admit(),
    lagBetween: (from, to) => lag.between(from, to),
  }
  return {
    stages: {
      wire: 'sockets',
      separate: false,
      on: (_key, story) => story(world),
      betweenStarts: (running) => pace.next(running),
      worstLagMs: () => lag.between(startMs, clock.now()),
    },
    world,
    startMs,
    close: () => {
      lag.stop()
      hep?.close()
    },
  }
}
