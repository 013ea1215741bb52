/** The addresses that a load's devices are spread over: read, and tried on this machine. */
import { expect, test } from 'vitest'
import { WallClock } from '../../src/clock/wall-clock.js'
import { localAddressesOf } from '../../src/worlds/local-addresses.js'

const read = (...texts: readonly string[]) => localAddressesOf(texts, new WallClock())

test('a prefix is its hosts, an address itself, each once, by family', async () => {
  expect(await read('127.0.1.0/29', '127.0.1.2', '::1')).toEqual({
    ipv4: ['127.0.1.1', '127.0.1.2', '127.0.1.3', '127.0.1.4', '127.0.1.5', '127.0.1.6'],
    ipv6: ['::1'],
  })
  expect(await read('127.0.1.8/31')).toEqual({ ipv4: ['127.0.1.8', '127.0.1.9'] })
  expect((await read('127.0.1.0/24')).ipv4).toHaveLength(254)
})

test.each([
  ['203.0.113.7', /^This machine does not have 203\.0\.113\.7 \(--local\); add it: ip address add 203\.0\.113\.7\/32/],
  ['203.0.113.0/28', /203\.0\.113\.1, 203\.0\.113\.2, 203\.0\.113\.3 and 11 more/],
  ['2001:db8::5', /does not have 2001:db8::5 .*2001:db8::5\/128 dev lo/],
  ['127.0.0.0/8', /at most 1024 addresses/],
  ['fd00::/64', /at most 1024 addresses/],
  ['localhost', /not 'localhost'/],
])('%s: says what is wrong and what to do', async (text, error) => {
  await expect(read(text)).rejects.toThrow(error)
})
