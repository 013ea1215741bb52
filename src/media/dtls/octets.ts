/** Reading and writing of TLS presentation language (RFC 5246 §4): numbers big-endian, vectors with their length in front. */
import { DtlsFault } from './alert.js'

export const uint8 = (value: number): Buffer => Buffer.from([value])
export const uint16 = (value: number): Buffer => Buffer.from([value >>> 8, value & 0xff])
export const uint24 = (value: number): Buffer => Buffer.from([value >>> 16, (value >>> 8) & 0xff, value & 0xff])
/** Vectors with a length of one, two or three octets. */
export const vector8 = (body: Uint8Array): Buffer => Buffer.concat([uint8(body.length), body])
export const vector16 = (body: Uint8Array): Buffer => Buffer.concat([uint16(body.length), body])
export const vector24 = (body: Uint8Array): Buffer => Buffer.concat([uint24(body.length), body])

/** Reads a message from its beginning to its end. Throws DtlsFault `decode_error` where it is too short. */
export class OctetReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  take(count: number): Buffer {
    if (this.left < count) throw new DtlsFault('decode_error', `a message ends ${count - this.left} octets too early`)
    const taken = this.#bytes.subarray(this.#at, this.#at + count)
    this.#at += count
    return taken
  }

  number(octets: 1 | 2 | 3): number {
    return this.take(octets).readUIntBE(0, octets)
  }

  /** A vector whose length has so many octets. */
  vector(octets: 1 | 2 | 3): Buffer {
    return this.take(this.number(octets))
  }

  /** A vector of numbers of two octets. */
  numbers(octets: 1 | 2 | 3): number[] {
    const body = this.vector(octets)
    if (body.length % 2 !== 0) throw new DtlsFault('decode_error', 'a list of two-octet values has an odd length')
    return Array.from({ length: body.length / 2 }, (_, index) => body.readUInt16BE(2 * index))
  }

  /** @throws DtlsFault `decode_error` where octets are left over */
  end(): void {
    if (this.left > 0) throw new DtlsFault('decode_error', `${this.left} octets after the end of a message`)
  }
}
