/**
 * The record of one scenario: every datagram, segment and state change of its devices, stamped in the socket callback, with
 * the SIP messages in them. Assertions, ladders, capture files and the examiner read from here, after the fact.
 */
import { createHash } from 'node:crypto'
import type { SipMessage } from '../message/message.js'
import { type ParseResult, parseMessage, type Violation } from '../message/parse.js'
import type { OutOfReach } from '../target/reach-policy.js'
import type { Refusal } from '../transport/gated-network.js'
import type { Endpoint } from '../transport/network.js'
import { formatEndpoint } from '../transport/network.js'
import type { NetworkTap, WireEvent } from '../transport/recording-network.js'

/** What a datagram carries, told by its first bytes (RFC 7983 §7, RFC 5761 §4). */
export type PacketKind = 'sip' | 'rtp' | 'rtcp' | 'stun' | 'keep-alive' | 'other'

/** One datagram, segment or connection event of one device. */
export interface WireEntry extends WireEvent {
  readonly sequence: number
  /** Name of the device, `alice`. */
  readonly device: string
  readonly packet: PacketKind
}

/** One SIP message as a device sent or received it. */
export interface SipSighting {
  readonly sequence: number
  /** Milliseconds of the run's clock. */
  readonly at: number
  readonly device: string
  readonly direction: 'in' | 'out'
  readonly transport: 'udp' | 'tcp' | 'tls'
  readonly local: Endpoint
  readonly remote: Endpoint
  /** Number of the connection, for streams. */
  readonly connection?: number | undefined
  readonly message: SipMessage
  readonly bytes: Buffer
  /** Named by the strict parser; of what our devices sent, too, as some stories send wrong things on purpose. */
  readonly violations: readonly Violation[]
  /** The same bytes went the same way before: a retransmission. */
  readonly again: boolean
}

/** Bytes on a signalling port that are no SIP message. */
export interface Garbage {
  readonly at: number
  readonly device: string
  readonly remote: Endpoint
  readonly bytes: Buffer
  readonly violations: readonly Violation[]
}

/** A line of the story. */
export interface Note {
  readonly at: number
  readonly text: string
}

/** An entry, or a message, takes about so many bytes of memory beside its own. */
const ENTRY_BYTES = 400
const MESSAGE_BYTES = 2_000
/** What one record keeps at most, bytes of memory. The largest of a scenario that a provider answers well has 2 MB. */
const MOST_OF_ONE = 24 * 1024 * 1024
/** Listeners look through all messages whenever one comes: more than this would take them seconds. */
const MOST_MESSAGES = 5_000
/** What all records of a run keep at most at one time. */
const MOST_OF_ALL = 256 * 1024 * 1024
/** Memory that the records of one run share. */
export class RecordMemory {
  readonly most: number
  used = 0

  constructor(most = MOST_OF_ALL) {
    this.most = most
  }
}

/** What a device was led to send, and did not. */
export interface RefusedSending extends Omit<Refusal<OutOfReach>, 'data'> {
  readonly device: string
  readonly packet: PacketKind
  /** How often. */
  count: number
}

/** Destinations that are kept: a target that names thousands is described by these. */
const MOST_REFUSED = 200

export class ScenarioRecord {
  readonly wire: WireEntry[] = []
  readonly messages: SipSighting[] = []
  readonly garbage: Garbage[] = []
  readonly notes: Note[] = []
  /** One for each device, destination and kind of packet. */
  readonly refusals: RefusedSending[] = []
  /** What our own devices threw while nobody waited for them: none of the target's doing. */
  readonly defects: unknown[] = []
  readonly #listeners = new Set<(seen: SipSighting) => void>()
  readonly #streams = new Map<string, Pending>()
  readonly #seenBefore = new Set<string>()
  /** Our sockets that have sent RTP. */
  readonly #audioPorts = new WeakSet<Endpoint>()
  /** Unix milliseconds at the clock's zero, for capture files. */
  readonly unixAtZero: number
  /** Settles when there is no room left: what comes later is counted, not kept. */
  readonly full: Promise<void>
  /** What was not kept any more; undefined where all was. */
  cut: { packets: number; bytes: number } | undefined
  readonly #memory: RecordMemory
  #used = 0
  #sequence = 0
  #fills: () => void = () => {}

