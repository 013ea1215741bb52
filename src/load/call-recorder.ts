/**
 * What is kept of a call while it runs, so that evidence can be given of the bad ones: all signalling, the heads of the
 * first and the last audio packets, all RTCP up to a bound. Of audio only the RTP header is kept: its contents are
 * nobody's business, and a few kilobytes a call are cheap enough to keep of every call.
 */
import type { MediaPacketEvent } from '../media/media-events.js'
import { RTP_HEADER_BYTES, uint32At } from '../media/rtp.js'
import { sameEndpoint, type Endpoint } from '../transport/network.js'
import type { WireEvent } from '../transport/recording-network.js'
import type { CapturedPacket } from './worker-protocol.js'

/** Packets of an end that are kept from its beginning and from its end. */
const FIRST = 60
const LAST = 180
const MOST_RTCP = 24
const MOST_MESSAGES = 64

// An entry, in words: time since the first packet; the first four octets; timestamp; length (16 bits), number of the SSRC (8),
// number of the remote address (7), direction (1).
const WORDS = 4
const TICKS_PER_MS = 64
const [REMOTE_SHIFT, SSRC_SHIFT] = [24, 16]
const INCOMING = 0x80000000
const MOST_REMOTES = 127
const MOST_SSRCS = 255

/** The packets of one end. */
export class PacketRing {
  /** The first ones, and those after them: memory is taken when there are any. */
  #firstOnes: Uint32Array | undefined
  #lastOnes: Uint32Array | undefined
  readonly #remotes: Endpoint[] = []
  readonly #ssrcs: number[] = []
  readonly #rtcp: MediaPacketEvent[] = []
  #local: Endpoint | undefined
  #beganAt = 0
  #count = 0
  #lastRemote = -1
  #lastSsrc = -1

  add(event: MediaPacketEvent): void {
    if (event.kind === 'rtcp') {
      this.#local ??= event.local
      // The bytes are lent, and the event would keep more of them than are needed.
      if (this.#rtcp.length < MOST_RTCP) this.#rtcp.push({ ...event, raw: Buffer.from(event.raw), plain: undefined })
      return
    }
    const { raw, at } = event
    const count = this.#count++
    if (count === 0) {
      this.#local = event.local
      this.#beganAt = at
    }
    let words: Uint32Array
    let place: number
    if (count < FIRST) {
      words = this.#firstOnes ??= new Uint32Array(WORDS * FIRST)
      place = WORDS * count
    } else {
      words = this.#lastOnes ??= new Uint32Array(WORDS * LAST)
      place = WORDS * ((count - FIRST) % LAST)
    }
    words[place] = (at - this.#beganAt) * TICKS_PER_MS
    words[place + 1] = uint32At(raw, 0)
    words[place + 2] = uint32At(raw, 4)
    words[place + 3] =
      (event.direction === 'in' ? INCOMING : 0) |
      (this.#remoteNumber(event.remote) << REMOTE_SHIFT) |
      (this.#ssrcNumber(uint32At(raw, 8)) << SSRC_SHIFT) |
      raw.length
  }

  /** @param unixAtZero Unix ms at the clock's zero */
  packets(role: 'caller' | 'callee', unixAtZero: number): CapturedPacket[] {
    const local = this.#local
    if (local === undefined) return []
    const kept = [
      ...words(this.#firstOnes, Math.min(this.#count, FIRST)),
      ...words(this.#lastOnes, Math.min(Math.max(0, this.#count - FIRST), LAST)),
    ]
    const rtp = kept.map(([ticks = 0, first = 0, timestamp = 0, rest = 0]): CapturedPacket => {
      const header = Buffer.alloc(RTP_HEADER_BYTES)
      header.writeUInt32BE(first, 0)
      header.writeUInt32BE(timestamp, 4)
      header.writeUInt32BE(this.#ssrcs[(rest >>> SSRC_SHIFT) & MOST_SSRCS] ?? 0, 8)
      // Zeros stand for the audio.
      const data = new Uint8Array(rest & 0xffff)
      data.set(header.subarray(0, Math.min(RTP_HEADER_BYTES, data.length)))
      return {
        // What is read late may have come before what was sent first.
        unixMs: unixAtZero + this.#beganAt + (ticks | 0) / TICKS_PER_MS,
        role,
        kind: 'datagram',
        direction: rest >= INCOMING ? 'in' : 'out',
        transport: 'udp',
        local,
        remote: this.#remotes[(rest >>> REMOTE_SHIFT) & MOST_REMOTES] ?? local,
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
      if (this.#remotes.length < MOST_REMOTES) this.#remotes.push(remote)
      number = this.#remotes.length - 1
    }
    this.#lastRemote = number
    return number
  }

  #ssrcNumber(ssrc: number): number {
    if (this.#ssrcs[this.#lastSsrc] === ssrc) return this.#lastSsrc
    let number = this.#ssrcs.indexOf(ssrc)
    if (number < 0) {
      if (this.#ssrcs.length < MOST_SSRCS) this.#ssrcs.push(ssrc)
      number = this.#ssrcs.length - 1
    }
    this.#lastSsrc = number
    return number
  }
}

/** The entries of a piece of memory. */
function words(memory: Uint32Array | undefined, count: number): Uint32Array[] {
  if (memory === undefined) return []
  return Array.from({ length: count }, (_, index) => memory.subarray(WORDS * index, WORDS * (index + 1)))
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

const USUAL = Buffer.from('\nCall-ID: ')
const CR = 13

/** Call-IDs in a piece of signalling; several where a segment of a stream holds several messages. */
export function callIdsIn(data: Buffer, isDatagram = false): string[] {
  if (isDatagram) {
    // As nearly everybody writes it: no text is made of the whole message.
    const at = data.indexOf(USUAL)
    const end = at < 0 ? -1 : data.indexOf(CR, at)
    const callId = end < 0 ? '' : data.toString('latin1', at + USUAL.length, end)
    if (callId !== '' && !/\s/.test(callId)) return [callId]
  }
  const found = new Set<string>()
  for (const match of data.toString('latin1').matchAll(CALL_ID)) if (match[1] !== undefined) found.add(match[1])
  return [...found]
}
