/**
 * Capture files of Wireshark (draft-ietf-opsawg-pcapng): blocks of several sections and interfaces, in both byte orders.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------------------------------------------------------+
 *   |                             type                              |
 *   +---------------------------------------------------------------+
 *   |                 length, these twelve included                 |
 *   +---------------------------------------------------------------+
 *   |   body …                    options …
 *   +---------------------------------------------------------------+
 *   |                         length, again                         |
 *   +---------------------------------------------------------------+
 */
import { type Packet, type PacketFile, TLS_IN_CLEAR } from './packet.js'
import type { Troubles } from './troubles.js'

const SECTION_HEADER = 0x0a0d0d0a
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
const INTERFACE = 1
const OBSOLETE_PACKET = 2
const SIMPLE_PACKET = 3
const ENHANCED_PACKET = 6
const JOURNAL = 9
const SECRETS = 10
/** `TLSK`: a Decryption Secrets Block with NSS key log lines. */
const TLS_KEY_LOG = 0x544c534b

const COMMENT = 1
const NAME = 2
const RESOLUTION = 9
const OFFSET = 14

interface Interface {
  readonly link: number
  readonly snap: number
  /** Ticks of a second. */
  readonly ticks: number
  /** Seconds to add. */
  readonly offset: number
  readonly tls: boolean
  readonly port: number
}

export const isPcapng = (file: Buffer): boolean => file.length >= 4 && file.readUInt32BE(0) === SECTION_HEADER

export function readPcapng(file: Buffer, troubles: Troubles): PacketFile {
  return new PcapngReader(file, troubles).read()
}

class PcapngReader {
  readonly #file: Buffer
  readonly #troubles: Troubles
  readonly #packets: Packet[] = []
  readonly #secrets: string[] = []
  #interfaces: Interface[] = []
  #ports = 0
  #little = true
  #frame = 0
  /** Simple Packet Blocks have no time: that of the packet before stands for theirs. */
  #last = 0

  constructor(file: Buffer, troubles: Troubles) {
    this.#file = file
    this.#troubles = troubles
  }

  read(): PacketFile {
    const file = this.#file
    let at = 0
    while (at < file.length) {
      const length = this.#blockLength(at)
      if (length === undefined) break
      // Some writers leave out the padding that the length says nothing of.
      const type = this.#word(at)
      this.#block(type, at, file.subarray(at + 8, at + length - 4))
      if (this.#word(at + length - 4) !== length)
        this.#troubles.add('A block has another length at its end than at its beginning.', { offset: at })
      at += length
    }
    return { packets: this.#packets, secrets: this.#secrets }
  }

  /** Undefined where nothing more can be read. */
  #blockLength(at: number): number | undefined {
    const file = this.#file
    const broken = (text: string): undefined => {
      this.#troubles.add(text, { offset: at, frame: this.#frame + 1 })
      return undefined
    }
    if (at + 12 > file.length) return broken('The file ends in the middle of a block.')
    if (file.readUInt32LE(at) === SECTION_HEADER) {
      const little = file.readUInt32LE(at + 8) === BYTE_ORDER_MAGIC
      if (!little && file.readUInt32BE(at + 8) !== BYTE_ORDER_MAGIC)
        return broken('A section does not say its byte order: the file is damaged from here on.')
      this.#little = little
    }
    const length = this.#word(at + 4)
    if (length < 12 || length % 4 !== 0)
      return broken('A block has an impossible length: the file is damaged from here on.')
    return at + length > file.length ? broken('The file ends in the middle of a block.') : length
  }

  #block(type: number, at: number, body: Buffer): void {
    if (type === SECTION_HEADER) this.#interfaces = []
    else if (type === INTERFACE) this.#describe(body, at)
    else if (type === ENHANCED_PACKET || type === OBSOLETE_PACKET) this.#packet(type, body, at)
    else if (type === SIMPLE_PACKET) this.#simple(body, at)
    else if (type === SECRETS) this.#decryption(body)
    else if (type === JOURNAL) this.#frame += 1
  }

