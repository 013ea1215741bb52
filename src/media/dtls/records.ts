/**
 * The record layer (RFC 6347 §4.1): what is in a datagram, and what of it is believed.
 *
 *  0       1               3               5                       11              13
 *  +-------+---------------+---------------+-----------------------+---------------+----------
 *  | type  |    version    |     epoch     |    sequence number    |    length     | fragment …
 *  +-------+---------------+---------------+-----------------------+---------------+----------
 */
import { ReplayList } from '../srtp-stream.js'
import type { RecordCipher, RecordHeader } from './record-cipher.js'

export const ContentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const
export const DTLS_1_0 = 0xfeff
export const DTLS_1_2 = 0xfefd

const HEADER_BYTES = 13
/** RFC 6347 §4.1, RFC 5246 §6.2.3: 2^14, and 2048 for protection. */
const MOST_BYTES = 2 ** 14 + 2048
const MOST_SEQUENCE = 2 ** 48 - 1

export interface DtlsRecord extends RecordHeader {
  readonly body: Buffer
}

/** The records of a datagram, up to the first octets that are none. Copies nothing. */
export function parseRecords(datagram: Buffer): DtlsRecord[] {
  const records: DtlsRecord[] = []
  for (let at = 0; at + HEADER_BYTES <= datagram.length; ) {
    const type = datagram.readUInt8(at)
    const version = datagram.readUInt16BE(at + 1)
    const length = datagram.readUInt16BE(at + 11)
    const end = at + HEADER_BYTES + length
    if (type < 20 || type > 63 || version >>> 8 !== 0xfe || length > MOST_BYTES || end > datagram.length) break
    records.push({
      type,
      version,
      epoch: datagram.readUInt16BE(at + 3),
      sequence: datagram.readUIntBE(at + 5, 6),
      body: datagram.subarray(at + HEADER_BYTES, end),
    })
    at = end
  }
  return records
}

export function serializeRecord({ type, version, epoch, sequence, body }: DtlsRecord): Buffer {
  const record = Buffer.alloc(HEADER_BYTES + body.length)
  record.writeUInt8(type, 0)
  record.writeUInt16BE(version, 1)
  record.writeUInt16BE(epoch, 3)
  record.writeUIntBE(sequence, 5, 6)
  record.writeUInt16BE(body.length, 11)
  record.set(body, HEADER_BYTES)
  return record
}

/** What goes out, numbered and protected: epoch 0 in clear, epoch 1 with a cipher. */
export class RecordWriter {
  readonly #next = [0, 0]
  #cipher: RecordCipher | undefined

  protectWith(cipher: RecordCipher): void {
    this.#cipher = cipher
  }

  /** How many octets a record of so many has on the wire, at most. */
  size(epoch: 0 | 1, octets: number): number {
    return HEADER_BYTES + octets + (epoch === 1 ? (this.#cipher?.overhead ?? 0) : 0)
  }

  write(type: number, epoch: 0 | 1, plain: Buffer, version: number = DTLS_1_2): Buffer {
    const sequence = this.#next[epoch] ?? 0
    // RFC 6347 §4.1: never twice the same; 2^48 records are more than any call has.
    if (sequence > MOST_SEQUENCE) throw new RangeError('no sequence number is left')
    this.#next[epoch] = sequence + 1
    const header = { type, version, epoch, sequence }
    if (epoch === 0) return serializeRecord({ ...header, body: plain })
    if (this.#cipher === undefined) throw new RangeError('epoch 1 has no key yet')
    return serializeRecord({ ...header, body: this.#cipher.protect(header, plain) })
  }
}

/** Reads protected records: authentic ones, each once (RFC 6347 §4.1.2.6). */
export class RecordReader {
  readonly #cipher: RecordCipher
  readonly #seen = new ReplayList(127)

  constructor(cipher: RecordCipher) {
    this.#cipher = cipher
  }

  read(record: DtlsRecord): Buffer | undefined {
    if (this.#seen.judge(record.sequence) !== 'new') return undefined
    const plain = this.#cipher.unprotect(record, record.body)
    if (plain !== undefined) this.#seen.add(record.sequence)
    return plain
  }
}
