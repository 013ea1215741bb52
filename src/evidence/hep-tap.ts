/** Finds the SIP messages, and the RTCP of their calls, in what goes over a network, each for a collector. */
import { maskSecrets } from '../message/mask.js'
import type { SipMessage } from '../message/message.js'
import { parseMessage } from '../message/parse.js'
import type { WireEvent } from '../transport/recording-network.js'
import { type CapturedMessage, hepPacket } from './hep.js'
import { CallPlaces, reportsOf } from './hep-rtcp.js'

/** Bytes of a datagram that could be a message. */
const SHORTEST_MESSAGE = 32
/** What is left of a stream that does not become a message is dropped beyond this. */
const MOST_PENDING_BYTES = 128 * 1024
/** Where the first line says what it is. */
const LINE_BYTES = 1024

export interface HepTapOptions {
  /** Unix ms of a reading of the network's clock. */
  readonly unixAt: (clockMs: number) => number
  readonly send: (datagram: Buffer) => void
}

/** Audio, SRTCP, STUN and DNS pass it by. Digest responses and keys are masked, as in captures. */
export class HepTap {
  readonly #o: HepTapOptions
  /** What is left of each stream, by connection and direction. */
  readonly #pending = new Map<string, Buffer>()
  readonly #places = new CallPlaces()

  constructor(o: HepTapOptions) {
    this.#o = o
  }

  see(event: WireEvent): void {
    const { kind, data } = event
    if (kind === 'datagram' && data !== undefined) this.#datagram(event, data)
    else if (kind === 'data' && data !== undefined) this.#segment(event, data)
    else if (kind === 'close')
      for (const direction of ['in', 'out']) this.#pending.delete(`${event.connection} ${direction}`)
  }

  #datagram(event: WireEvent, data: Buffer): void {
    if (data.length >= SHORTEST_MESSAGE && isSip(data)) this.#message(event, data, messageIn(data))
    else if (isRtcp(data)) this.#reports(event, data)
  }

  /** Of calls that are known: a report that belongs to none is of no use to anybody. */
  #reports(event: WireEvent, data: Buffer): void {
    const correlation = this.#places.of(event.local, event.remote)
    if (correlation === undefined) return
    for (const report of reportsOf(data)) this.#tell(event, 'rtcp', Buffer.from(report), correlation)
  }

  #segment(event: WireEvent, data: Buffer): void {
    const key = `${event.connection} ${event.direction}`
    const before = this.#pending.get(key)
    let pending = before === undefined ? data : Buffer.concat([before, data])
    while (pending.length > 0) {
      const { message, consumed } = parseMessage(pending, { mode: 'fast', framing: 'stream' })
      if (consumed === 0) break
      if (message !== undefined) this.#message(event, pending.subarray(0, consumed), message)
      pending = pending.subarray(consumed)
    }
    if (pending.length === 0 || pending.length > MOST_PENDING_BYTES) this.#pending.delete(key)
    else this.#pending.set(key, Buffer.from(pending))
  }

  #message(event: WireEvent, bytes: Buffer, message: SipMessage | undefined): void {
    const callId = message === undefined ? '' : callIdOf(message)
    if (message) this.#places.learn(message, callId)
    this.#tell(event, 'sip', maskSecrets(bytes), callId)
  }

  #tell(
    { at, direction, transport, local, remote }: WireEvent,
    kind: CapturedMessage['kind'],
    payload: Buffer,
    correlation: string,
  ): void {
    const [source, destination] = direction === 'out' ? [local, remote] : [remote, local]
    const captured: CapturedMessage = {
      kind,
      transport,
      source,
      destination,
      at: this.#o.unixAt(at),
      payload,
      correlation,
    }
    const datagram = hepPacket(captured)
    if (datagram !== undefined) this.#o.send(datagram)
  }
}

/** Whether its first line says SIP, as a request ends and a response begins: no packet of audio, STUN or DNS does. */
function isSip(data: Buffer): boolean {
  const end = data.subarray(0, LINE_BYTES).indexOf(0x0a)
  return end > 0 && /(?:^SIP\/2\.0 | SIP\/2\.0\r?$)/.test(data.toString('latin1', 0, end))
}

/** RFC 5761 §4: by the packet type. */
const isRtcp = (data: Buffer): boolean => (data[0] ?? 0) >>> 6 === 2 && (data[1] ?? 0) >= 192 && (data[1] ?? 0) <= 223

function messageIn(datagram: Buffer): SipMessage | undefined {
  return parseMessage(datagram, { mode: 'fast', framing: 'datagram' }).message
}

/** Empty where it has none that can be read. */
function callIdOf(message: SipMessage): string {
  try {
    return message.callId
  } catch {
    return ''
  }
}
