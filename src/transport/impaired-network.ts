/**
 * A network behind an access line that delays, loses, reorders and duplicates: what a device sends goes up the line, what
 * it is sent comes down. It wraps any network, so that a target that is put behind it needs no other addresses.
 */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { AccessLine } from './access-line.js'
import { DatagramPath } from './datagram-path.js'
import { checked, GOOD_LINK, type LinkConditions } from './link-conditions.js'
import { Losses } from './losses.js'
import {
  type ConnectOptions,
  type Endpoint,
  formatEndpoint,
  type ListenOptions,
  type Network,
  NetworkError,
  type StreamConnection,
  type StreamListener,
  type UdpSocket,
} from './network.js'
import { StreamChannel, type Way } from './stream-channel.js'
import { StreamEnd } from './stream-end.js'

/** TCP's wait before the first repetition of a lost SYN; doubles. */
const SYN_RETRANSMIT_MS = 1000
const CONNECT_TIMEOUT_MS = 10_000
/** How long after its closing a socket still carries what was sent before, besides the line's delay. */
const DRAIN_MS = 200

export class ImpairedNetwork implements Network {
  readonly kind
  readonly clock: Clock
  readonly #inner: Network
  readonly #random: Random
  readonly #up: Way
  readonly #down: Way
  /** Sockets that are closed and still carry what was sent before. */
  readonly #draining = new Map<string, Promise<void>>()

  /** @throws RangeError where a share or a time makes no sense */
  constructor(inner: Network, line: AccessLine, random: Random) {
    this.kind = inner.kind
    this.clock = inner.clock
    this.#inner = inner
    this.#random = random
    const way = (conditions: LinkConditions): Way => {
      return { conditions: () => conditions, losses: new Losses(inner.clock, random) }
    }
    const good = { ...GOOD_LINK, delayMs: 0 }
    this.#up = way(checked({ ...good, ...line.up }))
    this.#down = way(checked({ ...good, ...line.down }))
  }

  async bindUdp(at: Endpoint): Promise<UdpSocket> {
    await this.#draining.get(formatEndpoint(at))
    const inner = await this.#inner.bindUdp(at)
    const drains = () => {
      const key = formatEndpoint(inner.local)
      const { delayMs, jitterMs } = this.#up.conditions()
      const drained = this.clock.sleep(delayMs + jitterMs + DRAIN_MS).then(() => {
        this.#draining.delete(key)
        inner.close()
      })
      this.#draining.set(key, drained)
    }
    return new ImpairedSocket(inner, {
      clock: this.clock,
      random: this.#random,
      up: this.#up,
      down: this.#down,
      drains,
    })
  }

  async connect(options: ConnectOptions): Promise<StreamConnection> {
    const { timeoutMs = CONNECT_TIMEOUT_MS } = options
    const deadline = this.clock.now() + timeoutMs
    await this.#shakeHands(options.kind === 'tls' ? 2 : 1, deadline)
    const leftMs = deadline - this.clock.now()
    if (leftMs <= 0) {
      const what = `${options.kind.toUpperCase()} to ${formatEndpoint(options.remote)}`
      throw new NetworkError('timeout', `${what}: no connection within ${timeoutMs} ms`)
    }
    return this.#behind(await this.#inner.connect({ ...options, timeoutMs: leftMs }))
  }

  listen(options: ListenOptions): Promise<StreamListener> {
    const { onConnection } = options
    return this.#inner.listen({ ...options, onConnection: (connection) => onConnection(this.#behind(connection)) })
  }

  #behind(inner: StreamConnection): ImpairedConnection {
    return new ImpairedConnection(inner, { clock: this.clock, random: this.#random, up: this.#up, down: this.#down })
  }

  /** Round trips, each with repetitions of what is lost; until the deadline at most. */
  async #shakeHands(roundTrips: number, deadline: number): Promise<void> {
    const waits = (ms: number) => this.clock.sleep(Math.max(0, Math.min(ms, deadline - this.clock.now())))
    for (let trip = 0; trip < roundTrips; trip++) {
      for (const { conditions, losses } of [this.#up, this.#down]) {
        for (let ms = SYN_RETRANSMIT_MS; losses.takes(conditions()) && this.clock.now() < deadline; ms *= 2) {
          // oxlint-disable-next-line no-await-in-loop -- what was lost is sent again later
          await waits(ms)
        }
        const { delayMs, jitterMs } = conditions()
        // oxlint-disable-next-line no-await-in-loop -- one after another
        await waits(delayMs + this.#random.float() * jitterMs)
      }
    }
  }
}

interface Line {
  readonly clock: Clock
  readonly random: Random
  readonly up: Way
  readonly down: Way
}

class ImpairedSocket implements UdpSocket {
  readonly local: Endpoint
  onMessage: UdpSocket['onMessage']
  onError: UdpSocket['onError']
  readonly #inner: UdpSocket
  readonly #line: Line & { readonly drains: () => void }
  /** By direction and remote endpoint. */
  readonly #paths = new Map<string, DatagramPath>()
  #open = true

  constructor(inner: UdpSocket, line: Line & { readonly drains: () => void }) {
    this.local = inner.local
    this.#inner = inner
    this.#line = line
    inner.onMessage = (data, from) => {
      // What is lent is gone when it arrives.
      this.#carry('down', from, Buffer.from(data), (bytes) => {
        if (this.#open) this.onMessage?.(bytes, from, line.clock.now())
      })
    }
    inner.onError = (error) => {
      if (this.#open) this.onError?.(error)
    }
  }

  send(data: Uint8Array, to: Endpoint): void {
    if (this.#open) this.#carry('up', to, Buffer.from(data), (bytes) => this.#inner.send(bytes, to))
  }

  fetch(): void {
    this.#inner.fetch?.()
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#line.drains()
  }

  #carry(direction: 'up' | 'down', remote: Endpoint, data: Buffer, arrive: (data: Buffer) => void): void {
    const { clock, random } = this.#line
    const { conditions, losses } = this.#line[direction]
    const link = conditions()
    if (losses.takes(link)) return
    const key = `${direction} ${formatEndpoint(remote)}`
    const path = this.#paths.get(key) ?? new DatagramPath(clock, random)
    this.#paths.set(key, path)
    path.carry(link, (again) => arrive(again ? Buffer.from(data) : data))
  }
}

class ImpairedConnection extends StreamEnd {
  readonly #clock: Clock
  readonly #inner: StreamConnection
  readonly #out: StreamChannel
  #isOpen = true

  constructor(inner: StreamConnection, { clock, random, up, down }: Line) {
    super(inner.kind, inner.local, inner.remote, inner.tls)
    this.#clock = clock
    this.#inner = inner
    const broken = () => {
      this.#out.stop()
      inbound.stop()
      inner.close()
      this.#isOpen = false
      this.ended(new NetworkError('timeout', 'the peer no longer acknowledges what is sent to it'))
    }
    const inbound = new StreamChannel(clock, random, down, broken)
    this.#out = new StreamChannel(clock, random, up, broken)
    inner.onData = (data) =>
      inbound.send(Buffer.from(data), (bytes) => {
        if (this.#isOpen) this.arrived(bytes, clock.now())
      })
    inner.onClose = (error) => {
      inbound.signal(() => {
        this.#isOpen = false
        this.ended(error)
      })
    }
  }

  get open(): boolean {
    return this.#isOpen
  }

  write(data: Uint8Array): void {
    if (this.#isOpen && data.length > 0) this.#out.send(Buffer.from(data), (bytes) => this.#inner.write(bytes))
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#out.signal(() => this.#inner.close())
    this.#clock.after(0, () => this.ended())
  }
}
