import { describe, expect, it } from 'vitest'
import { SystemRandom } from '../../src/clock/random.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { defaultAddresses, EmbeddedProvider } from '../../src/provider/embedded-provider.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'
import { baresip, hasBaresip, installBaresip, shareOfTone } from './baresip.js'

if (!hasBaresip && process.env['CI']) throw new Error(`baresip is missing: ${installBaresip}`)
if (!hasBaresip) console.log(`baresip is missing, its tests are skipped: ${installBaresip}`)

const SECONDS = 6

describe.skipIf(!hasBaresip)('baresip at the embedded provider', () => {
  it.each(['udp', 'tcp', 'tls'] as const)(
    'registers over %s, calls the echo test, hears itself, and leaves nothing behind',
    async (transport) => {
      const clock = new WallClock()
      const addresses = defaultAddresses({ prefix: '127.0.10', ipv6Slot: 9 })
      const provider = await EmbeddedProvider.start({
        network: new KernelNetwork(clock),
        clock,
        random: new SystemRandom(),
        addresses,
        accounts: 3,
        families: ['ipv4'],
        policy: { digestAlgorithms: ['MD5'] },
      })
      try {
        const [account] = provider.accounts
        const seen = { bindings: 0, serviceCalls: 0 }
        const look = setInterval(() => {
          const { bindings, serviceCalls } = provider.stats()
          seen.bindings = Math.max(seen.bindings, bindings)
          seen.serviceCalls = Math.max(seen.serviceCalls, serviceCalls)
        }, 100)
        const port = transport === 'tls' ? addresses.sipsPort : addresses.sipPort
        const { said, samples } = await baresip({
          account: account!,
          server: `${addresses.ipv4}:${port}`,
          transport,
          authority: transport === 'tls' ? provider.authority : undefined,
          dials: provider.target.services.echo!,
          seconds: SECONDS,
        })
        clearInterval(look)
        expect([said, seen]).toEqual([said, { bindings: 1, serviceCalls: 1 }])
        // The middle of what it heard is its own tone and nothing else.
        expect([said, samples.length > 8000]).toEqual([said, true])
        const middle = samples.subarray(Math.floor(samples.length / 3), Math.floor((2 * samples.length) / 3))
        expect(shareOfTone(middle)).toBeGreaterThan(0.9)
        expect(shareOfTone(middle, 1000)).toBeLessThan(0.05)
        const { bindings, serviceCalls } = provider.stats()
        expect({ bindings, serviceCalls }).toEqual({ bindings: 0, serviceCalls: 0 })
      } finally {
        await provider.stop()
      }
    },
  )
})
