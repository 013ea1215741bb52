/**
 * What is kept of a call while it runs, so that evidence can be given of the bad ones: all signalling, the heads of the
 * first and the last audio packets, all RTCP up to a bound. Of audio only the RTP header is kept: its contents are
 * nobody's business, and a few kilobytes a call are cheap enough to keep of every call.
 */
import type { MediaPacketEvent } from '../media/media-events.js'
import { RTP_HEADER_BYTES } from '../media/rtp.js'
import { sameEndpoint, type Endpoint } from '../transport/network.js'
import type { WireEvent } from '../transport/recording-network.js'
import type { CapturedPacket } from './worker-protocol.js'

/** Packets of an end that are kept from its beginning and from its end. */
const FIRST = 60
const LAST = 180
const MOST_RTCP = 24
const MOST_MESSAGES = 64

// An entry: time (8), RTP header (12), length on the wire (2), direction (1), number of the remote address (1).
const ENTRY_BYTES = 24
const LENGTH_AT = 8 + RTP_HEADER_BYTES
const DIRECTION_AT = LENGTH_AT + 2
const REMOTE_AT = DIRECTION_AT + 1
const MOST_REMOTES = 255

/** The packets of one end. */
export class PacketRing {
  readonly #entries = Buffer.allocUnsafeSlow(ENTRY_BYTES * (FIRST + LAST))
  /** The same memory: entries are whole numbers of these, and begin with one. */
  readonly #times = new Float64Array(this.#entries.buffer)
  readonly #remotes: Endpoint[] = []
  readonly #rtcp: MediaPacketEvent[] = []
  #local: Endpoint | undefined
  #count = 0
  #lastRemote = -1

  add(event: MediaPacketEvent): void {
    this.#local ??= event.local
    if (event.kind === 'rtcp') {
      // The bytes are lent, and the event would keep more of them than are needed.
      if (this.#rtcp.length < MOST_RTCP) this.#rtcp.push({ ...event, raw: Buffer.from(event.raw), plain: undefined })
      return
    }
    const { raw } = event
    const index = this.#count < FIRST ? this.#count : FIRST + ((this.#count - FIRST) % LAST)
    const at = index * ENTRY_BYTES
    const entries = this.#entries
    this.#times[at >> 3] = event.at
    for (let i = 0; i < RTP_HEADER_BYTES; i++) entries[at + 8 + i] = raw[i] ?? 0
    entries[at + LENGTH_AT] = raw.length
    entries[at + LENGTH_AT + 1] = raw.length >>> 8
    entries[at + DIRECTION_AT] = event.direction === 'in' ? 1 : 0
    entries[at + REMOTE_AT] = this.#remoteNumber(event.remote)
    this.#count++
  }

  /** @param unixAtZero Unix ms at the clock's zero */
  packets(role: 'caller' | 'callee', unixAtZero: number): CapturedPacket[] {
    const local = this.#local
    if (local === undefined) return []
    const kept = Math.min(this.#count, FIRST + LAST)
    const rtp = Array.from({ length: kept }, (_, index): CapturedPacket => {
      const at = index * ENTRY_BYTES
      // Zeros stand for the audio.
      const data = new Uint8Array(this.#entries.readUInt16LE(at + LENGTH_AT))
      data.set(this.#entries.subarray(at + 8, at + 8 + Math.min(RTP_HEADER_BYTES, data.length)))
      return {
        unixMs: unixAtZero + this.#entries.readDoubleLE(at),
        role,
        kind: 'datagram',
        direction: this.#entries[at + DIRECTION_AT] === 1 ? 'in' : 'out',
        transport: 'udp',
        local,
        remote: this.#remotes[this.#entries[at + REMOTE_AT] ?? 0] ?? local,
        data,
      }
    })
    const rtcp = this.#rtcp.map(
      (event): CapturedPacket => ({
        unixMs: unixAtZero + event.at,
        role,
        kind: 'datagram',
        direction: event.direction,
        transport: 'udp',
        local: event.local,
        remote: event.remote,
        data: Uint8Array.from(event.raw),
      }),
    )
    return [...rtp, ...rtcp]
  }

  #remoteNumber(remote: Endpoint): number {
    const last = this.#remotes[this.#lastRemote]
    if (last !== undefined && last.port === remote.port && last.address === remote.address) return this.#lastRemote
    let number = this.#remotes.findIndex((one) => sameEndpoint(one, remote))
    if (number < 0) {
      if (this.#remotes.length < MOST_REMOTES) this.#remotes.push({ ...remote })
      number = this.#remotes.length - 1
    }
    this.#lastRemote = number
    return number
  }
}

/** The signalling of one call, both ends. */
export class MessageLog {
  readonly #events: WireEvent[] = []

  add(event: WireEvent): void {
    if (this.#events.length < MOST_MESSAGES) this.#events.push(event)
  }

  /** @param unixAtZero Unix ms at the clock's zero */
  packets(unixAtZero: number): CapturedPacket[] {
    return this.#events.map((event) => ({
      unixMs: unixAtZero + event.at,
      role: 'both',
      kind: event.kind,
      direction: event.direction,
      transport: event.transport,
      local: event.local,
      remote: event.remote,
      ...(event.connection === undefined ? {} : { connection: event.connection }),
      data: Uint8Array.from(event.data ?? []),
    }))
  }
}

const CALL_ID = /^(?:call-id|i)[ \t]*:[ \t]*(\S+)/gim

/** Call-IDs in a piece of signalling; several where a segment of a stream holds several messages. */
export function callIdsIn(data: Buffer): string[] {
  const found = new Set<string>()
  for (const match of data.toString('latin1').matchAll(CALL_ID)) if (match[1] !== undefined) found.add(match[1])
  return [...found]
}
