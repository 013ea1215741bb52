/** Which device is at which place of UDP, as others see it: what devices send each other does not pass the target. */
import { type Endpoint, formatEndpoint } from '../transport/network.js'
import type { WireEntry } from './record.js'

/** What of a device tells where it is seen. */
export interface Placed {
  readonly name: string
  readonly localAddress: string
  /** What it is behind: from outside it is seen where that has mapped it, and nowhere else. */
  readonly nat?:
    | { readonly everMapped: readonly { readonly inside: Endpoint; readonly outside: Endpoint }[] }
    | undefined
}

/** The device at each place, by `formatEndpoint`. */
export type Owners = ReadonlyMap<string, string>

/** By the sockets that have sent or received something. */
export function ownersOf(wire: readonly WireEntry[], devices: readonly Placed[]): Owners {
  const owners = new Map<string, string>()
  const placed = new Map(devices.map((device) => [device.name, device]))
  const sockets = new Map<Endpoint, string>()
  for (const { transport, local, device } of wire) if (transport === 'udp') sockets.set(local, device)
  for (const [local, device] of sockets) {
    const { nat, localAddress } = placed.get(device) ?? {}
    // Devices behind different NATs may have the same inside address, and nothing gets there from outside.
    if (nat === undefined || local.address !== localAddress) owners.set(formatEndpoint(local), device)
  }
  for (const { name, localAddress, nat } of devices) {
    const own = nat?.everMapped.filter(({ inside }) => inside.address === localAddress) ?? []
    for (const { outside } of own) owners.set(formatEndpoint(outside), name)
  }
  return owners
}
