/**
 * Bencoding, in which rtpengine's control protocol speaks (BEP 3): `i42e`, `4:text`, `l…e`, `d4:key…e`. Text is UTF-8; decision 0030
 * says why this is no library.
 */

/** A whole number, a text, a list or a dictionary. A Map, since keys come from the network. */
export type Bencoded = number | string | readonly Bencoded[] | ReadonlyMap<string, Bencoded>

/** What was received is no bencoding. */
export class BencodeError extends Error {
  /** @param at octets before the place @param expected in words */
  constructor(at: number, expected: string) {
    super(`expected ${expected} at octet ${at}`)
    this.name = 'BencodeError'
  }
}

/** An answer of rtpengine is three deep. */
const DEEPEST = 32
const [LETTER_D, LETTER_E, LETTER_I, LETTER_L, COLON] = [0x64, 0x65, 0x69, 0x6c, 0x3a]

/** Dictionaries are written with their keys in the order of their octets. @throws RangeError for a number that is not whole */
export function encodeBencode(value: Bencoded): Buffer {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number that can be written`)
    return Buffer.from(`i${value}e`.replace('i-0e', 'i0e'))
  }
  if (typeof value === 'string') return Buffer.concat([Buffer.from(`${Buffer.byteLength(value)}:`), Buffer.from(value)])
  const parts = isDictionary(value)
    ? [...value]
        .map(([key, item]) => ({ key: Buffer.from(key), text: key, item }))
        .toSorted((a, b) => a.key.compare(b.key))
        .flatMap(({ text, item }) => [encodeBencode(text), encodeBencode(item)])
    : value.map(encodeBencode)
  return Buffer.concat([Buffer.from(isDictionary(value) ? 'd' : 'l'), ...parts, Buffer.from('e')])
}

/** Reads one value and nothing after it. Keys may come in any order, as rtpengine sends them. @throws BencodeError */
export function decodeBencode(bytes: Buffer): Bencoded {
  const reader = new Reader(bytes)
  const value = reader.value(0)
  reader.end()
  return value
}

export const isDictionary = (value: Bencoded | undefined): value is ReadonlyMap<string, Bencoded> =>
  value instanceof Map

class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  value(depth: number): Bencoded {
    if (depth > DEEPEST) throw new BencodeError(this.#at, `no more than ${DEEPEST} values within each other`)
    const first = this.#bytes[this.#at]
    if (first === LETTER_L) return this.#list(depth)
    if (first === LETTER_D) return this.#dictionary(depth)
    if (first !== LETTER_I) return this.#text()
    this.#at += 1
    return this.#number(LETTER_E, /^(?:0|-?[1-9]\d{0,19})$/)
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new BencodeError(this.#at, 'nothing more')
  }

  #list(depth: number): Bencoded[] {
    const items: Bencoded[] = []
    this.#at += 1
    while (!this.#closes()) items.push(this.value(depth + 1))
    return items
  }

  #dictionary(depth: number): Map<string, Bencoded> {
    const entries = new Map<string, Bencoded>()
    this.#at += 1
    while (!this.#closes()) {
      const key = this.#text()
      entries.set(key, this.value(depth + 1))
    }
    return entries
  }

  #closes(): boolean {
    if (this.#bytes[this.#at] !== LETTER_E) return false
    this.#at += 1
    return true
  }

  #text(): string {
    const length = this.#number(COLON, /^(?:0|[1-9]\d{0,8})$/)
    if (this.#at + length > this.#bytes.length) throw new BencodeError(this.#at, `${length} octets`)
    const text = this.#bytes.toString('utf8', this.#at, this.#at + length)
    this.#at += length
    return text
  }

  /** Beyond 2^53 the nearest number that there is: counters of octets may get there. */
  #number(until: number, form: RegExp): number {
    const from = this.#at
    const end = this.#bytes.indexOf(until, from)
    // The longest number is 20 digits and a sign.
    const digits = end < 0 || end - from > 21 ? '' : this.#bytes.toString('latin1', from, end)
    if (!form.test(digits)) throw new BencodeError(from, 'a number')
    this.#at = end + 1
    return Number(digits)
  }
}
