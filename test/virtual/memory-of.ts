/** The wire in memory under a world's network. */
import { GatedNetwork } from '../../src/transport/gated-network.js'
import { MemoryNetwork } from '../../src/transport/memory-network.js'
import type { Network } from '../../src/transport/network.js'

export function memoryOf(network: Network): MemoryNetwork {
  const inner = network instanceof GatedNetwork ? network.inner : network
  if (!(inner instanceof MemoryNetwork)) throw new Error('virtual time has a wire in memory')
  return inner
}
