/** The network of real sockets, by the runtime's own modules. */
import dgram from 'node:dgram'
import net from 'node:net'
import tls from 'node:tls'
import type { Clock } from '../clock/clock.js'
import { familyOf, formatEndpoint, isNumericAddress, isWildcard } from './address.js'
import { networkError } from './kernel-error.js'
import { acceptedInfo, judgeServer, keepingTlsServer, startTls, tlsServer } from './kernel-tls.js'
import {
  type ConnectOptions,
  type Endpoint,
  type ListenOptions,
  type Network,
  NetworkError,
  type StreamConnection,
  type StreamKind,
  type StreamListener,
  type TlsClientOptions,
  type TlsInfo,
  type UdpSocket,
} from './network.js'
import { StreamEnd } from './stream-end.js'
import { endpointOf, KeptStream, type TlsOriginal } from './tls-original.js'

/** Asked of the kernel, which may grant less; enough for some thousands of datagrams while this process is busy. */
const UDP_BUFFER_BYTES = 4 * 1024 * 1024
const CONNECT_TIMEOUT_MS = 10_000

/** The sockets of this machine. */
export class KernelNetwork implements Network {
  readonly kind = 'sockets'
  readonly clock: Clock

  readonly #keepsTls: boolean

  /** @param o `keepsTls`: what goes over TLS is kept as it is on the wire, with what decrypts it */
  constructor(clock: Clock, o: { readonly keepsTls?: boolean } = {}) {
    this.clock = clock
    this.#keepsTls = o.keepsTls === true
  }

  async bindUdp(at: Endpoint): Promise<UdpSocket> {
    requireNumeric(at)
    const socket = dgram.createSocket({
      type: familyOf(at.address) === 'ipv4' ? 'udp4' : 'udp6',
      ipv6Only: familyOf(at.address) === 'ipv6',
      recvBufferSize: UDP_BUFFER_BYTES,
      sendBufferSize: UDP_BUFFER_BYTES,
      // All addresses here are numeric; without this every send would go through dns.lookup and a tick.
      lookup: numericLookup,
    })
    await new Promise<void>((resolve, reject) => {
      const refused = (error: Error) => {
        closeQuietly(socket)
        reject(networkError(error, `UDP ${formatEndpoint(at)}`))
      }
      socket.once('error', refused)
      socket.bind({ address: at.address, port: at.port, exclusive: true }, () => {
        socket.off('error', refused)
        resolve()
      })
    })
    return new KernelUdpSocket(socket, this.clock)
  }

  async connect(options: ConnectOptions): Promise<StreamConnection> {
    const { kind, remote, localAddress, timeoutMs = CONNECT_TIMEOUT_MS } = options
    requireNumeric(remote)
    if (localAddress !== undefined) requireNumeric({ address: localAddress, port: 0 })
    const what = `${kind.toUpperCase()} to ${formatEndpoint(remote)}`
    const where = {
      host: remote.address,
      port: remote.port,
      ...(localAddress === undefined || isWildcard(localAddress) ? {} : { localAddress }),
    }
    const client = kind === 'tls' ? requireTls(options.tls, what) : undefined
    if (client !== undefined) return this.#connectTls(where, client, what, timeoutMs)
    const socket = attempt(what, () => net.connect(where))
    await this.#established(socket, 'connect', what, timeoutMs)
    socket.setNoDelay(true)
    return new KernelConnection(kind, socket, this.clock, undefined)
  }

  async #connectTls(
    where: { host: string; port: number; localAddress?: string },
    client: TlsClientOptions,
    what: string,
    timeoutMs: number,
  ): Promise<StreamConnection> {
    const raw = this.#keepsTls ? attempt(what, () => net.connect(where)) : undefined
    const over = raw && new KeptStream(raw, () => this.clock.now())
    try {
      const socket = attempt(what, () => startTls(where, client, over))
      await this.#established(socket, 'secureConnect', what, timeoutMs)
      const { info, faults, problem } = judgeServer(socket, client.serverName)
      // RFC 5922 §7.3: a server that is not authenticated is left at once, before anything was sent to it.
      if (problem !== undefined && client.verify) {
        abandon(socket)
        throw new NetworkError('certificate', `${what}: ${problem}`, { certificate: faults })
      }
      socket.setNoDelay(true)
      const told = over === undefined ? info : { ...info, original: over.original }
      return new KernelConnection('tls', socket, this.clock, told, raw)
    } catch (error) {
      over?.destroy()
      if (error instanceof NetworkError) error.original = over?.original
      throw error
    }
  }

  async listen(options: ListenOptions): Promise<StreamListener> {
    const { kind, at, onConnection } = options
    requireNumeric(at)
    const what = `${kind.toUpperCase()} ${formatEndpoint(at)}`
    const accept = (socket: net.Socket, raw = socket, original?: TlsOriginal) => {
      if (raw.remoteAddress === undefined || socket.destroyed) {
        // The peer was gone again before the connection could be looked at.
        abandon(socket)
        return
      }
      const info = socket instanceof tls.TLSSocket ? acceptedInfo(socket) : undefined
      const told = info && original ? { ...info, original } : info
      onConnection(new KernelConnection(kind, socket, this.clock, told, raw))
    }
    const { server, dropHandshakes } = attempt(what, () => {
      if (kind !== 'tls')
        return { server: net.createServer({ noDelay: true }, (socket) => accept(socket)), dropHandshakes: () => {} }
      const settings = requireTls(options.tls, what)
      if (this.#keepsTls) return keepingTlsServer(settings, () => this.clock.now(), accept)
      return tlsServer(settings, (socket) => accept(socket))
    })
    await new Promise<void>((resolve, reject) => {
      const refused = (error: Error) => reject(networkError(error, what))
      server.once('error', refused)
      server.listen({ host: at.address, port: at.port, ipv6Only: true, exclusive: true, backlog: 1024 }, () => {
        server.off('error', refused)
        resolve()
      })
    })
    // Such as running out of descriptors in accept: that connection is lost, the listener goes on.
    server.on('error', () => {})
    return new KernelListener(server, dropHandshakes)
  }

  #established(socket: net.Socket, event: string, what: string, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        timer.cancel()
        socket.off('error', failed)
        socket.off('close', closed)
        socket.off(event, ready)
      }
      const fail = (error: NetworkError) => {
        settle()
        abandon(socket)
        reject(error)
      }
      const failed = (error: Error) => fail(networkError(error, what))
      const closed = () => fail(new NetworkError('closed', `${what}: the peer hung up before the connection was ready`))
      const ready = () => {
        settle()
        resolve()
      }
      const timer = this.clock.after(timeoutMs, () =>
        fail(new NetworkError('timeout', `${what}: no connection within ${timeoutMs} ms; is the port filtered?`)),
      )
      socket.on('error', failed)
      socket.on('close', closed)
      socket.on(event, ready)
    })
  }
}

