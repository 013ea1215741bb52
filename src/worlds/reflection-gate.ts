/**
 * The gate of the embedded provider on real sockets: it answers and calls those it has heard from. What a phone names in
 * Contact, Via or SDP must not make it send to strangers.
 */
import { isLoopbackHost } from '../target/ip-address.js'
import type { Gate } from '../transport/gated-network.js'
import { canonicalAddress, type Endpoint } from '../transport/network.js'

/** Addresses that are remembered; the oldest is forgotten first. */
const MOST = 10_000

/** @param listen addresses that the provider listens on */
export function reflectionGate(listen: readonly string[]): Gate {
  const own = new Set(listen.map(canonicalAddress))
  const isLocal = listen.some(isLoopbackHost)
  const isOwn = (address: string) => own.has(canonicalAddress(address)) || (isLocal && isLoopbackHost(address))
  // Nobody else reaches a provider on loopback, so there is nothing to remember.
  if (listen.every(isLoopbackHost)) return { refuses: ({ address }) => (isOwn(address) ? undefined : 'stranger') }
  const heard = new Set<string>()
  return {
    refuses: ({ address }) => (heard.has(address) || isOwn(address) ? undefined : 'stranger'),
    heard({ address }: Endpoint) {
      if (heard.has(address)) return
      const [oldest] = heard
      if (heard.size >= MOST && oldest !== undefined) heard.delete(oldest)
      heard.add(address)
    },
  }
}
