/** Who is told to have sent what: the target, another device, or this machine. */
import { expect, it } from 'vitest'
import { buildLadder } from '../../../src/evidence/ladder.js'
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

function arrows(events: readonly (readonly ['alice' | 'bob', WireEvent])[]) {
  const record = new ScenarioRecord()
  for (const [device, event] of events) record.tap(device)(event)
  const { ladder } = buildLadder(record, ['alice', 'bob'], 'provider', 0)
  return ladder.arrows.map(({ from, to, label, kind }) => `${from} > ${to}: ${kind} ${label}`)
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
    'alice > bob: rtp RTP packet to 192.0.2.1:40002',
    'alice > bob: rtp RTP packet from 192.0.2.1:40000',
    'bob > provider: rtp RTP packet to 198.51.100.9:20000',
    'provider > alice: rtp RTP packet from 198.51.100.9:20000',
  ])
})

it("what this machine cannot send is no message of the target's", () => {
  const none = { address: '0.0.0.0', port: 0 }
  const note = 'there is no route to it (ENETUNREACH)'
  const event: WireEvent = { at: 1, kind: 'error', direction: 'in', transport: 'udp', local: bob, remote: none, note }
  expect(arrows([['bob', event]])).toEqual([`bob > bob: note at bob: UDP error: ${note}`])
})
