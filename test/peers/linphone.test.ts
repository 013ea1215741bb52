import { describe, expect, it } from 'vitest'
import { SystemRandom } from '../../src/clock/random.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { defaultAddresses, EmbeddedProvider } from '../../src/provider/embedded-provider.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'
import { shareOfTone } from './baresip.js'
import { lacksLinphone, Linphone } from './linphone.js'

if (lacksLinphone && process.env['CI']) throw new Error(lacksLinphone)
if (lacksLinphone) console.log(`Linphone's tests are skipped: ${lacksLinphone}`)

const SECONDS = 4
const RATE = 8000

describe.skipIf(lacksLinphone)('Linphone at the embedded provider', () => {
  it.each(['udp', 'tcp', 'tls'] as const)(
    'registers over %s, hears itself in the echo test, is told the keys it pressed, and leaves nothing behind',
    async (transport) => {
      const clock = new WallClock()
      const addresses = defaultAddresses({ prefix: '127.0.11', ipv6Slot: 8 })
      const provider = await EmbeddedProvider.start({
        network: new KernelNetwork(clock),
        clock,
        random: new SystemRandom(),
        addresses,
        accounts: 3,
        families: ['ipv4'],
        policy: { digestAlgorithms: ['MD5'] },
      })
      const { services } = provider.target
      const port = transport === 'tls' ? addresses.sipsPort : addresses.sipPort
      const phone = new Linphone({
        account: provider.accounts[0]!,
        server: `${addresses.ipv4}:${port}`,
        transport,
        authority: provider.authority,
        seconds: 3 * SECONDS,
      })
      try {
        await phone.registers()
        expect(provider.stats().bindings).toBe(1)

        await phone.calls(services.echo!)
        phone.records()
        await clock.sleep(SECONDS * 1000)
        expect(provider.stats().serviceCalls).toBe(1)
        await phone.hangsUp()
        const samples = phone.heard()
        expect(samples.length).toBeGreaterThan((SECONDS - 1) * RATE)
        // Of what it heard after the beginning nearly all is its own tone and nothing else.
        const pieces = piecesOf(samples.subarray(RATE))
        const heard = pieces.filter((piece) => shareOfTone(piece) > 0.9)
        expect(heard.length / pieces.length).toBeGreaterThan(0.9)
        expect(heard.every((piece) => shareOfTone(piece, 1000) < 0.05)).toBe(true)

        await phone.calls(services.dtmfTest!)
        for (const key of '42#') {
          phone.types(key)
          await clock.sleep(400)
        }
        await phone.isToldKeys('42#')
        await phone.hangsUp()
        await phone.ends()
        const { bindings, serviceCalls } = provider.stats()
        expect({ bindings, serviceCalls }).toEqual({ bindings: 0, serviceCalls: 0 })
      } finally {
        await phone.ends()
        await provider.stop()
      }
    },
  )
})

/** Pieces of 50 ms. A jitter buffer that leaves out or doubles a packet shifts the phase of a tone in one of them, not in all. */
function piecesOf(samples: Int16Array): Int16Array[] {
  const length = RATE / 20
  return Array.from({ length: Math.floor(samples.length / length) }, (_, index) =>
    samples.subarray(index * length, (index + 1) * length),
  )
}
