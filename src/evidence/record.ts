/**
 * The record of one scenario: every datagram, segment and state change of its devices, stamped in the socket callback, with
 * the SIP messages in them. Assertions, ladders, capture files and the examiner read from here, after the fact.
 */
import type { SipMessage } from '../message/message.js'
import { parseMessage, type Violation } from '../message/parse.js'
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

export class ScenarioRecord {
  readonly wire: WireEntry[] = []
  readonly messages: SipSighting[] = []
  readonly garbage: Garbage[] = []
  readonly notes: Note[] = []
  /** What our own devices threw while nobody waited for them: none of the target's doing. */
  readonly defects: unknown[] = []
  readonly #listeners = new Set<(seen: SipSighting) => void>()
  readonly #streams = new Map<string, Buffer>()
  readonly #seenBefore = new Set<string>()
  /** Unix milliseconds at the clock's zero, for capture files. */
  readonly unixAtZero: number
  #sequence = 0

  constructor(unixAtZero = 0) {
    this.unixAtZero = unixAtZero
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

  #add(device: string, event: WireEvent): void {
    const packet = event.transport === 'udp' ? packetKind(event.data) : event.data ? 'sip' : 'other'
    this.wire.push({ ...event, sequence: this.#sequence++, device, packet })
    if (!event.data || packet !== 'sip') return
    if (event.transport === 'udp') this.#addMessage(device, event, event.data, 'datagram')
    else this.#addSegment(device, event, event.data)
  }

  #addSegment(device: string, event: WireEvent, data: Buffer): void {
    const key = `${device} ${event.connection} ${event.direction}`
    let pending = Buffer.concat([this.#streams.get(key) ?? Buffer.alloc(0), data])
    while (pending.length > 0) {
      const taken = this.#addMessage(device, event, pending, 'stream')
      if (taken === 0) break
      pending = pending.subarray(taken)
    }
    this.#streams.set(key, pending)
  }

  /** @returns bytes taken */
  #addMessage(device: string, event: WireEvent, bytes: Buffer, framing: 'datagram' | 'stream'): number {
    const parsed = parseMessage(bytes, { mode: 'strict', framing })
    const own = framing === 'datagram' ? bytes : bytes.subarray(0, parsed.consumed)
    if (!parsed.message) {
      const emptyLines = parsed.violations.length === 0
      if (!emptyLines && event.direction === 'in')
        this.garbage.push({ at: event.at, device, remote: event.remote, bytes: own, violations: parsed.violations })

      return parsed.consumed
    }
    const way = `${device} ${event.direction} ${event.transport} ${formatEndpoint(event.remote)} ${own.toString('latin1')}`
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
    return parsed.consumed
  }
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
