/** Who has which port of a wire in memory. */
import { familyOf, formatEndpoint } from './address.js'
import { type Endpoint, NetworkError } from './network.js'

/** The wildcard of a family stands for all its addresses. */
export class PortTable<T> {
  readonly #name: string
  readonly #byPort = new Map<number, Map<string, T>>()

  constructor(name: string) {
    this.#name = name
  }

  find(to: Endpoint): T | undefined {
    const holders = this.#byPort.get(to.port)
    return holders?.get(to.address) ?? holders?.get(wildcardOf(to.address))
  }

  isFree(at: Endpoint): boolean {
    const holders = this.#byPort.get(at.port)
    if (holders === undefined) return true
    const wildcard = wildcardOf(at.address)
    if (at.address !== wildcard) return !holders.has(at.address) && !holders.has(wildcard)
    for (const address of holders.keys()) if (wildcardOf(address) === wildcard) return false
    return true
  }

  requireFree(at: Endpoint): void {
    if (this.isFree(at)) return
    throw new NetworkError('port-taken', `${this.#name} ${formatEndpoint(at)}: the port is taken`)
  }

  put(at: Endpoint, holder: T): void {
    const holders = this.#byPort.get(at.port) ?? new Map<string, T>()
    this.#byPort.set(at.port, holders.set(at.address, holder))
  }

  remove(at: Endpoint): void {
    const holders = this.#byPort.get(at.port)
    holders?.delete(at.address)
    if (holders?.size === 0) this.#byPort.delete(at.port)
  }
}

function wildcardOf(address: string): string {
  return familyOf(address) === 'ipv4' ? '0.0.0.0' : '::'
}
