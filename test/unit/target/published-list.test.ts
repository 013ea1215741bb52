import { describe, expect, test } from 'vitest'
import { isLoopbackHost, parseIp, parseIpRange } from '../../../src/target/ip-address.js'
import { PublishedList } from '../../../src/target/published-list.js'
import { sampleTarget } from './sample.js'

const list = new PublishedList(sampleTarget())

describe('the published list', () => {
  test.each([
    ['192.0.2.71', 5060, 'udp', true],
    ['192.0.2.71', 5061, 'tls', true],
    ['192.0.2.71', 5062, 'udp', false],
    ['192.0.2.71', 40000, 'tcp', true],
    ['192.0.2.71', 40000, 'udp', false],
    ['192.0.2.72', 5060, 'udp', false],
    ['2001:db8:0:100::71', 5060, 'udp', true],
    ['2001:0DB8:0:0100:0:0:0:0071', 5060, 'udp', true],
    ['2001:db8:0:100::72', 5060, 'udp', false],
    ['::ffff:192.0.2.71', 5060, 'udp', true],
    ['192.0.2.156', 10000, 'udp', true],
    ['192.0.2.156', 9999, 'udp', false],
    ['192.0.2.156', 10000, 'tcp', false],
    ['2001:db8:0:3ff:ffff::1', 65535, 'udp', true],
    ['2001:db8:0:400::', 20000, 'udp', false],
    ['2001:db8:0:2ff:ffff:ffff:ffff:ffff', 20000, 'udp', false],
  ] as const)('%s:%i/%s is on it: %s', (address, port, transport, expected) => {
    expect(list.isPublished(address, port, transport)).toBe(expected)
    expect(list.isPublished(address, port, transport), 'from memory').toBe(expected)
  })

  test('relays that share an address are told apart by their ports', () => {
    expect(list.relayOf('192.0.2.157', 39999)).toBe('relay-2')
    expect(list.relayOf('192.0.2.157', 40000)).toBe('relay-3')
    expect(list.relayOf('192.0.2.157', 9000)).toBeUndefined()
    expect(list.relayOf('192.0.2.71', 5060)).toBeUndefined()
    expect(list.sourceOf('2001:db8:0:300::9', 10000, 'udp')).toEqual({ role: 'relay', name: 'relays-ipv6' })
  })

  test('a target that publishes nothing says so', () => {
    const none = new PublishedList({})
    expect([none.listsRelays, none.listsSignalling, none.isPublished('192.0.2.71', 5060, 'udp')]).toEqual([
      false,
      false,
      false,
    ])
  })
})

describe('addresses', () => {
  test.each(['192.0.2.1/33', '192.0.2', '2001:db8::/129', 'example.net', '192.0.2.1/24/1', '192.0.2.1/', '::1::'])(
    '%s is no range',
    (text) => expect(parseIpRange(text)).toBeUndefined(),
  )

  test('spellings of one address are one address', () => {
    expect(parseIp('[2001:DB8::1]')).toEqual(parseIp('2001:db8:0:0:0:0:0:1%eth0'))
    expect(parseIp('::ffff:c000:201')).toEqual(parseIp('192.0.2.1'))
    expect(parseIp('64:ff9b::192.0.2.33')).toEqual(parseIp('64:ff9b::c000:221'))
    expect(parseIpRange('0.0.0.0/0')).toEqual({ family: 'ipv4', first: 0n, last: 0xffffffffn })
  })

  test.each([
    ['127.0.0.156', true],
    ['::1', true],
    ['localhost', true],
    ['::ffff:127.0.0.1', true],
    ['128.0.0.1', false],
    ['localhost.example.net', false],
  ])('%s is loopback: %s', (host, expected) => expect(isLoopbackHost(host)).toBe(expected))
})
