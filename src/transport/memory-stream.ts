/** TCP and TLS connections of the network in memory. */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { type Endpoint, NetworkError, type StreamKind, type TlsInfo } from './network.js'
import { StreamChannel, type Way } from './stream-channel.js'
import { StreamEnd } from './stream-end.js'

export interface MemoryStreamOptions {
  readonly clock: Clock
  readonly random: Random
  readonly kind: StreamKind
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly tls: TlsInfo | undefined
  /** Of the way out. */
  readonly way: Way
  /** Whether the reader gets what was written in other pieces. */
  readonly split: boolean
}

/** One end of a connection in memory. */
export class MemoryConnection extends StreamEnd {
  readonly #clock: Clock
  readonly #random: Random
  readonly #split: boolean
  readonly #out: StreamChannel
  #peer: MemoryConnection | undefined
  #state: 'open' | 'closed' = 'open'

  constructor(options: MemoryStreamOptions) {
    super(options.kind, options.local, options.remote, options.tls)
    this.#clock = options.clock
    this.#random = options.random
    this.#split = options.split
    this.#out = new StreamChannel(options.clock, options.random, options.way, () =>
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
