/** A wire in memory: datagrams and connections with delay, loss, duplicates and reordering, in virtual time. */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { canonicalAddress, familyOf, formatEndpoint, isNumericAddress, isWildcard } from './address.js'
import { DatagramPath } from './datagram-path.js'
import { type LinkConditions, type LinkRule, LinkTable } from './link-conditions.js'
import { Losses } from './losses.js'
import { MemoryConnection } from './memory-stream.js'
import {
  type ConnectOptions,
  type Endpoint,
  type Family,
  type ListenOptions,
  type Network,
  NetworkError,
  type StreamConnection,
  type StreamKind,
  type StreamListener,
  type TlsInfo,
  type UdpSocket,
} from './network.js'
import { PortTable } from './port-table.js'

export type { LinkConditions, LinkRule } from './link-conditions.js'

/** What one UDP datagram can carry over IPv4. */
const LARGEST_DATAGRAM = 65_507
const CONNECT_TIMEOUT_MS = 10_000
/** TCP's wait before the first repetition of a lost SYN; doubles. */
const SYN_RETRANSMIT_MS = 1000
/** How long a TLS listener waits for a handshake that does not come. */
const HANDSHAKE_TIMEOUT_MS = 10_000
/** The range that Linux takes ports from where none is asked for. */
const EPHEMERAL = { first: 32_768, last: 60_999 }
/**
 * From one ephemeral port to the next: none is the neighbour of the one before it, or two who bind pairs at the same time would take
 * each other's second port for ever. It has no divisor in common with the number of ports, so that all of them come round.
 */
const STRIDE = 7_919

/** A datagram that is about to leave. */
export interface Parcel {
  readonly transport: 'udp'
  readonly from: Endpoint
  readonly to: Endpoint
  readonly data: Buffer
}

export interface MemoryNetworkOptions {
  readonly clock: Clock
  readonly random: Random
  /** Of all links that no rule is about; what is left out is as in GOOD_LINK. */
  readonly link?: Partial<LinkConditions>
  /** Addresses that a socket on the wildcard sends from; default 127.0.0.1 and ::1. */
  readonly host?: { readonly ipv4?: string; readonly ipv6?: string }
  /** False: streams arrive in the pieces in which they were written. Default true. */
  readonly splitStreams?: boolean
  /** True: a datagram to a port where nobody listens comes back as an error `refused`, as ICMP. Default false. */
  readonly portUnreachable?: boolean
}

/**
 * A whole internet in memory: every address exists, and whoever binds one has it. Wildcard sockets take what no more
 * specific one takes. Everything that happens by chance is drawn from `random`, so that a run repeats from its seed.
 * TLS is a stand-in that only carries: nothing is encrypted and no certificate is looked at.
 */
export class MemoryNetwork implements Network {
  readonly kind = 'memory'
  readonly clock: Clock
  /** Sees every datagram before it leaves; where it returns false, the datagram is lost. */
  filter: ((parcel: Parcel) => boolean) | undefined
  readonly #random: Random
  readonly #links: LinkTable
  readonly #losses: Losses
  readonly #host: Record<Family, string>
  readonly #split: boolean
  readonly #portUnreachable: boolean
  readonly #udp = new PortTable<MemoryUdpSocket>('UDP')
  readonly #listeners = new PortTable<MemoryListener>('TCP')
  #nextPort = EPHEMERAL.first

  constructor(options: MemoryNetworkOptions) {
    this.clock = options.clock
    this.#random = options.random.fork('memory-network')
    this.#links = new LinkTable(options.link)
    this.#losses = new Losses(this.clock, this.#random)
    this.#host = { ipv4: options.host?.ipv4 ?? '127.0.0.1', ipv6: canonicalAddress(options.host?.ipv6 ?? '::1') }
    this.#split = options.splitStreams ?? true
    this.#portUnreachable = options.portUnreachable ?? false
  }

  /**
   * Adds conditions for some of the traffic, from now on; of the rules that match, the last one added counts.
   * Throws RangeError where an address or a share makes no sense.
   */
  setLink(rule: LinkRule): { remove(): void } {
    return this.#links.add(rule)
  }

  async bindUdp(at: Endpoint): Promise<UdpSocket> {
    const local = this.#choosePort(this.#udp, at)
    const socket = new MemoryUdpSocket(
      local,
      (data, to) => this.#sendDatagram(socket, data, to),
      () => this.#udp.remove(local),
    )
    this.#udp.put(local, socket)
    return socket
  }

