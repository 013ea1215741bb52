/** Puts IP packets together from their fragments (RFC 791 §3.2, RFC 8200 §4.5). */
import type { IpPacket } from './ip.js'
import type { Troubles } from './troubles.js'

/** RFC 8200 §4.5: given up after a minute, ms. */
const PATIENCE = 60_000
/** Packets of which a part has come. */
const MOST_WAITING = 1000
/** The smallest fragments of the largest packet would be 8,192; nobody sends them. */
const MOST_PIECES = 1000
/** RFC 791 §3.1. */
const MOST_BYTES = 65_535

interface Waiting {
  readonly first: IpPacket
  readonly at: number
  readonly frame: number
  /** By offset. */
  readonly pieces: Map<number, Buffer>
  /** Of the pieces. */
  bytes: number
  /** Of the whole payload, once its end has come. */
  total: number | undefined
  /** Time and number of the last one. */
  last: { at: number; frame: number }
}

/** A packet that is given up: what there is of it from its beginning. */
export interface Unfinished {
  readonly packet: IpPacket
  readonly at: number
  readonly frame: number
}

export class Fragments {
  readonly #waiting = new Map<string, Waiting>()
  readonly #troubles: Troubles
  readonly #giveUp: (one: Unfinished) => void

  constructor(troubles: Troubles, giveUp: (one: Unfinished) => void) {
    this.#troubles = troubles
    this.#giveUp = giveUp
  }

  /** @returns the whole packet, where this was what it lacked */
  add(packet: IpPacket, at: number, frame: number): IpPacket | undefined {
    const { fragment, payload, from, to, protocol } = packet
    if (!fragment) return packet
    this.#forget(at)
    // RFC 8200 §4.5: of IPv6 the protocol stands behind the header, and only in the first.
    const key = `${from} ${to} ${fragment.id} ${from.includes(':') ? '' : protocol}`
    let one = this.#waiting.get(key)
    if (one === undefined) {
      one = { first: packet, at, frame, pieces: new Map(), bytes: 0, total: undefined, last: { at, frame } }
      this.#waiting.set(key, one)
    }
    const known = one.pieces.get(fragment.offset)
    if (known === undefined || known.length < payload.length) {
      one.bytes += payload.length - (known?.length ?? 0)
      one.pieces.set(fragment.offset, payload)
    }
    one.last = { at, frame }
    if (!fragment.more) one.total ??= fragment.offset + packet.length
    if (one.total !== undefined && one.bytes >= one.total) {
      const whole = assemble(one)
      if (whole.length >= one.total) {
        this.#waiting.delete(key)
        if (one.bytes > one.total) this.#troubles.add('Fragments of an IP packet overlap.', { frame })
        return finished(one, whole.subarray(0, one.total))
      }
    }
    if (one.pieces.size > MOST_PIECES) this.#drop(key, one)
    return undefined
  }

  /** No more will come. */
  end(): void {
    for (const [key, one] of this.#waiting) this.#drop(key, one)
  }

  #forget(now: number): void {
    for (const [key, one] of this.#waiting) {
      if (now - one.at < PATIENCE && this.#waiting.size < MOST_WAITING) return
      this.#drop(key, one)
    }
  }

  #drop(key: string, one: Waiting): void {
    this.#waiting.delete(key)
    this.#troubles.add('Fragments of an IP packet are missing.', { frame: one.frame })
    const there = assemble(one)
    if (there.length > 0) this.#giveUp({ packet: finished(one, there), ...one.last })
  }
}

/** The bytes from the beginning up to the first that is missing. Where fragments overlap, the earlier in the packet counts. */
function assemble({ pieces }: Waiting): Buffer {
  const parts: Buffer[] = []
  let end = 0
  for (const [offset, piece] of [...pieces].sort(([a], [b]) => a - b)) {
    if (offset > end) break
    if (offset + piece.length <= end) continue
    parts.push(piece.subarray(end - offset))
    end = offset + piece.length
  }
  return Buffer.concat(parts)
}

function finished({ first, total, pieces }: Waiting, payload: Buffer): IpPacket {
  const { from, to, protocol, hops } = first
  return {
    from,
    to,
    protocol,
    payload, // Where its end is not known, no bytes are its own end: UDP says how long it is.
    length: total ?? MOST_BYTES,
    hops,
    pieces: pieces.size,
  }
}