  constructor(unixAtZero = 0, memory = new RecordMemory()) {
    this.unixAtZero = unixAtZero
    this.#memory = memory
    this.full = new Promise((resolve) => {
      this.#fills = resolve
    })
  }

  /** Nobody reads the record any more: gives its room to others. */
  release(): void {
    this.#memory.used -= this.#used
    this.#used = 0
  }

  /** What a device's network reports to. */
  tap(device: string): NetworkTap {
    return (event) => this.#add(device, event)
  }

  /** Calls `listener` for each SIP message from now on; returns how to stop. */
  onMessage(listener: (seen: SipSighting) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  note(at: number, text: string): void {
    this.notes.push({ at, text })
  }

  /** A device sent nothing, where the target led to. */
  refused(device: string, { data, ...refusal }: Refusal<OutOfReach>): void {
    const packet = data === undefined ? 'sip' : packetKind(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
    const place = formatEndpoint(refusal.remote)
    const known = this.refusals.find(
      (one) =>
        one.device === device &&
        one.packet === packet &&
        one.why === refusal.why &&
        formatEndpoint(one.remote) === place,
    )
    if (known !== undefined) {
      known.count += 1
      return
    }
    if (this.refusals.length >= MOST_REFUSED) return
    this.refusals.push({ ...refusal, device, packet, count: 1 })
    this.note(refusal.at, `${device} sends nothing to ${refusal.uri ?? place}: the target file does not allow it`)
  }

  #add(device: string, event: WireEvent): void {
    const bytes = event.data?.length ?? 0
    if (this.cut || !this.#fits(bytes + ENTRY_BYTES)) {
      this.#leaveOut(bytes)
      return
    }
    const packet = event.transport === 'udp' ? this.#kindOf(event) : event.data ? 'sip' : 'other'
    this.wire.push({ ...event, sequence: this.#sequence++, device, packet })
    if (!event.data || packet !== 'sip') return
    if (event.transport === 'udp') this.#addMessage(device, event, event.data, 'datagram')
    else this.#addSegment(device, event, event.data)
  }

  /** What comes to a port of audio is no SIP, whatever it begins with. */
  #kindOf({ data, direction, local }: WireEvent): PacketKind {
    const kind = packetKind(data)
    if (direction === 'out' && kind === 'rtp') this.#audioPorts.add(local)
    return direction === 'in' && kind === 'sip' && this.#audioPorts.has(local) ? 'other' : kind
  }

  #fits(bytes: number): boolean {
    if (this.#used + bytes > MOST_OF_ONE || this.#memory.used + bytes > this.#memory.most) return false
    this.#used += bytes
    this.#memory.used += bytes
    return true
  }

  #leaveOut(bytes: number): void {
    if (this.cut === undefined) this.#fills()
    this.cut ??= { packets: 0, bytes: 0 }
    this.cut.packets += 1
    this.cut.bytes += bytes
  }

  #addSegment(device: string, event: WireEvent, data: Buffer): void {
    const key = `${device} ${event.connection} ${event.direction}`
    const before = this.#streams.get(key)
    const pending = before ?? { bytes: data, length: 0, looked: 0 }
    if (before === undefined) pending.length = data.length
    else append(pending, data)
    // Looking again before the end of the header, or of the body, can have come would take quadratic time.
    if (!mayBeWhole(pending)) {
      this.#streams.set(key, pending)
      return
    }
    let rest = pending.bytes.subarray(0, pending.length)
    while (rest.length > 0 && this.cut === undefined) {
      const parsed = this.#addMessage(device, event, rest, 'stream')
      if (parsed.consumed === 0) {
        this.#streams.set(key, unfinished(rest, parsed.needed))
        return
      }
      rest = rest.subarray(parsed.consumed)
    }
    this.#streams.delete(key)
  }

