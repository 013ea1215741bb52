/** A NAT on a wire in memory, and somebody outside of it. */
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { NatNetwork, type NatOptions } from '../../../src/nat/nat-network.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'
import type { Endpoint, UdpSocket } from '../../../src/transport/network.js'

export const PUBLIC = '203.0.113.1'

export function behindNat(
  options: Partial<NatOptions>,
  story: (o: {
    nat: NatNetwork
    clock: VirtualClock
    inner: MemoryNetwork
    outside: (address: string) => Promise<Outsider>
  }) => Promise<void>,
) {
  const clock = new VirtualClock()
  const inner = new MemoryNetwork({ clock, random: new SeededRandom('nat'), link: { delayMs: 1 } })
  const nat = new NatNetwork({
    inner,
    clock,
    publicAddress: PUBLIC,
    mappingTimeoutMs: 30_000,
    filtering: 'address-and-port-dependent',
    ...options,
  })
  return clock.run(() =>
    story({ nat, clock, inner, outside: async (address) => outsider(await inner.bindUdp({ address, port: 5060 })) }),
  )
}

interface Outsider {
  socket: UdpSocket
  heard: { text: string; from: Endpoint }[]
}

export function outsider(socket: UdpSocket): Outsider {
  const heard: Outsider['heard'] = []
  socket.onMessage = (data, from) => heard.push({ text: data.toString(), from })
  return { socket, heard }
}
