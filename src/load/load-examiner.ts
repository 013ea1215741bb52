/** The standing checks under load: everything that a worker's calls send and receive goes through one examiner. */
import { Examiner } from '../examiner/examiner.js'
import type { ExaminerOptions, SeenMessage } from '../examiner/types.js'
import type { StandingNote } from '../result/finding.js'
import type { MediaPacketEvent } from '../media/media-events.js'
import type { SipMessage } from '../message/message.js'
import { parseMessage } from '../message/parse.js'
import { canonicalAddress, type Endpoint } from '../transport/network.js'
import type { WireEvent } from '../transport/recording-network.js'
import type { TrafficExaminer } from './traffic.js'

/** Bytes of a datagram that could be a message. */
const SHORTEST_MESSAGE = 32
/** What is left of a stream that does not become a message is garbage beyond this. */
const MOST_PENDING_BYTES = 128 * 1024

export class LoadExaminer implements TrafficExaminer {
  readonly #examiner: Examiner
  /** Our sockets, `port` to addresses: those of calls that are over, too, for what still comes. */
  readonly #own = new Map<number, string>()
  #lastOwn: Endpoint | undefined
  readonly #streams = new Map<string, Buffer>()

  constructor(o: Pick<ExaminerOptions, 'published' | 'accounts' | 'timers'>) {
    this.#examiner = new Examiner({
      ...o,
      depth: 'load',
      isOwn: ({ address, port }) => this.#own.get(port) === canonicalAddress(address),
    })
  }

  onMessage(event: WireEvent): void {
    const { data } = event
    // Keep-alives (RFC 5626 §4.4) are no messages; in a stream, a short piece may be the end of one.
    if (data === undefined || (event.transport === 'udp' && data.length < SHORTEST_MESSAGE)) return
    this.#isOwn(event.local)
    if (event.transport === 'udp') this.#read(event, data, 'datagram')
    else this.#readStream(event, data)
  }

  onPacket(event: MediaPacketEvent): void {
    this.#isOwn(event.local)
    this.#examiner.packet(event)
  }

  notes(): StandingNote[] {
    return this.#examiner.notes()
  }

  #isOwn(local: Endpoint): void {
    // Packets come by the batch.
    if (local === this.#lastOwn) return
    this.#lastOwn = local
    if (!this.#own.has(local.port)) this.#own.set(local.port, canonicalAddress(local.address))
  }

  #readStream(event: WireEvent, data: Buffer): void {
    const key = `${event.connection} ${event.direction}`
    const before = this.#streams.get(key)
    let pending = before === undefined || before.length === 0 ? data : Buffer.concat([before, data])
    while (pending.length > 0) {
      const taken = this.#read(event, pending, 'stream')
      if (taken === 0) break
      pending = pending.subarray(taken)
    }
    this.#streams.set(key, pending.length > MOST_PENDING_BYTES ? Buffer.alloc(0) : Buffer.from(pending))
  }

  /** @returns bytes taken */
  #read(event: WireEvent, bytes: Buffer, framing: 'datagram' | 'stream'): number {
    const incoming = event.direction === 'in'
    const { message, violations, consumed } = parseMessage(bytes, { mode: incoming ? 'strict' : 'fast', framing })
    if (message === undefined) {
      if (incoming && violations.length > 0) this.#examiner.garbage({ remote: event.remote, bytes, violations })
      return consumed
    }
    const { at, direction, transport, local, remote } = event
    const seen: SeenMessage = {
      at,
      device: userOf(message, direction),
      direction,
      transport,
      local,
      remote,
      message,
      violations: incoming ? violations : [],
    }
    this.#examiner.message(seen)
    return consumed
  }
}

/** Who of us it is: the one that a request of ours comes from, or that one of theirs goes to. */
function userOf(message: SipMessage, direction: 'in' | 'out'): string {
  try {
    return (message.kind === 'request') === (direction === 'out') ? message.from.uri : message.to.uri
  } catch {
    return ''
  }
}
