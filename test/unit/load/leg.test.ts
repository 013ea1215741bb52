import { describe, expect, test } from 'vitest'
import { placeOf } from '../../../src/load/leg.js'
import { PublishedList } from '../../../src/target/published-list.js'

describe('where media goes', () => {
  const device = { address: '127.0.0.1', port: 40_000 }
  const relays = [{ name: 'relay-1', addresses: ['192.0.2.1'], udp: ['10000-20000'], control: undefined }]

  test('devices that send to each other have no relay, an address beside theirs is one', () => {
    const none = new PublishedList({})
    expect(placeOf(device, none, device)).toEqual({ relay: '', relayAddress: '127.0.0.1' })
    // A relay on the same machine.
    expect(placeOf({ ...device, port: 50_000 }, none, device)).toMatchObject({ relay: '127.0.0.1' })
    expect(placeOf(device, none, undefined)).toMatchObject({ relay: '127.0.0.1' })
  })

  test('where relays are published, a call without one is told', () => {
    const published = new PublishedList({ published: { signalling: [], relays } })
    expect(placeOf(device, published, device)).toMatchObject({ relay: '127.0.0.1', published: false })
    expect(placeOf({ address: '192.0.2.1', port: 10_000 }, published, device)).toMatchObject({ relay: 'relay-1' })
  })
})
