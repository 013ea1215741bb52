/** A UDP socket of a device behind a NAT: its mappings, and what passes by them. */
import type { Clock, Timer } from '../clock/clock.js'
import { type Endpoint, NetworkError, type UdpSocket } from '../transport/network.js'
import type { NatKind } from './nat-kind.js'
import { keyOf, Mapping } from './nat-mapping.js'
import type { PublicPort, PublicPorts } from './public-ports.js'
import { ALG_PORT, rewriteInbound, rewriteOutbound } from './sip-alg.js'

/** One mapping that lives now. */
export interface NatMapping {
  readonly inside: Endpoint
  readonly outside: Endpoint
  /** The only destination, where the mapping depends on it; port 0 where it depends on the address alone. */
  readonly peer?: Endpoint
}

interface Bound {
  readonly mapping: Mapping
  /** Undefined while it is being bound. */
  port: PublicPort | undefined
  readonly waiting: { readonly data: Buffer; readonly to: Endpoint }[]
  expiry: Timer | undefined
}

interface NatSide {
  readonly clock: Clock
  readonly kind: NatKind
  readonly ports: PublicPorts
  /** Told of each mapping, once it has its public port. */
  readonly opened: (mapping: NatMapping) => void
}

export class NatUdpSocket implements UdpSocket {
  readonly local: Endpoint
  onMessage: ((data: Buffer, from: Endpoint, at: number) => void) | undefined
  onError: ((error: NetworkError) => void) | undefined
  readonly #side: NatSide
  readonly #release: () => void
  readonly #byPeer = new Map<string, Bound>()
  #open = true

  constructor(side: NatSide, local: Endpoint, release: () => void) {
    this.#side = side
    this.local = local
    this.#release = release
  }

  send(data: Uint8Array, to: Endpoint): void {
    if (!this.#open) return
    const { clock, kind } = this.#side
    const key = keyOf(to, kind.mapping ?? 'endpoint-independent')
    const bound = this.#byPeer.get(key) ?? this.#create(key, to)
    bound.mapping.sent(to, clock.now())
    if (bound.port === undefined) bound.waiting.push({ data: Buffer.from(data), to })
    else this.#leaves(bound.port, data, to)
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.forget()
    this.#release()
  }

  mappings(): NatMapping[] {
    return [...this.#byPeer.values()].flatMap(({ port, mapping }) =>
      port === undefined ? [] : [mappingOf(this.local, port, mapping)],
    )
  }

  forget(): void {
    for (const [key, bound] of this.#byPeer) this.#drop(key, bound)
  }

  #create(key: string, to: Endpoint): Bound {
    const { clock, kind, ports } = this.#side
    const mapping = new Mapping(kind, this.local, to, clock.now())
    const bound: Bound = { mapping, port: undefined, waiting: [], expiry: undefined }
    this.#byPeer.set(key, bound)
    this.#expireLater(key, bound)
    const deliver = (data: Buffer, from: Endpoint, at: number) => this.#enters(bound, data, from, at)
    ports.take(this.local, mapping, deliver).then(
      (port) => {
        // RFC 6888: who has no port left is not told.
        if (port === undefined) this.#drop(key, bound)
        else this.#bound(bound, port)
      },
      (error: unknown) => {
        this.#drop(key, bound)
        this.onError?.(error instanceof NetworkError ? error : new NetworkError('other', String(error)))
      },
    )
    return bound
  }

  #bound(bound: Bound, port: PublicPort): void {
    if (bound.mapping.gone) {
      this.#side.ports.give(port, bound.mapping)
      return
    }
    bound.port = port
    this.#side.opened(mappingOf(this.local, port, bound.mapping))
    port.socket.onError = (error) => this.onError?.(error)
    for (const { data, to } of bound.waiting.splice(0)) this.#leaves(port, data, to)
  }

  #leaves(port: PublicPort, data: Uint8Array, to: Endpoint): void {
    const { kind, ports, clock } = this.#side
    const outside = port.socket.local
    const { alg, hairpin = 'external' } = kind
    const bytes =
      alg === undefined || to.port !== ALG_PORT ? data : rewriteOutbound(Buffer.from(data), alg, this.local, outside)
    const own = ports.at(to)
    if (own === undefined) {
      port.socket.send(bytes, to)
    } else if (hairpin !== 'none') {
      const shown = hairpin === 'external' ? outside : this.local
      const copy = Buffer.from(bytes)
      clock.after(0, () => own.arrived(copy, outside, clock.now(), shown))
    }
  }

  #enters({ port }: Bound, data: Buffer, from: Endpoint, at: number): void {
    const { alg } = this.#side.kind
    const isLed = alg !== undefined && port !== undefined && from.port === ALG_PORT
    this.onMessage?.(isLed ? rewriteInbound(data, alg, this.local, port.socket.local) : data, from, at)
  }

  #expireLater(key: string, bound: Bound): void {
    const { clock } = this.#side
    const { mapping } = bound
    bound.expiry = clock.after(mapping.endsAt - clock.now(), () => {
      if (clock.now() >= mapping.endsAt) this.#drop(key, bound)
      else this.#expireLater(key, bound)
    })
  }

  #drop(key: string, bound: Bound): void {
    const { mapping, port, expiry } = bound
    mapping.gone = true
    expiry?.cancel()
    if (port !== undefined) this.#side.ports.give(port, mapping)
    if (this.#byPeer.get(key) === bound) this.#byPeer.delete(key)
  }
}

function mappingOf(inside: Endpoint, { socket }: PublicPort, { peer }: Mapping): NatMapping {
  return { inside, outside: socket.local, ...(peer === undefined ? {} : { peer }) }
}
