/** TCP around bytes of which only their order is known: IP packets with sequence numbers that fit together, no acknowledgement by itself. */
import type { Endpoint } from '../transport/network.js'
import { ipPacket, tcpSegment } from './ip-headers.js'

/** Where a stream is cut into packets: no IP packet holds more than 65,535 bytes. */
const SEGMENT_BYTES = 60_000

type Way = 'in' | 'out'

/** One connection, seen from its local end. */
export class TcpWriter {
  readonly #local: Endpoint
  readonly #remote: Endpoint
  /** Next sequence number of either direction. */
  readonly #next: { in: number; out: number }

  /** @param connection its number: each begins with numbers of its own, since ports that are used again are another connection */
  constructor(local: Endpoint, remote: Endpoint, connection: number) {
    this.#local = local
    this.#remote = remote
    const first = Math.imul(connection, 0x9e3779b1) >>> 0
    this.#next = { in: first, out: first }
  }

  /** @param opener the direction in which it was asked for */
  open(opener: Way): Buffer[][] {
    const back = opener === 'in' ? 'out' : 'in'
    return [this.#make(opener, 'S'), this.#make(back, 'SA'), this.#make(opener, 'A')]
  }

  data(way: Way, data: Buffer): Buffer[][] {
    const parts: Buffer[][] = []
    for (let at = 0; at < data.length; at += SEGMENT_BYTES)
      parts.push(this.#make(way, 'PA', data.subarray(at, at + SEGMENT_BYTES)))
    return parts
  }

  close(way: Way): Buffer[][] {
    return [this.#make(way, 'FA')]
  }

  reset(way: Way): Buffer[][] {
    return [this.#make(way, 'RA')]
  }

  #make(way: Way, flags: string, payload: Buffer = Buffer.alloc(0)): Buffer[] {
    const [source, destination] = way === 'out' ? [this.#local, this.#remote] : [this.#remote, this.#local]
    const next = this.#next
    const numbers = { sequence: next[way], acknowledgement: next[way === 'in' ? 'out' : 'in'], flags }
    const segment = tcpSegment(source, destination, numbers, payload)
    next[way] += payload.length + (/[SF]/.test(flags) ? 1 : 0)
    return ipPacket(source, destination, 6, segment)
  }
}
