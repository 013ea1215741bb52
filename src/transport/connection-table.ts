/** The connections of a SIP transport, open and being opened, and which of them is used again (RFC 3261 §18). */
import type { Hop } from './flow.js'
import { canonicalAddress, type Endpoint, formatEndpoint, type StreamKind } from './network.js'
import type { StreamFlow } from './sip-flow.js'

export class ConnectionTable {
  /** By kind and remote endpoint. */
  readonly #open = new Map<string, StreamFlow[]>()
  readonly #connecting = new Map<string, Promise<StreamFlow>>()

  all(): StreamFlow[] {
    return [...this.#open.values()].flat()
  }

  /** One that is open to that address, port and transport, and that may carry what is meant for the hop. */
  find(hop: Hop, kind: StreamKind): StreamFlow | undefined {
    return this.#open.get(keyOf(kind, hop.remote))?.find((flow) => flow.open && serves(flow, hop))
  }

  add(flow: StreamFlow): void {
    const key = keyOf(flow.connection.kind, flow.remote)
    const flows = this.#open.get(key)
    if (flows === undefined) this.#open.set(key, [flow])
    else flows.push(flow)
  }

  remove(flow: StreamFlow): void {
    const key = keyOf(flow.connection.kind, flow.remote)
    const rest = this.#open.get(key)?.filter((other) => other !== flow) ?? []
    if (rest.length === 0) this.#open.delete(key)
    else this.#open.set(key, rest)
  }

  /** Whoever wants the same connection while it is being made waits for that one. */
  connect(
    to: Pick<Hop, 'remote' | 'serverName'> & { readonly localAddress: string | undefined },
    kind: StreamKind,
    make: () => Promise<StreamFlow>,
  ): Promise<StreamFlow> {
    const key = `${keyOf(kind, to.remote)}|${to.serverName ?? ''}|${to.localAddress ?? ''}`
    const pending = this.#connecting.get(key)
    if (pending !== undefined) return pending
    const opening = make().finally(() => this.#connecting.delete(key))
    this.#connecting.set(key, opening)
    return opening
  }
}

function keyOf(kind: StreamKind, remote: Endpoint): string {
  return `${kind} ${formatEndpoint(remote)}`
}

/** May this connection carry what is meant for the hop? Over TLS the peer must have proved that very name. */
function serves(flow: StreamFlow, hop: Hop): boolean {
  if (hop.localAddress !== undefined && canonicalAddress(hop.localAddress) !== flow.local.address) return false
  return flow.transport !== 'tls' || hop.serverName === undefined || hop.serverName === flow.serverName
}