  #describe(body: Buffer, at: number): void {
    const port = this.#ports++
    if (body.length < 8) {
      this.#troubles.add('An interface is not described.', { offset: at })
      this.#interfaces.push({ link: -1, snap: 0, ticks: 1e6, offset: 0, tls: false, port })
      return
    }
    let [ticks, offset, tls] = [1e6, 0, false]
    for (const [code, value] of this.#options(body.subarray(8))) {
      const [exponent] = value
      if (code === RESOLUTION && exponent !== undefined)
        ticks = exponent >= 128 ? 2 ** (exponent & 127) : 10 ** exponent
      else if (code === OFFSET && value.length >= 8)
        offset = Number(this.#little ? value.readBigInt64LE(0) : value.readBigInt64BE(0))
      else if (code === NAME) tls = textOf(value).endsWith(TLS_IN_CLEAR)
    }
    this.#interfaces.push({ link: this.#half(body, 0), snap: this.#word(4, body), ticks, offset, tls, port })
  }

  /** An Enhanced Packet Block and the older Packet Block differ in their first word: there a count of drops has half of it. */
  #packet(type: number, body: Buffer, at: number): void {
    const frame = ++this.#frame
    const captured = body.length < 20 ? Number.NaN : this.#word(12, body)
    if (!(20 + captured <= body.length)) {
      this.#troubles.add('A packet is longer than its block.', { frame, offset: at })
      return
    }
    const number = type === ENHANCED_PACKET ? this.#word(0, body) : this.#half(body, 0)
    const on = this.#interfaces[number]
    if (on === undefined) {
      this.#troubles.add('A packet names an interface that the file does not describe.', { frame, offset: at })
      return
    }
    this.#last = timeOf(this.#word(4, body), this.#word(8, body), on)
    this.#add(frame, on, body.subarray(20, 20 + captured), this.#word(16, body), body.subarray(20 + padded(captured)))
  }

  #simple(body: Buffer, at: number): void {
    const frame = ++this.#frame
    const [on] = this.#interfaces
    if (on === undefined || body.length < 4) {
      this.#troubles.add('A packet names an interface that the file does not describe.', { frame, offset: at })
      return
    }
    const original = this.#word(0, body)
    const captured = Math.min(original, on.snap === 0 ? original : on.snap, body.length - 4)
    this.#add(frame, on, body.subarray(4, 4 + captured), original)
  }

  #add(frame: number, on: Interface, data: Buffer, original: number, options?: Buffer): void {
    const comment = options && options.length > 4 ? this.#comment(options) : ''
    this.#packets.push({
      frame,
      at: this.#last,
      link: on.link,
      data,
      cut: Math.max(0, original - data.length),
      port: on.port,
      tls: on.tls,
      ...(comment === '' ? {} : { comment }),
    })
  }

  #comment(options: Buffer): string {
    const texts: string[] = []
    for (const [code, value] of this.#options(options)) if (code === COMMENT) texts.push(textOf(value))
    return texts.join('\n')
  }

  #decryption(body: Buffer): void {
    if (body.length < 8 || this.#word(0, body) !== TLS_KEY_LOG) return
    this.#secrets.push(body.toString('latin1', 8, Math.min(body.length, 8 + this.#word(4, body))))
  }

  *#options(bytes: Buffer): Generator<readonly [number, Buffer]> {
    let at = 0
    while (at + 4 <= bytes.length) {
      const code = this.#half(bytes, at)
      const length = this.#half(bytes, at + 2)
      if (code === 0 || at + 4 + length > bytes.length) return
      yield [code, bytes.subarray(at + 4, at + 4 + length)]
      at += 4 + padded(length)
    }
  }

  #word(at: number, from = this.#file): number {
    return this.#little ? from.readUInt32LE(at) : from.readUInt32BE(at)
  }

  #half(from: Buffer, at: number): number {
    return this.#little ? from.readUInt16LE(at) : from.readUInt16BE(at)
  }
}

/** Unix milliseconds. */
function timeOf(high: number, low: number, { ticks, offset }: Interface): number {
  const exact = high * 2 ** 32 + low
  if (exact <= Number.MAX_SAFE_INTEGER && ticks >= 1000) return offset * 1000 + exact / (ticks / 1000)
  if (!Number.isSafeInteger(ticks)) return offset * 1000 + (exact / ticks) * 1000
  // Nanoseconds since 1970 are more than a double has digits for: whole seconds first.
  const all = (BigInt(high) << 32n) | BigInt(low)
  const each = BigInt(ticks)
  return (offset + Number(all / each)) * 1000 + (Number(all % each) / ticks) * 1000
}

/** The strings of options have no end mark, and some writers add one. */
const textOf = (value: Buffer): string => value.toString('utf8').replace(/\0+$/, '')

const padded = (length: number): number => Math.ceil(length / 4) * 4