  async listen(options: ListenOptions): Promise<StreamListener> {
    const local = this.#choosePort(this.#listeners, options.at)
    const listener: MemoryListener = {
      local,
      kind: options.kind,
      onConnection: options.onConnection,
      listening: true,
      close: () => {
        if (listener.listening) this.#listeners.remove(local)
        listener.listening = false
        return Promise.resolve()
      },
    }
    this.#listeners.put(local, listener)
    return listener
  }

  async connect(options: ConnectOptions): Promise<StreamConnection> {
    const { kind, timeoutMs = CONNECT_TIMEOUT_MS } = options
    const remote = canonical(options.remote)
    const source = canonical({ address: options.localAddress ?? this.#host[familyOf(remote.address)], port: 0 })
    const what = `${kind.toUpperCase()} to ${formatEndpoint(remote)}`
    if (familyOf(source.address) !== familyOf(remote.address))
      throw new NetworkError('address', `${what}: the local address ${source.address} is of the other family`)

    if (kind === 'tls' && options.tls === undefined) throw new NetworkError('tls', `${what}: TLS needs its options`)
    const local = { address: this.#sourceOf(source.address), port: this.#ephemeralPort() }

    return new Promise((resolve, reject) => {
      let waiting = true
      const fail = (code: NetworkError['code'], sentence: string) => {
        if (!waiting) return
        waiting = false
        timer.cancel()
        reject(new NetworkError(code, `${what}: ${sentence}`))
      }
      const timer = this.clock.after(timeoutMs, () => fail('timeout', `no connection within ${timeoutMs} ms`))
      const travel = (from: Endpoint, to: Endpoint, arrived: () => void, retransmitMs = SYN_RETRANSMIT_MS) => {
        if (!waiting) return
        const link = this.#links.find(kind, from.address, to.address)
        const { delayMs, jitterMs } = link
        if (this.#losses.takes(link)) this.clock.after(retransmitMs, () => travel(from, to, arrived, retransmitMs * 2))
        else this.clock.after(delayMs + (jitterMs > 0 ? this.#random.float() * jitterMs : 0), arrived)
      }
      const roundTrip = (returned: () => void) => travel(local, remote, () => travel(remote, local, returned))
      const established = (listener: MemoryListener) => {
        if (!waiting) return
        if (kind === 'tls' && listener.kind === 'tcp') {
          fail('tls', 'the TLS handshake failed: the peer does not speak TLS on that port')
          return
        }
        waiting = false
        timer.cancel()
        resolve(this.#joined(kind, local, remote, listener, options.tls?.serverName))
      }
      travel(local, remote, () => {
        const listener = this.#listeners.find(remote)
        travel(remote, local, () => {
          if (listener === undefined) fail('refused', 'the peer refused: nothing listens on that port')
          // RFC 8446 §2: a TLS 1.3 handshake takes one round trip more.
          else if (kind === 'tls') roundTrip(() => established(listener))
          else established(listener)
        })
      })
    })
  }

  /** The client's end; the server's end is handed to the listener when the client's last handshake message arrives. */
  #joined(
    kind: StreamKind,
    local: Endpoint,
    remote: Endpoint,
    listener: MemoryListener,
    serverName: string | undefined,
  ): MemoryConnection {
    const tls = kind === 'tls' ? standIn(serverName) : undefined
    const { clock } = this
    const random = this.#random
    const split = this.#split
    const end = (from: Endpoint, to: Endpoint) =>
      new MemoryConnection({
        clock,
        random,
        split,
        kind,
        tls,
        local: from,
        remote: to,
        way: { conditions: () => this.#links.find(kind, from.address, to.address), losses: this.#losses },
      })
    const client = end(local, remote)
    const server = end(remote, local)
    MemoryConnection.join(client, server)
    client.signal(() => {
      if (!listener.listening) {
        server.close()
      } else if (listener.kind === kind) {
        listener.onConnection(server)
      } else {
        // Plain bytes where a handshake belongs: a TLS server hangs up.
        server.onData = () => server.close()
        clock.after(HANDSHAKE_TIMEOUT_MS, () => server.close())
      }
    })
    return client
  }

  #sendDatagram(socket: MemoryUdpSocket, bytes: Uint8Array, destination: Endpoint): void {
    const problem = this.#undeliverable(socket, bytes, destination)
    if (problem !== undefined) {
      this.clock.after(0, () => socket.fail(problem))
      return
    }
    const to = canonical(destination)
    const from = isWildcard(socket.local.address)
      ? { address: this.#sourceOf(socket.local.address), port: socket.local.port }
      : socket.local
    // The sender may use its buffer again.
    const data = Buffer.from(bytes)
    if (this.filter?.({ transport: 'udp', from, to, data }) === false) return
    const link = this.#links.find('udp', from.address, to.address)
    if (this.#losses.takes(link)) return
    if (link.jitterMs === 0 && link.reorder === 0 && link.duplicate === 0) {
      this.clock.after(link.delayMs, () => this.#deliver(socket, data, from, to))
      return
    }
    const path = socket.pathTo(to, () => new DatagramPath(this.clock, this.#random))
    path.carry(link, (again) => this.#deliver(socket, again ? Buffer.from(data) : data, from, to))
  }

  #deliver(sender: MemoryUdpSocket, data: Buffer, from: Endpoint, to: Endpoint): void {
    const receiver = this.#udp.find(to)
    if (receiver !== undefined) {
      receiver.onMessage?.(data, from, this.clock.now())
    } else if (this.#portUnreachable) {
      const refusal = new NetworkError('refused', `UDP to ${formatEndpoint(to)}: nobody has that port`)
      this.clock.after(this.#links.find('udp', to.address, from.address).delayMs, () => sender.fail(refusal))
    }
  }

  #undeliverable(socket: MemoryUdpSocket, data: Uint8Array, to: Endpoint): NetworkError | undefined {
    const failure = (code: 'address' | 'other', why: string) =>
      // As the runtime's sockets do, it says who was not reached.
      new NetworkError(code, `UDP from ${formatEndpoint(socket.local)}: ${why}`, { cause: to })
    if (!isNumericAddress(to.address) || familyOf(to.address) !== familyOf(socket.local.address))
      return failure('address', `cannot send to '${to.address}'`)

    if (!(to.port > 0 && to.port < 65_536)) return failure('address', `cannot send to port ${to.port}`)
    return data.length > LARGEST_DATAGRAM ? failure('other', 'the datagram is larger than the path takes') : undefined
  }

  #choosePort<T>(table: PortTable<T>, wanted: Endpoint): Endpoint {
    const at = canonical(wanted)
    if (at.port !== 0) {
      table.requireFree(at)
      return at
    }
    for (let tries = EPHEMERAL.last - EPHEMERAL.first; tries >= 0; tries--) {
      const candidate = { address: at.address, port: this.#ephemeralPort() }
      if (table.isFree(candidate)) return candidate
    }
    throw new NetworkError('port-taken', `${formatEndpoint(at)}: no port is left`)
  }

  #ephemeralPort(): number {
    const port = this.#nextPort
    const { first, last } = EPHEMERAL
    this.#nextPort = first + ((port - first + STRIDE) % (last - first + 1))
    return port
  }

  #sourceOf(address: string): string {
    return isWildcard(address) ? this.#host[familyOf(address)] : address
  }
}

class MemoryUdpSocket implements UdpSocket {
  readonly local: Endpoint
  onMessage: ((data: Buffer, from: Endpoint, at: number) => void) | undefined
  onError: ((error: NetworkError) => void) | undefined
  readonly #transmit: (data: Uint8Array, to: Endpoint) => void
  readonly #release: () => void
  readonly #paths = new Map<string, DatagramPath>()
  #open = true

  constructor(local: Endpoint, transmit: (data: Uint8Array, to: Endpoint) => void, release: () => void) {
    this.local = local
    this.#transmit = transmit
    this.#release = release
  }

  send(data: Uint8Array, to: Endpoint): void {
    if (this.#open) this.#transmit(data, to)
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#release()
  }

  fail(error: NetworkError): void {
    if (this.#open) this.onError?.(error)
  }

  pathTo(to: Endpoint, open: () => DatagramPath): DatagramPath {
    const key = formatEndpoint(to)
    const path = this.#paths.get(key) ?? open()
    this.#paths.set(key, path)
    return path
  }
}

interface MemoryListener extends StreamListener {
  readonly kind: StreamKind
  readonly onConnection: (connection: StreamConnection) => void
  listening: boolean
}

function canonical(endpoint: Endpoint): Endpoint {
  if (!isNumericAddress(endpoint.address))
    throw new NetworkError('address', `'${endpoint.address}' is no numeric address; look the name up first`)

  const address = canonicalAddress(endpoint.address)
  return address === endpoint.address ? endpoint : { address, port: endpoint.port }
}

function standIn(serverName: string | undefined): TlsInfo {
  return {
    version: 'stand-in',
    cipher: 'stand-in',
    ...(serverName === undefined || isNumericAddress(serverName) ? {} : { serverName }),
    standIn: true,
  }
}
