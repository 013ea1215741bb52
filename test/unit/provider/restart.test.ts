import { expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { defaultAddresses, EmbeddedProvider } from '../../../src/provider/embedded-provider.js'
import { LocationService } from '../../../src/provider/location-service.js'
import { RIGHT_RULES } from '../../../src/provider/rules/rules.js'
import { SettingsBook } from '../../../src/provider/settings.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'
import type { Endpoint, UdpSocket } from '../../../src/transport/network.js'

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

/** A provider on a wire, and the network that its ports are taken from. */
async function inTown(story: (o: { provider: EmbeddedProvider; network: MemoryNetwork }) => Promise<void>) {
  const clock = new VirtualClock()
  const random = new SeededRandom('restart')
  const network = new MemoryNetwork({ clock, random, link: { delayMs: 2 } })
  await clock.run(async () => {
    const provider = await EmbeddedProvider.start({ network, clock, random, accounts: 3 })
    await story({ provider, network })
    await provider.stop()
  })
}

test('a restart that finds a port taken leaves none bound, and may be tried again', () =>
  inTown(async ({ provider, network }) => {
    const { ntp, dns, ipv4, sipPort } = defaultAddresses()
    const failing = provider.restart()
    // As soon as the provider has let go of it; the port is the last one that it binds.
    const taker = await bound(network, ntp)
    await expect(failing).rejects.toMatchObject({ name: 'NetworkError' })
    for (const at of [{ address: ipv4, port: sipPort }, dns]) (await network.bindUdp(at)).close()
    taker.close()
    await provider.restart()
    await expect(network.bindUdp(ntp)).rejects.toMatchObject({ name: 'NetworkError' })
  }))

/** Takes a port once it is free. */
async function bound(network: MemoryNetwork, at: Endpoint): Promise<UdpSocket> {
  for (;;) {
    try {
      return await network.bindUdp(at)
    } catch {
      await network.clock.sleep(10)
    }
  }
}

test('two restarts at once come one after the other, and a stop after both', () =>
  inTown(async ({ provider, network }) => {
    const from = network.clock.now()
    await Promise.all([provider.restart(), provider.restart()])
    expect(network.clock.now() - from).toBeGreaterThanOrEqual(400)
    const last = provider.restart()
    await provider.stop()
    await last
    const { ipv4, sipPort } = defaultAddresses()
    ;(await network.bindUdp({ address: ipv4, port: sipPort })).close()
  }))

test('settings are kept by who opens them again', () => {
  const clock = new VirtualClock()
  const kept = new Map()
  new SettingsBook(RIGHT_RULES.service, new LocationService(clock), kept).of('1').divertAll = true
  expect(new SettingsBook(RIGHT_RULES.service, new LocationService(clock), kept).of('1').divertAll).toBe(true)
})
