/** Octets of MIKEY messages: everything in network byte order (RFC 3830 §6). */
import { MikeyError } from './mikey-error.js'

/** Takes fields off the front. @throws MikeyError where there are fewer octets than a field has */
export class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  take(octets: number): Buffer {
    if (octets > this.left)
      throw new MikeyError('malformed', `${octets} octets are due where ${this.left} are left`, 'RFC 3830 §6')
    this.#at += octets
    return this.#bytes.subarray(this.#at - octets, this.#at)
  }

  uint8(): number {
    return this.take(1).readUInt8()
  }

  uint16(): number {
    return this.take(2).readUInt16BE()
  }

  uint32(): number {
    return this.take(4).readUInt32BE()
  }
}

/** With its length in one octet before it. */
export const sized8 = (body: Buffer) => Buffer.concat([Buffer.from([body.length]), body])

/** With its length in two octets before it. */
export const sized16 = (body: Buffer) => Buffer.concat([Buffer.from([body.length >>> 8, body.length & 0xff]), body])
