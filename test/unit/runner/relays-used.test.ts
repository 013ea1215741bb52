import { expect, it } from 'vitest'
import { relaysUsed } from '../../../src/runner/relays-used.js'
import { PublishedList } from '../../../src/target/published-list.js'
import type { WireEntry } from '../../../src/evidence/record.js'

const published = new PublishedList({
  published: {
    signalling: [],
    relays: [
      { name: 'relay-1', addresses: ['192.0.2.1'], udp: ['10000-20000'] },
      { name: 'relay-2', addresses: ['192.0.2.2'], udp: ['10000-20000'] },
    ],
  },
})

const entry = (packet: WireEntry['packet'], local: number, address: string, port: number): WireEntry => ({
  sequence: 0,
  device: 'alice',
  kind: 'datagram',
  packet,
  at: 0,
  direction: 'in',
  transport: 'udp',
  local: { address: '198.51.100.1', port: local },
  remote: { address, port },
})

it('names published relays, and others by their addresses, in the order of use', () => {
  const wire = [
    entry('sip', 5060, '192.0.2.9', 5060),
    entry('rtp', 4000, '192.0.2.2', 10_000),
    entry('rtp', 4002, '192.0.2.1', 10_002),
    entry('rtcp', 4003, '192.0.2.2', 10_001),
    entry('rtp', 4000, '203.0.113.5', 10_000),
  ]
  expect(relaysUsed({ wire }, published)).toEqual(['relay-2', 'relay-1', '203.0.113.5'])
})

it('is silent of what our devices send each other', () => {
  const wire = [entry('rtp', 4000, '198.51.100.1', 4002), entry('rtp', 4002, '198.51.100.1', 4000)]
  expect(relaysUsed({ wire }, published)).toEqual([])
})
