/** One direction of a TCP connection (RFC 9293 §3.4): segments as they were captured become bytes in order, each once. */

/** Where bytes came from. */
export interface Origin {
  readonly at: number
  readonly frame: number
  readonly comment: string | undefined
}

/** What a direction tells, in the order of its bytes. */
export interface HalfEvents {
  data(bytes: Buffer, origin: Origin): void
  gap(missing: number, origin: Origin): void
  end(origin: Origin): void
}

interface Piece {
  /** Place of its first byte in the stream. */
  readonly start: number
  readonly data: Buffer
  readonly fin: boolean
  readonly origin: Origin
}

/** What waits for bytes before it: larger windows are for file transfers. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024
const MOST_WAITING = 2000
/** What is missing for so long does not come any more, ms. RFC 6298: no sender waits longer than a minute to send it again. */
const PATIENCE = 60_000
/** A sequence number so far off belongs to another connection between the same ports. */
const ANOTHER_CONNECTION = 32 * 1024 * 1024

export class HalfStream {
  readonly #events: HalfEvents
  /** The sequence number that place 0 has. */
  #zero: number | undefined
  /** Place of the next byte. Counts on where sequence numbers wrap around. */
  #next = 0
  /** Up to here the peer has acknowledged. */
  #acknowledged = 0
  #waiting: Piece[] = []
  #waitingBytes = 0
  #ended = false
  /** Time never goes back within a direction. */
  #latest = Number.NEGATIVE_INFINITY

  constructor(events: HalfEvents) {
    this.#events = events
  }

  /** The number of the first byte is known: a SYN was seen. */
  begin(sequence: number): void {
    this.#zero = sequence >>> 0
    this.#next = 0
  }

  /** Undefined before anything is known. */
  get zero(): number | undefined {
    return this.#zero
  }

  /** Whether a sequence number can belong to this connection. */
  fits(sequence: number): boolean {
    return this.#zero === undefined || Math.abs(this.#place(sequence) - this.#next) < ANOTHER_CONNECTION
  }

  segment(sequence: number, data: Buffer, fin: boolean, origin: Origin): void {
    if (this.#ended || (data.length === 0 && !fin)) return
    // A keep-alive repeats the last byte, or has one of no meaning (RFC 9293 §3.8.4): nothing begins with it.
    if (this.#zero === undefined) this.begin(data.length === 1 ? sequence + 1 : sequence)
    const start = this.#place(sequence)
    const end = start + data.length
    if (end < this.#next || (end === this.#next && !fin)) return
    if (start > this.#next) this.#wait({ start, data, fin, origin })
    else this.#take({ start, data, fin, origin })
    this.#lookAgain(origin)
  }

  /** The peer has everything up to here. */
  acknowledged(sequence: number): void {
    if (this.#zero === undefined) return
    const place = this.#place(sequence)
    if (place - this.#next < ANOTHER_CONNECTION) this.#acknowledged = Math.max(this.#acknowledged, place)
    const [first] = this.#waiting
    if (first) this.#lookAgain(first.origin)
  }

  /** No more will come: what waits is told all the same. */
  flush(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) this.#leap(first)
  }

  #place(sequence: number): number {
    const expected = (this.#zero ?? 0) + this.#next
    return this.#next + ((sequence - expected) | 0)
  }

  #wait(piece: Piece): void {
    const waiting = this.#waiting
    let at = waiting.length
    while (at > 0 && (waiting[at - 1]?.start ?? 0) > piece.start) at--
    const before = waiting[at - 1]
    if (before && before.start === piece.start && before.data.length >= piece.data.length && !piece.fin) return
    waiting.splice(at, 0, piece)
    this.#waitingBytes += piece.data.length
  }

  /** What waited may follow now; or what is missing will not come. */
  #lookAgain(now: Origin): void {
    let when = now
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (first.start <= this.#next) {
        this.#waiting.shift()
        this.#waitingBytes -= first.data.length
        this.#take(first, when)
      } else if (
        this.#acknowledged >= first.start ||
        this.#waiting.length > MOST_WAITING ||
        this.#waitingBytes > MOST_WAITING_BYTES ||
        now.at - first.origin.at > PATIENCE
      ) {
        this.#leap(first)
        when = first.origin
      } else {
        return
      }
    }
  }

  /** Passes over what is missing before a piece. */
  #leap(first: Piece): void {
    const missing = first.start - this.#next
    this.#next = Math.max(this.#next, first.start)
    this.#waiting.shift()
    this.#waitingBytes -= first.data.length
    if (missing > 0) this.#events.gap(missing, this.#inOrder(first.origin))
    this.#take(first)
  }

  /** @param now what made it follow, where it waited */
  #take({ start, data, fin, origin }: Piece, now: Origin = origin): void {
    if (this.#ended) return
    const fresh = data.subarray(Math.min(data.length, this.#next - start))
    this.#next = Math.max(this.#next, start + data.length)
    const when = this.#inOrder({ ...origin, at: Math.max(origin.at, now.at) })
    if (fresh.length > 0) this.#events.data(fresh, when)
    if (!fin) return
    this.#ended = true
    this.#events.end(when)
  }

  #inOrder(origin: Origin): Origin {
    this.#latest = Math.max(this.#latest, origin.at)
    return origin.at === this.#latest ? origin : { ...origin, at: this.#latest }
  }
}
