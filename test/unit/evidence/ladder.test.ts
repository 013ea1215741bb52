/** Who is told to have sent what: the target, another device, or this machine. */
import { expect, it } from 'vitest'
import { buildLadder } from '../../../src/evidence/ladder.js'
import type { Placed } from '../../../src/evidence/places.js'
import { ScenarioRecord } from '../../../src/evidence/record.js'
import type { Endpoint } from '../../../src/transport/network.js'
import type { WireEvent } from '../../../src/transport/recording-network.js'

const alice = { address: '192.0.2.1', port: 40_000 }
const bob = { address: '192.0.2.1', port: 40_002 }
const relay = { address: '198.51.100.9', port: 20_000 }
/** An RTP packet, by its first octets. */
const packet = Buffer.from([0x80, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 1, 2, 3, 4])

const sent = (at: number, local: Endpoint, remote: Endpoint, direction: 'in' | 'out'): WireEvent => ({
  at,
  kind: 'datagram',
  direction,
  transport: 'udp',
  local,
  remote,
  data: packet,
})

const here: readonly Placed[] = ['alice', 'bob'].map((name) => ({ name, localAddress: '192.0.2.1' }))

function arrows(events: readonly (readonly ['alice' | 'bob', WireEvent])[], devices = here) {
  const record = new ScenarioRecord()
  for (const [device, event] of events) record.tap(device)(event)
  const { ladder } = buildLadder(record, devices, 'provider', 0)
  return ladder.arrows.map(
    ({ from, to, label, kind, direct }) => `${from} > ${to}: ${kind} ${label}${direct ? ' (direct)' : ''}`,
  )
}

it('audio between two devices does not come from the target', () => {
  expect(
    arrows([
      ['alice', sent(1, alice, bob, 'out')],
      ['bob', sent(2, bob, alice, 'in')],
      ['bob', sent(3, bob, relay, 'out')],
      ['alice', sent(4, alice, relay, 'in')],
    ]),
  ).toEqual([
    'alice > bob: rtp RTP packet directly to 192.0.2.1:40002 (direct)',
    'bob > provider: rtp RTP packet to 198.51.100.9:20000',
    'provider > alice: rtp RTP packet from 198.51.100.9:20000',
  ])
})

it('what is sent directly is one arrow, and says what of it arrived', () => {
  expect(
    arrows([
      ['alice', sent(1, alice, bob, 'out')],
      ['bob', sent(2, bob, alice, 'in')],
      ['alice', sent(21, alice, bob, 'out')],
      ['alice', sent(41, alice, bob, 'out')],
      ['bob', sent(50, bob, alice, 'out')],
    ]),
  ).toEqual([
    'alice > bob: rtp 3 RTP packets in 0.0 s directly to 192.0.2.1:40002, 1 arrived by then (direct)',
    'bob > alice: rtp RTP packet directly to 192.0.2.1:40000, 0 arrived by then (direct)',
  ])
})

it('devices behind NATs are where those have mapped them, and nowhere else', () => {
  const inside = { address: '10.0.0.2', port: 20_000 }
  const behind = (name: string, outside: Endpoint): Placed => ({
    name,
    localAddress: inside.address,
    nat: { everMapped: [{ inside, outside }] },
  })
  const devices = [behind('alice', { address: '192.0.2.8', port: 1 }), behind('bob', { address: '192.0.2.9', port: 2 })]
  expect(
    arrows(
      [
        ['alice', sent(1, { ...inside }, { address: '192.0.2.9', port: 2 }, 'out')],
        ['bob', sent(2, { ...inside }, { address: '192.0.2.8', port: 1 }, 'in')],
        // The address that only means something behind the other NAT: it gets nowhere.
        ['alice', sent(3, { ...inside }, { ...inside }, 'out')],
      ],
      devices,
    ),
  ).toEqual([
    'alice > bob: rtp RTP packet directly to 192.0.2.9:2 (direct)',
    'alice > provider: rtp RTP packet to 10.0.0.2:20000',
  ])
})

it("what this machine cannot send is no message of the target's", () => {
  const none = { address: '0.0.0.0', port: 0 }
  const note = 'there is no route to it (ENETUNREACH)'
  const event: WireEvent = { at: 1, kind: 'error', direction: 'in', transport: 'udp', local: bob, remote: none, note }
  expect(arrows([['bob', event]])).toEqual([`bob > bob: note at bob: UDP error: ${note}`])
})
