import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../src/clock/random.js'
import { VirtualClock } from '../../src/clock/virtual-clock.js'
import { NatNetwork } from '../../src/nat/nat-network.js'
import { EmbeddedProvider, makeAccounts } from '../../src/provider/embedded-provider.js'
import { CallLimiter } from '../../src/worlds/call-limiter.js'
import { runConformance } from '../../src/runner/run.js'
import type { Stages } from '../../src/worlds/stages.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { resolveTarget } from '../../src/worlds/find-target.js'
import type { World } from '../../src/scenario/world.js'
import { DnsClient } from '../../src/transport/dns-client.js'
import { MemoryNetwork } from '../../src/transport/memory-network.js'
import { allScenarios, inFirstVariant } from './detection.js'
import { shareOf } from './share.js'

const INSIDE = '192.168.7.20'
const OUTSIDE = '192.0.2.10'

/** A provider without faults on one side of a NAT, this machine with all its devices on the other. */
async function stagesBehindNat(mappingTimeoutMs = 120_000, minExpires = 10) {
  const accounts = makeAccounts(14, new SeededRandom('accounts'))
  const on = async <T>(key: string, story: (world: World) => Promise<T>): Promise<T> => {
    const clock = new VirtualClock()
    const random = new SeededRandom(key)
    const internet = new MemoryNetwork({ clock, random: random.fork('wire'), link: { delayMs: 2 } })
    return clock.run(async () => {
      const provider = await EmbeddedProvider.start({
        network: internet,
        clock,
        random: random.fork('provider'),
        accounts,
        families: ['ipv4'],
        policy: { minExpires },
      })
      const network = new NatNetwork({
        inner: internet,
        clock,
        publicAddress: OUTSIDE,
        insideAddress: INSIDE,
        filtering: 'address-and-port-dependent',
        mappingTimeoutMs,
      })
      const document = provider.target
      const servers = document.dns ? [{ address: document.dns.server, port: document.dns.port }] : []
      const dns = new DnsClient({ network, clock, random: random.fork('dns'), servers, localAddress: { ipv4: INSIDE } })
      const target = await resolveTarget({ document, dns })
      const limiter = new CallLimiter(clock, document.limits)
      try {
        return await story({
          clock,
          random: random.fork('story'),
          network,
          target,
          address: (family, whose = 'own') => (family === 'ipv4' && whose === 'own' ? INSIDE : undefined),
          admitCall: () => limiter.admit(),
          lagBetween: () => 0,
        })
      } finally {
        await provider.stop()
      }
    })
  }
  const document = await on('a look at the target file', (world) => Promise.resolve(world.target.document))
  const stages: Stages = { wire: 'memory', separate: true, on }
  return { stages, document }
}

describe('a machine that sits behind a NAT', () => {
  it('blames a provider without faults for nothing', async () => {
    const scenarios = shareOf(2, inFirstVariant(await allScenarios()), 'behind a NAT').filter(
      ({ definition }) => !definition.needs?.some((need) => need.startsWith('shared-credentials:')),
    )
    const { stages, document } = await stagesBehindNat()
    const outcome = await runConformance({ scenarios, document, stages, selection: {}, brief: true })
    const wrong = outcome.scenarios.filter(({ verdict }) => verdict === 'fail' || verdict === 'error')
    expect(wrong.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([])
  }, 60_000)
  it('that forgets the way back after half a minute blames no registrar for its bindings', async () => {
    const scenarios = inFirstVariant(await allScenarios()).filter(
      ({ definition: { id } }) => id === 'registrar/long-binding-ends',
    )
    const { stages, document } = await stagesBehindNat(30_000, 60)
    const selection = { slow: true }
    const outcome = await runConformance({ scenarios, document, stages, selection, brief: true, confirms: false })
    expect(outcome.scenarios.map(({ verdict, reason }) => `${verdict}: ${reason}`)).toEqual(['pass: '])
  })
  it.each([12_000, 30_000, 47_000, 80_000])(
    'finds out when it forgets (%i ms) within a tenth, and blames keep-alives for nothing',
    async (timeoutMs) => {
      const scenarios = inFirstVariant(await allScenarios()).filter(
        ({ definition: { id } }) => id === 'nat/longest-silence',
      )
      const { stages, document } = await stagesBehindNat(timeoutMs)
      const selection = { slow: true }
      const outcome = await runConformance({ scenarios, document, stages, selection, brief: true, confirms: false })
      const [found] = outcome.scenarios
      expect(found?.verdict).toBe(timeoutMs < 60_000 ? 'warn' : 'pass')
      const [picture] = found?.pictures ?? []
      const points = picture?.kind === 'idle' ? picture.points : []
      const held = points.findLast(({ answered }) => answered)?.idleMs ?? 0
      const lost = points.find(({ answered }) => !answered)?.idleMs ?? 0
      expect(held).toBeGreaterThan(timeoutMs * 0.9)
      expect(held).toBeLessThanOrEqual(timeoutMs)
      expect(lost).toBeLessThan(timeoutMs * 1.1)
      expect(found?.checks.find(({ id }) => id.endsWith('keptAlive'))?.verdict).toBe('pass')
    },
  )
})

it.each(['tcp', 'tls'])(
  'a server that closes idle connections is found out on %s within a tenth',
  async (transport) => {
    const scenarios = (await allScenarios()).filter(({ definition: { id } }) => id === 'nat/longest-silence')
    const { stages, document } = await virtualStages({ seed: 1, faults: ['idle-connection-closed'] })
    const selection = { slow: true, transport }
    const outcome = await runConformance({ scenarios, document, stages, selection, brief: true, confirms: false })
    expect(outcome.scenarios).toHaveLength(1)
    for (const { verdict, pictures = [] } of outcome.scenarios) {
      const points = pictures.flatMap((picture) => (picture.kind === 'idle' ? picture.points : []))
      const held = points.findLast(({ answered }) => answered)?.idleMs ?? 0
      const lost = points.find(({ answered }) => !answered)?.idleMs ?? 0
      expect([held > 9_000, held <= 10_000, lost < 11_000]).toEqual([true, true, true])
      expect(verdict).toBe('warn')
    }
  },
)
