/** TCP and TLS connections of the network in memory. */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { LinkConditions } from './link-conditions.js'
import { type Endpoint, NetworkError, type StreamKind, type TlsInfo } from './network.js'
import { StreamEnd } from './stream-end.js'

/** What TCP waits before it repeats a lost segment; doubles. */
const RETRANSMIT_MS = 200
/** Waiting longer than this ends the connection. */
const LONGEST_RETRANSMIT_MS = 60_000

/** The way from one end to the other: ordered and reliable; loss costs time, as in TCP. */
class Channel {
  readonly #clock: Clock
  readonly #random: Random
  readonly #conditions: () => LinkConditions
  readonly #onBroken: () => void
  #lastArrival = 0
  /** The youngest delivery that has not happened; bytes for the same instant may join it. */
  #open: { arrival: number; chunks: Buffer[] } | undefined
  #waiting: (() => void)[] = []
  #stalled = false
  #dead = false

  constructor(clock: Clock, random: Random, conditions: () => LinkConditions, onBroken: () => void) {
    this.#clock = clock
    this.#random = random
    this.#conditions = conditions
    this.#onBroken = onBroken
  }

  /** Whatever was sent and has not arrived is lost. */
  stop(): void {
    this.#dead = true
    this.#waiting = []
  }

  send(data: Buffer, deliver: (data: Buffer) => void): void {
    this.#inTurn(() => {
      const arrival = this.#arrival()
      // Segments that meet on the way may reach the reader as one.
      if (this.#open?.arrival === arrival && this.#random.int(2) === 0) {
        this.#open.chunks.push(data)
        return
      }
      const delivery = { arrival, chunks: [data] }
      this.#open = delivery
      this.#at(arrival, () => {
        if (this.#open === delivery) this.#open = undefined
        deliver(delivery.chunks.length === 1 ? data : Buffer.concat(delivery.chunks))
      })
    })
  }

  /** Something that keeps its place among the data, such as the end. */
  signal(deliver: () => void): void {
    this.#inTurn(() => {
      this.#open = undefined
      this.#at(this.#arrival(), deliver)
    })
  }

  #at(arrival: number, deliver: () => void): void {
    this.#clock.after(arrival - this.#clock.now(), () => {
      if (!this.#dead) deliver()
    })
  }

  #arrival(): number {
    const { delayMs, jitterMs } = this.#conditions()
    const jitter = jitterMs > 0 ? this.#random.float() * jitterMs : 0
    this.#lastArrival = Math.max(this.#lastArrival, this.#clock.now() + delayMs + jitter)
    return this.#lastArrival
  }

  #inTurn(go: () => void): void {
    if (this.#dead) return
    this.#waiting.push(go)
    if (!this.#stalled) this.#pump(RETRANSMIT_MS)
  }

  #pump(firstWaitMs: number): void {
    this.#stalled = false
    let retransmitMs = firstWaitMs
    while (this.#waiting.length > 0 && !this.#dead) {
      const { loss } = this.#conditions()
      if (loss > 0 && this.#random.float() < loss) {
        this.#retry(retransmitMs)
        return
      }
      this.#waiting.shift()?.()
      retransmitMs = RETRANSMIT_MS
    }
  }

  #retry(retransmitMs: number): void {
    this.#stalled = true
    this.#clock.after(retransmitMs, () => {
      if (this.#dead) return
      if (retransmitMs > LONGEST_RETRANSMIT_MS) this.#onBroken()
      else this.#pump(retransmitMs * 2)
    })
  }
}

export interface MemoryStreamOptions {
  readonly clock: Clock
  readonly random: Random
  readonly kind: StreamKind
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly tls: TlsInfo | undefined
  /** Of the way out. */
  readonly conditions: () => LinkConditions
  /** Whether the reader gets what was written in other pieces. */
  readonly split: boolean
}

/** One end of a connection in memory. */
export class MemoryConnection extends StreamEnd {
  readonly #clock: Clock
  readonly #random: Random
  readonly #split: boolean
  readonly #out: Channel
  #peer: MemoryConnection | undefined
  #state: 'open' | 'closed' = 'open'

  constructor(options: MemoryStreamOptions) {
    super(options.kind, options.local, options.remote, options.tls)
    this.#clock = options.clock
    this.#random = options.random
    this.#split = options.split
    this.#out = new Channel(options.clock, options.random, options.conditions, () =>
      this.break(new NetworkError('timeout', 'the peer no longer acknowledges what is sent to it')),
    )
  }

  static join(a: MemoryConnection, b: MemoryConnection): void {
    a.#peer = b
    b.#peer = a
  }

  get open(): boolean {
    return this.#state === 'open'
  }

  write(data: Uint8Array): void {
    if (this.#state !== 'open' || data.length === 0) return
    const peer = this.#peer
    // The writer may use its buffer again.
    const copy = Buffer.from(data)
    for (const piece of this.#pieces(copy)) {
      this.#out.send(piece, (bytes) => {
        if (peer !== undefined && peer.#state === 'open') peer.arrived(bytes, this.#clock.now())
      })
    }
  }

  close(): void {
    if (this.#state !== 'open') return
    this.#state = 'closed'
    const peer = this.#peer
    this.#out.signal(() => {
      if (peer !== undefined) peer.#peerClosed()
    })
    this.#clock.after(0, () => this.ended())
  }

  /** Runs `deliver` at the peer, in its place among the data. */
  signal(deliver: () => void): void {
    this.#out.signal(deliver)
  }

  /** The connection is gone, and the peer is not told. */
  break(error: NetworkError): void {
    this.#out.stop()
    this.#state = 'closed'
    this.ended(error)
  }

  #peerClosed(): void {
    this.#state = 'closed'
    this.ended()
  }

  #pieces(data: Buffer): Buffer[] {
    if (!this.#split || data.length < 2 || this.#random.int(4) !== 0) return [data]
    const cut = 1 + this.#random.int(data.length - 1)
    const second = cut + this.#random.int(data.length - cut)
    const ends = second > cut ? [cut, second, data.length] : [cut, data.length]
    return ends.map((end, i) => data.subarray(ends[i - 1] ?? 0, end))
  }
}
