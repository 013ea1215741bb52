/** TCP connections of a capture (RFC 9293): told apart by addresses, ports and SYNs, each direction put in order. */
import { type Endpoint, formatEndpoint } from '../transport/network.js'
import type { CapturedSegment, CapturedStreamEvent } from './events.js'
import { HalfStream, type Origin } from './half-stream.js'
import { PlainOrTls } from './plain-or-tls.js'
import type { Secrets } from './tls/secrets.js'
import type { Troubles } from './troubles.js'

const FIN = 1
const SYN = 2
const RST = 4
const ACK = 16

export interface TcpPacket {
  readonly from: Endpoint
  readonly to: Endpoint
  /** Header and data. */
  readonly segment: Buffer
  /** What it has is clear text of TLS. */
  readonly tls: boolean
  readonly origin: Origin
}

type Emit = (event: CapturedSegment | CapturedStreamEvent) => void

export class TcpStreams {
  readonly #connections = new Map<string, Connection>()
  readonly #emit: Emit
  readonly #secrets: Secrets
  readonly #troubles: Troubles
  readonly #exported = new Map<string, number>()
  #streams = 0

  constructor(emit: Emit, secrets: Secrets, troubles: Troubles) {
    this.#emit = emit
    this.#secrets = secrets
    this.#troubles = troubles
  }

  add(packet: TcpPacket): void {
    const { segment, from, to } = packet
    const header = ((segment[12] ?? 0) >> 4) * 4
    if (segment.length < 20 || header < 20 || header > segment.length) {
      this.#troubles.add('A TCP header is damaged or cut short.', { frame: packet.origin.frame })
      return
    }
    const [one, other] = [formatEndpoint(from), formatEndpoint(to)]
    const key = one < other ? `${one} ${other}` : `${other} ${one}`
    const flags = segment[13] ?? 0
    const sequence = segment.readUInt32BE(4)
    let connection = this.#connections.get(key)
    if (connection === undefined || connection.isOver(one, sequence, flags)) {
      connection?.end()
      connection = new Connection(++this.#streams, packet, this.#emit, this.#secrets)
      this.#connections.set(key, connection)
    }
    connection.add(one, packet, flags, segment.subarray(header))
  }

  /** A message that was exported without TCP around it. */
  exported(from: Endpoint, to: Endpoint, data: Buffer, tls: boolean, { at, frame, comment }: Origin): void {
    const [one, other] = [formatEndpoint(from), formatEndpoint(to)]
    const key = one < other ? `${one} ${other}` : `${other} ${one}`
    let stream = this.#exported.get(key)
    if (stream === undefined) this.#exported.set(key, (stream = ++this.#streams))
    this.#emit({ kind: 'segment', stream, at, frame, from, to, data, tls, ...(comment ? { comment } : {}) })
  }

  end(): void {
    for (const connection of this.#connections.values()) connection.end()
  }
}

/** One end's sending. */
interface Side {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly half: HalfStream
}

class Connection {
  readonly #number: number
  readonly #emit: Emit
  readonly #content: PlainOrTls
  readonly #sides = new Map<string, Side>()
  /** Who asked for it, where its SYN was seen. */
  #asked: string | undefined
  #open = false
  #reset = false

  constructor(number: number, { from, to, tls }: TcpPacket, emit: Emit, secrets: Secrets) {
    this.#number = number
    this.#emit = emit
    this.#content = new PlainOrTls(secrets, tls)
    this.#side(from, to, 0)
    this.#side(to, from, 1)
  }

  /** Whether a segment begins another connection between the same ports. */
  isOver(sender: string, sequence: number, flags: number): boolean {
    const half = this.#sides.get(sender)?.half
    if (half === undefined) return false
    if ((flags & SYN) !== 0) return half.zero !== undefined && half.zero !== (sequence + 1) >>> 0
    return (flags & RST) === 0 && !half.fits(sequence)
  }

  add(sender: string, { segment, origin }: TcpPacket, flags: number, data: Buffer): void {
    const side = this.#sides.get(sender)
    const peer = [...this.#sides.values()].find((one) => one !== side)
    if (!side || !peer) return
    const sequence = segment.readUInt32BE(4)
    if ((flags & SYN) !== 0) this.#handshake(sender, side, peer, sequence, flags, origin)
    // Its answer is not in the file, and came all the same: only then goes on who asked.
    else if ((flags & (ACK | RST)) === ACK && this.#asked === sender) this.#opened(side, origin)
    if ((flags & ACK) !== 0) peer.half.acknowledged(segment.readUInt32BE(8))
    // What stands behind a reset is a text for people (RFC 9293 §3.5.2).
    if ((flags & RST) !== 0) {
      if (!this.#reset) this.#tell('reset', side, origin)
      this.#reset = true
      return
    }
    side.half.segment(sequence + ((flags & SYN) === 0 ? 0 : 1), data, (flags & FIN) !== 0, origin)
  }

  end(): void {
    for (const { half } of this.#sides.values()) half.flush()
  }

  #handshake(sender: string, side: Side, peer: Side, sequence: number, flags: number, origin: Origin): void {
    if (side.half.zero === undefined) side.half.begin(sequence + 1)
    if ((flags & ACK) === 0) {
      if (this.#asked === undefined) this.#tell('attempt', side, origin)
      this.#asked = sender
      return
    }
    this.#opened(peer, origin)
  }

  #opened(asker: Side, origin: Origin): void {
    if (!this.#open) this.#tell('open', asker, origin)
    this.#open = true
  }

  #side(from: Endpoint, to: Endpoint, direction: 0 | 1): void {
    const stream = this.#number
    const side: Omit<Side, 'half'> = { from, to }
    const half = new HalfStream({
      data: (bytes, origin) => {
        for (const one of this.#content.add(direction, bytes, origin, this.#asked !== undefined || this.#open)) {
          const { at, frame, comment } = one.origin
          const base = { at, frame, from, to, stream, ...(comment === undefined ? {} : { comment }) }
          if (one.data === undefined) this.#emit({ ...base, kind: 'encrypted' })
          else this.#emit({ ...base, kind: 'segment', data: one.data, tls: one.tls })
        }
      },
      gap: (missing, origin) => {
        this.#content.gap(direction)
        this.#tell('gap', side, origin, missing)
      },
      end: (origin) => this.#tell('close', side, origin),
    })
    this.#sides.set(formatEndpoint(from), { ...side, half })
  }

  #tell(kind: CapturedStreamEvent['kind'], side: Omit<Side, 'half'>, origin: Origin, missing?: number): void {
    const { at, frame, comment } = origin
    const { from, to } = side
    this.#emit({
      kind,
      stream: this.#number,
      at,
      frame,
      from,
      to,
      ...(comment === undefined ? {} : { comment }),
      ...(missing === undefined ? {} : { missing }),
    })
  }
}
