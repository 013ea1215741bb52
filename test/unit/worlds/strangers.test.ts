import { expect, it } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { createResponse } from '../../../src/message/build.js'
import { parseMessage } from '../../../src/message/parse.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'
import { strangerTo } from '../../../src/worlds/strangers.js'

const SERVER = { address: '198.51.100.5', port: 5060 }
const OWN = '192.0.2.10'

/** @param received by source address: what the server sees; undefined: it does not answer */
function search(received: (address: string) => string | undefined, o: { named?: string; own?: string } = {}) {
  const clock = new VirtualClock()
  const random = new SeededRandom('strangers')
  const network = new MemoryNetwork({ clock, random: random.fork('wire'), link: { delayMs: 5 } })
  return clock.run(async () => {
    const socket = await network.bindUdp(SERVER)
    socket.onMessage = (data, from) => {
      const { message } = parseMessage(data, { mode: 'fast' })
      const seen = received(from.address)
      if (message?.kind !== 'request' || seen === undefined) return
      message.headers.set('Via', `${message.headers.get('Via')};received=${seen}`)
      socket.send(createResponse(message, 405, undefined, { toTag: 'x' }).toBytes(), from)
    }
    const hop = { transport: 'udp', remote: SERVER } as const
    const candidates = [OWN, '203.0.113.1', '203.0.113.2']
    const stranger = await strangerTo({ network, clock, random, own: OWN, hop, candidates, ...o })
    return stranger ?? 'none'
  })
}

it('a stranger has an address that the target answers', async () => {
  expect(await search((address) => (address === '203.0.113.1' ? undefined : address))).toBe('203.0.113.2')
})

it('no address is a stranger that the target takes for the devices’ own, as behind one NAT', async () => {
  expect(await search(() => '203.0.113.200')).toBe('none')
})

it('none is one where the target answers nobody', async () => {
  expect(await search(() => undefined)).toBe('none')
})

it('the named one must be heard, too', async () => {
  expect(await search((address) => address, { named: '203.0.113.1' })).toBe('203.0.113.1')
  expect(await search((address) => (address === OWN ? address : undefined), { named: '203.0.113.1' })).toBe('none')
})

it('on loopback there are many', async () => {
  expect(await search(() => undefined, { own: '127.0.0.1' })).toBe('127.0.66.66')
})