  #addMessage(device: string, event: WireEvent, bytes: Buffer, framing: 'datagram' | 'stream'): ParseResult {
    const parsed = parseMessage(bytes, { mode: 'strict', framing })
    const own = framing === 'datagram' ? bytes : bytes.subarray(0, parsed.consumed)
    if (!parsed.message) {
      const emptyLines = parsed.violations.length === 0
      if (!emptyLines && event.direction === 'in')
        this.garbage.push({ at: event.at, device, remote: event.remote, bytes: own, violations: parsed.violations })

      return parsed
    }
    if (this.messages.length >= MOST_MESSAGES || !this.#fits(MESSAGE_BYTES + own.length)) {
      this.#leaveOut(0)
      return parsed
    }
    const digest = createHash('sha1').update(own).digest('base64')
    const way = `${device} ${event.direction} ${event.transport} ${formatEndpoint(event.remote)} ${digest}`
    const seen: SipSighting = {
      sequence: this.#sequence - 1,
      at: event.at,
      device,
      direction: event.direction,
      transport: event.transport,
      local: event.local,
      remote: event.remote,
      connection: event.connection,
      message: parsed.message,
      bytes: own,
      violations: parsed.violations,
      again: this.#seenBefore.has(way),
    }
    this.#seenBefore.add(way)
    this.messages.push(seen)
    for (const listener of this.#listeners) listener(seen)
    return parsed
  }
}

/** The beginning of a message on a stream that is not complete yet. */
interface Pending {
  /** With room behind `length` for what comes. */
  bytes: Buffer
  length: number
  /** How far the end of the header was looked for. */
  looked: number
  /** Bytes that the whole message has, once its header is known. */
  needed?: number | undefined
}

const unfinished = (bytes: Buffer, needed: number | undefined): Pending => ({
  bytes: Buffer.from(bytes),
  length: bytes.length,
  looked: Math.max(0, bytes.length - 3),
  needed,
})

function append(pending: Pending, data: Buffer): void {
  const length = pending.length + data.length
  if (length > pending.bytes.length) {
    const larger = Buffer.allocUnsafe(2 * length)
    pending.bytes.copy(larger, 0, 0, pending.length)
    pending.bytes = larger
  }
  data.copy(pending.bytes, pending.length)
  pending.length = length
}

function mayBeWhole(pending: Pending): boolean {
  if (pending.needed !== undefined) return pending.length >= pending.needed
  const { bytes, length, looked } = pending
  if (looked === 0) return true
  const end =
    bytes.subarray(looked, length).indexOf('\n\r\n') >= 0 || bytes.subarray(looked, length).indexOf('\n\n') >= 0
  pending.looked = Math.max(0, length - 3)
  return end
}

/** Tells what a datagram carries. RFC 7983 §7: by the first byte; RFC 5761 §4: RTCP by the packet type. */
export function packetKind(data: Buffer | undefined): PacketKind {
  const first = data?.[0]
  if (!data || first === undefined) return 'other'
  if (first < 4 && data.length >= 20) return 'stun'
  if (first >= 128 && first < 192) {
    const type = data[1] ?? 0
    return type >= 192 && type <= 223 ? 'rtcp' : 'rtp'
  }
  // RFC 5905 §7.3: a time server's packet, version 3 or 4 of mode client or server, begins like printable text.
  if (data.length === 48 && [0x1b, 0x1c, 0x23, 0x24].includes(first)) return 'other'
  if (first === 13 || first === 10 || (first === 0 && data.length <= 4)) return 'keep-alive'
  return first >= 0x20 && first < 0x7f ? 'sip' : 'other'
}
