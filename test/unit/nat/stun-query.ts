import type { Clock } from '../../../src/clock/clock.js'
import type { Random } from '../../../src/clock/random.js'
import { StunClient, type StunResult } from '../../../src/nat/stun.js'
import { type Endpoint, familyOf, type Network } from '../../../src/transport/network.js'

/** One Binding transaction from a socket of its own. Rejects with a NetworkError where that cannot be bound. */
export async function stunQuery(options: {
  network: Network
  clock: Clock
  random: Random
  server: Endpoint
  /** Default: any address and port. */
  local?: Endpoint
}): Promise<StunResult> {
  const { network, server } = options
  const wildcard = familyOf(server.address) === 'ipv4' ? '0.0.0.0' : '::'
  const socket = await network.bindUdp(options.local ?? { address: wildcard, port: 0 })
  const client = new StunClient({ ...options, send: (data, to) => socket.send(data, to) })
  socket.onMessage = (data, from, at) => client.receive(data, from, at)
  socket.onError = (error) => client.close(error)
  try {
    return await client.binding(server)
  } finally {
    socket.close()
  }
}
