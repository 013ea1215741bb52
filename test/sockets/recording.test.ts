/** `ringproof record` interrupted in its call: it hangs up, signs off, and is over within seconds. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { SystemRandom } from '../../src/clock/random.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { defaultAddresses, EmbeddedProvider } from '../../src/provider/embedded-provider.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'
import { ringproof } from './program.js'

const folder = mkdtempSync(join(tmpdir(), 'ringproof-recording-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('Ctrl-C in the middle of an announcement hangs up and ends it with 130', async () => {
  const clock = new WallClock()
  const provider = await EmbeddedProvider.start({
    network: new KernelNetwork(clock),
    clock,
    random: new SystemRandom(),
    // Addresses of this test alone, so that it runs beside others.
    addresses: defaultAddresses({ prefix: '127.0.48', ipv6Slot: 9 }),
    families: ['ipv4'],
    accounts: 4,
  })
  try {
    const { launch: _, ...document } = provider.target
    const file = join(folder, 'target.yaml')
    writeFileSync(file, JSON.stringify(document))
    const ended = ringproof({
      args: ['record', '--target', file, '--service', 'credit', '--label', 'credit', '--seconds', '60'],
      signalOn: inCall(provider),
    })
    const { code, told, heardMs, endedMs } = await ended
    expect(code, told).toBe(130)
    expect(heardMs).toBeLessThan(1_000)
    expect(endedMs).toBeLessThan(15_000)
    // With BYE and REGISTER of its own: a call that nobody ends stays on at the provider.
    expect(provider.stats()).toMatchObject({ serviceCalls: 0, bindings: 0 })
    expect(existsSync(join(folder, 'target.announcements'))).toBe(false)
  } finally {
    await provider.stop()
  }
})

/** When the call has been up for a second. */
async function inCall(provider: EmbeddedProvider): Promise<void> {
  while (provider.stats().serviceCalls === 0) await pause(50)
  await pause(1_000)
}
