/** The bytes that a message was parsed from. */
import { isAscii } from 'node:buffer'

/** Buffers up to this size are looked at as a whole where a part would do. */
const SMALL = 4096

/**
 * What a message was parsed from: its bytes, and the same as a string with one character per byte, in which the header
 * fields are ranges.
 */
export class Source {
  // `declare`: the constructor alone writes them, once.
  declare readonly bytes: Buffer
  /** Offset in `bytes` of the first character of `text`, which is the first of the start line. */
  declare readonly base: number
  /** At least the start line and the header fields. */
  declare readonly text: string
  /** End of the start line with its line end, in `text`. */
  declare startLineEnd: number
  /** Where the body starts and ends, in `bytes`. */
  declare bodyStart: number
  declare bodyEnd: number
  declare private known: boolean | undefined

  constructor(bytes: Buffer, base: number, text: string) {
    this.bytes = bytes
    this.base = base
    this.text = text
    this.startLineEnd = 0
    this.bodyStart = bytes.length
    this.bodyEnd = bytes.length
    this.known = undefined
  }

  /** Is there no byte above 127, so that `text` is its own decoding? (False says nothing when the body has some.) */
  get ascii(): boolean {
    if (this.known === undefined) {
      const { bytes } = this
      this.known = isAscii(bytes.length <= SMALL ? bytes : bytes.subarray(this.base, this.bodyStart))
    }
    return this.known
  }
}
