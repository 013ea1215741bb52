/** Finds the SIP messages in what goes over a network, each for a collector. */
import { maskSecrets } from '../message/mask.js'
import { parseMessage } from '../message/parse.js'
import type { WireEvent } from '../transport/recording-network.js'
import { type CapturedMessage, hepPacket } from './hep.js'

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

/** Audio, STUN and DNS pass it by. Digest responses and keys are masked, as in captures. */
export class HepTap {
  readonly #o: HepTapOptions
  /** What is left of each stream, by connection and direction. */
  readonly #pending = new Map<string, Buffer>()

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
    if (data.length < SHORTEST_MESSAGE || !isSip(data)) return
    this.#tell(event, data, callIdOf(data, 'datagram'))
  }

  #segment(event: WireEvent, data: Buffer): void {
    const key = `${event.connection} ${event.direction}`
    const before = this.#pending.get(key)
    let pending = before === undefined ? data : Buffer.concat([before, data])
    while (pending.length > 0) {
      const { message, consumed } = parseMessage(pending, { mode: 'fast', framing: 'stream' })
      if (consumed === 0) break
      if (message !== undefined) {
        const whole = pending.subarray(0, consumed)
        this.#tell(event, whole, callIdOf(whole, 'stream'))
      }
      pending = pending.subarray(consumed)
    }
    if (pending.length === 0 || pending.length > MOST_PENDING_BYTES) this.#pending.delete(key)
    else this.#pending.set(key, Buffer.from(pending))
  }

  #tell({ at, direction, transport, local, remote }: WireEvent, bytes: Buffer, correlation: string): void {
    const [source, destination] = direction === 'out' ? [local, remote] : [remote, local]
    const captured: CapturedMessage = {
      transport,
      source,
      destination,
      at: this.#o.unixAt(at),
      payload: maskSecrets(bytes),
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

/** Empty where it has none that can be read. */
function callIdOf(bytes: Buffer, framing: 'datagram' | 'stream'): string {
  try {
    return parseMessage(bytes, { mode: 'fast', framing }).message?.callId ?? ''
  } catch {
    return ''
  }
}
