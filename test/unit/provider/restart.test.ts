import { expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { EmbeddedProvider } from '../../../src/provider/embedded-provider.js'
import { LocationService } from '../../../src/provider/location-service.js'
import { RIGHT_RULES } from '../../../src/provider/rules/rules.js'
import { SettingsBook } from '../../../src/provider/settings.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'

test('a restart takes the same place again, with the same accounts', async () => {
  const clock = new VirtualClock()
  const random = new SeededRandom('restart')
  const network = new MemoryNetwork({
    clock,
    random,
    link: { delayMs: 2 },
    host: { ipv4: '192.0.2.10', ipv6: '2001:db8::10' },
  })
  await clock.run(async () => {
    const provider = await EmbeddedProvider.start({ network, clock, random, accounts: 3 })
    const { accounts, target } = provider
    const from = clock.now()
    await provider.restart()
    expect(clock.now()).toBeGreaterThan(from)
    expect(provider.accounts).toBe(accounts)
    expect(provider.target).toBe(target)
    expect(provider.stats()).toMatchObject({ bindings: 0, callsOn: 0 })
    await provider.stop()
  })
})

test('settings are kept by who opens them again', () => {
  const clock = new VirtualClock()
  const kept = new Map()
  new SettingsBook(RIGHT_RULES.service, new LocationService(clock), kept).of('1').divertAll = true
  expect(new SettingsBook(RIGHT_RULES.service, new LocationService(clock), kept).of('1').divertAll).toBe(true)
})
