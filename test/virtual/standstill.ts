/** A machine that stands still for a while: nothing of what is due, and nothing of what arrives, comes to its turn until it goes on. */
import type { Clock, Timer } from '../../src/clock/clock.js'
import type { World } from '../../src/scenario/world.js'
import type {
  ConnectOptions,
  Endpoint,
  ListenOptions,
  Network,
  StreamConnection,
  StreamListener,
  UdpSocket,
} from '../../src/transport/network.js'
import { StreamEnd } from '../../src/transport/stream-end.js'

/** When it stands still, and for how long: ms of the clock. */
export interface Standstill {
  readonly from: number
  readonly ms: number
}

/** After whatever timers are overdue, what has arrived is read: the runtime does it in this order. */
const READ_AFTER_MS = 0.01

export function standingStill(world: World, { from, ms }: Standstill): World {
  const to = from + ms
  const clock = new StandstillClock(world.clock, from, to)
  return {
    ...world,
    clock,
    network: new StandstillNetwork(world.network, clock),
    admitCall: async () => {
      const release = await world.admitCall()
      await clock.goesOn()
      return release
    },
    lagBetween: (a, b) => (a <= to && b >= to ? ms : 0),
  }
}

class StandstillClock implements Clock {
  readonly kind
  readonly #inner: Clock
  readonly #from: number
  readonly #to: number

  constructor(inner: Clock, from: number, to: number) {
    this.kind = inner.kind
    this.#inner = inner
    this.#from = from
    this.#to = to
  }

  now(): number {
    return this.#inner.now()
  }

  unixMs(): number {
    return this.#inner.unixMs()
  }

  after(delayMs: number, fire: () => void): Timer {
    let timer = this.#inner.after(delayMs, () => {
      const leftMs = this.#leftMs()
      if (leftMs === 0) fire()
      else timer = this.#inner.after(leftMs, fire)
    })
    return { cancel: () => timer.cancel() }
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve)
    })
  }

  /** What has arrived is read: at once, or when it goes on. */
  reads(read: () => void): void {
    const leftMs = this.#leftMs()
    if (leftMs === 0) read()
    else this.#inner.after(leftMs + READ_AFTER_MS, read)
  }

  goesOn(): Promise<void> {
    return new Promise((resolve) => {
      this.reads(resolve)
    })
  }

  #leftMs(): number {
    const now = this.#inner.now()
    return now >= this.#from && now < this.#to ? this.#to - now : 0
  }
}

class StandstillNetwork implements Network {
  readonly kind
  readonly clock: StandstillClock
  readonly #inner: Network

  constructor(inner: Network, clock: StandstillClock) {
    this.kind = inner.kind
    this.clock = clock
    this.#inner = inner
  }

  async bindUdp(at: Endpoint): Promise<UdpSocket> {
    const socket = await this.#inner.bindUdp(at)
    await this.clock.goesOn()
    return new StandstillSocket(socket, this.clock)
  }

  async connect(options: ConnectOptions): Promise<StreamConnection> {
    try {
      return new StandstillConnection(await this.#inner.connect(options), this.clock)
    } finally {
      await this.clock.goesOn()
    }
  }

  listen(options: ListenOptions): Promise<StreamListener> {
    return this.#inner.listen({
      ...options,
      onConnection: (connection) => {
        const held = new StandstillConnection(connection, this.clock)
        this.clock.reads(() => options.onConnection(held))
      },
    })
  }
}

class StandstillSocket implements UdpSocket {
  readonly local: Endpoint
  onMessage: UdpSocket['onMessage']
  onError: UdpSocket['onError']
  readonly #inner: UdpSocket

  constructor(inner: UdpSocket, clock: StandstillClock) {
    this.local = inner.local
    this.#inner = inner
    inner.onMessage = (data, from) => {
      const kept = Buffer.from(data)
      clock.reads(() => this.onMessage?.(kept, from, clock.now()))
    }
    inner.onError = (error) => clock.reads(() => this.onError?.(error))
  }

  send(data: Uint8Array, to: Endpoint): void {
    this.#inner.send(Buffer.from(data), to)
  }

  close(): void {
    this.#inner.close()
    this.onMessage = undefined
    this.onError = undefined
  }
}

class StandstillConnection extends StreamEnd {
  readonly #inner: StreamConnection

  constructor(inner: StreamConnection, clock: StandstillClock) {
    super(inner.kind, inner.local, inner.remote, inner.tls)
    this.#inner = inner
    inner.onData = (data) => {
      const kept = Buffer.from(data)
      clock.reads(() => this.arrived(kept, clock.now()))
    }
    inner.onClose = (error) => clock.reads(() => this.ended(error))
  }

  get open(): boolean {
    return this.#inner.open
  }

  write(data: Uint8Array): void {
    this.#inner.write(data)
  }

  close(): void {
    this.#inner.close()
  }
}