class KernelUdpSocket implements UdpSocket {
  readonly local: Endpoint
  onMessage: ((data: Buffer, from: Endpoint, at: number) => void) | undefined
  onError: ((error: NetworkError) => void) | undefined
  readonly #socket: dgram.Socket
  #open = true

  constructor(socket: dgram.Socket, clock: Clock) {
    this.#socket = socket
    const { address, port } = socket.address()
    this.local = { address, port }
    socket.on('message', (data, from) => {
      const at = clock.now()
      this.onMessage?.(data, { address: from.address, port: from.port }, at)
    })
    socket.on('error', (error) => this.#report(error))
  }

  send(data: Uint8Array, to: Endpoint): void {
    if (!this.#open) return
    try {
      this.#socket.send(data, to.port, to.address, this.#sent)
    } catch (error) {
      this.#report(error)
    }
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    closeQuietly(this.#socket)
  }

  readonly #sent = (error: Error | null): void => {
    if (error !== null) this.#report(error)
  }

  #report(error: unknown): void {
    if (this.#open) this.onError?.(networkError(error, `UDP from ${formatEndpoint(this.local)}`))
  }
}

class KernelConnection extends StreamEnd {
  readonly #socket: net.Socket
  #failure: NetworkError | undefined

  /** @param raw the socket of TCP, where TLS goes over it through something of ours */
  constructor(kind: StreamKind, socket: net.Socket, clock: Clock, info: TlsInfo | undefined, raw = socket) {
    super(kind, endpointOf(raw.localAddress, raw.localPort), endpointOf(raw.remoteAddress, raw.remotePort), info)
    this.#socket = socket
    socket.on('data', (data) => this.arrived(data, clock.now()))
    socket.on('error', (error) => {
      this.#failure = networkError(error, `${kind.toUpperCase()} with ${formatEndpoint(this.remote)}`)
    })
    socket.on('close', () => this.ended(this.#failure))
  }

  get open(): boolean {
    return this.#socket.writable
  }

  write(data: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(data)
  }

  close(): void {
    this.#socket.destroySoon()
  }
}

class KernelListener implements StreamListener {
  readonly local: Endpoint
  readonly #server: net.Server
  readonly #dropHandshakes: () => void

  constructor(server: net.Server, dropHandshakes: () => void) {
    this.#server = server
    this.#dropHandshakes = dropHandshakes
    const bound = server.address()
    if (bound === null || typeof bound === 'string') throw new NetworkError('other', 'The listener has no address')
    this.local = { address: bound.address, port: bound.port }
  }

  close(): Promise<void> {
    // The port is free at once; the server's own close event would wait for the accepted connections.
    if (this.#server.listening) this.#server.close()
    this.#dropHandshakes()
    return Promise.resolve()
  }
}

/** Destroys a socket nobody will look at again; a late error must not end the process. */
function abandon(socket: net.Socket): void {
  socket.on('error', () => {})
  socket.destroy()
}

/** Turns what a constructor throws, such as an unreadable certificate, into a NetworkError. */
function attempt<T>(what: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw networkError(error, what)
  }
}

function numericLookup(
  address: string,
  ...rest: [...unknown[], (error: NodeJS.ErrnoException | null, address: string, family: number) => void]
): void {
  const callback = rest.at(-1)
  if (typeof callback === 'function') callback(null, address, address.includes(':') ? 6 : 4)
}

function closeQuietly(socket: dgram.Socket): void {
  try {
    socket.close()
  } catch {
    // It was closed already.
  }
}

function requireNumeric(endpoint: Endpoint): void {
  if (!isNumericAddress(endpoint.address))
    throw new NetworkError('address', `'${endpoint.address}' is no numeric address; look the name up first`)
}

function requireTls<T>(options: T | undefined, what: string): T {
  if (options === undefined) throw new NetworkError('tls', `${what}: TLS needs its options`)
  return options
}
