import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'
import { SipTransport } from '../../../src/transport/sip-transport.js'

const SERVER = { address: '192.0.2.1', port: 5060 }

function withServer(
  messageWithinMs: number | undefined,
  story: (network: MemoryNetwork, clock: VirtualClock) => Promise<void>,
) {
  const clock = new VirtualClock()
  const network = new MemoryNetwork({ clock, random: new SeededRandom('slow') })
  return clock.run(async () => {
    const server = new SipTransport({
      network,
      clock,
      parseMode: 'fast',
      ...(messageWithinMs === undefined ? {} : { messageWithinMs }),
    })
    await server.listen({ transport: 'tcp', at: SERVER })
    await story(network, clock)
    await server.close()
  })
}

describe('connections that begin a message and never end it', () => {
  it('are closed by a server that waits for it only so long, however slowly it goes on', () =>
    withServer(32_000, async (network, clock) => {
      const slow = await Promise.all(
        Array.from({ length: 150 }, () => network.connect({ kind: 'tcp', remote: SERVER })),
      )
      for (let second = 0; second < 31; second++) {
        for (const connection of slow) connection.write(Buffer.from(second === 0 ? 'OPTIONS sip:a ' : 'x'))
        await clock.sleep(1_000)
      }
      expect(slow.filter(({ open }) => open)).toHaveLength(150)
      await clock.sleep(2_000)
      expect(slow.filter(({ open }) => open)).toEqual([])
    }))

  it('are no idle ones: those that have begun nothing stay, as RFC 5626 has it', () =>
    withServer(32_000, async (network, clock) => {
      const idle = await network.connect({ kind: 'tcp', remote: SERVER })
      idle.write(Buffer.from('OPTIONS sip:a SIP/2.0\r\n'))
      await clock.sleep(20_000)
      idle.write(Buffer.from('Content-Length: 0\r\n\r\n'))
      await clock.sleep(100_000)
      expect(idle.open).toBe(true)
    }))
})
