/** Opens the records of one direction of a TLS connection (RFC 5246 §6.2.3, RFC 8446 §5.2). */
import { createDecipheriv, createHmac, type CipherCCMTypes, type CipherGCMTypes } from 'node:crypto'
import { type Keys, TLS_1_0, TLS_1_3 } from './keys.js'
import type { Suite } from './suites.js'

export interface TlsRecord {
  readonly type: number
  readonly version: number
  readonly fragment: Buffer
}

export interface Opened {
  readonly type: number
  readonly data: Buffer
}

export class RecordCipher {
  readonly #suite: Suite
  readonly #keys: Keys
  readonly #version: number
  readonly #macFirst: boolean
  /** Of the next record. */
  #sequence = 0
  /** TLS 1.0 goes on with the last block of the record before (RFC 2246). */
  #chained: Buffer

  /** @param encryptThenMac RFC 7366 was agreed on */
  constructor(version: number, suite: Suite, keys: Keys, encryptThenMac = false) {
    this.#version = version
    this.#suite = suite
    this.#keys = keys
    this.#macFirst = encryptThenMac
    this.#chained = keys.iv
  }

  /** Undefined where it cannot be opened: then nothing has changed. @param ahead so many records were missed */
  open(record: TlsRecord, ahead = 0): Opened | undefined {
    const sequence = Buffer.alloc(8)
    sequence.writeUInt32BE(Math.floor((this.#sequence + ahead) / 2 ** 32), 0)
    sequence.writeUInt32BE((this.#sequence + ahead) % 2 ** 32, 4)
    try {
      const opened = this.#suite.mode === 'cbc' ? this.#openCbc(record, sequence) : this.#openAead(record, sequence)
      if (opened) this.#sequence += ahead + 1
      return opened
    } catch {
      // What OpenSSL says of a tag that does not fit, or of lengths that cannot be.
      return undefined
    }
  }

  #openAead(record: TlsRecord, sequence: Buffer): Opened | undefined {
    const { fragment, type } = record
    const { mode, cipher, tagBytes } = this.#suite
    const isNew = this.#version === TLS_1_3
    // RFC 5288 §3, RFC 6655: half of the nonce stands before the text; of all others it is the sequence number.
    const explicit = !isNew && mode !== 'chacha' ? 8 : 0
    if (fragment.length < explicit + tagBytes) return undefined
    const nonce =
      explicit > 0 ? Buffer.concat([this.#keys.iv, fragment.subarray(0, 8)]) : mixed(this.#keys.iv, sequence)
    const text = fragment.subarray(explicit, fragment.length - tagBytes)
    const about = isNew ? header(record, fragment.length) : Buffer.concat([sequence, header(record, text.length)])
    const plain = decrypted(mode, cipher, this.#keys.key, nonce, {
      text,
      about,
      tag: fragment.subarray(fragment.length - tagBytes),
    })
    if (!isNew) return { type, data: plain }
    // RFC 8446 §5.4: zeros are padding, and before them stands the type.
    let end = plain.length
    while (end > 0 && plain[end - 1] === 0) end--
    const inner = plain[end - 1]
    return inner === undefined ? undefined : { type: inner, data: plain.subarray(0, end - 1) }
  }

  #openCbc(record: TlsRecord, sequence: Buffer): Opened | undefined {
    const { fragment } = record
    const { cipher, mac = 'sha1' } = this.#suite
    const macBytes = this.#keys.mac.length
    const blockBytes = cipher.startsWith('des') ? 8 : 16
    const chained = this.#version === TLS_1_0
    const text = this.#macFirst ? fragment.subarray(0, fragment.length - macBytes) : fragment
    const iv = chained ? this.#chained : text.subarray(0, blockBytes)
    const decipher = createDecipheriv(cipher, this.#keys.key, iv).setAutoPadding(false)
    const plain = Buffer.concat([decipher.update(chained ? text : text.subarray(blockBytes)), decipher.final()])
    const padding = plain.at(-1)
    if (padding === undefined) return undefined
    const end = plain.length - padding - 1 - (this.#macFirst ? 0 : macBytes)
    if (end < 0) return undefined
    const data = plain.subarray(0, end)
    // RFC 7366: the MAC is made of what was encrypted, else of the text.
    const covered = this.#macFirst ? text : data
    const expected = createHmac(mac, this.#keys.mac)
      .update(sequence)
      .update(header(record, covered.length))
      .update(covered)
      .digest()
    const found = this.#macFirst ? fragment.subarray(text.length) : plain.subarray(end, end + macBytes)
    if (!expected.equals(found)) return undefined
    if (chained) this.#chained = text.subarray(text.length - blockBytes)
    return { type: record.type, data }
  }
}

function header({ type, version }: TlsRecord, length: number): Buffer {
  return Buffer.from([type, version >> 8, version & 255, length >> 8, length & 255])
}

/** RFC 8446 §5.3, RFC 7905 */
function mixed(iv: Buffer, sequence: Buffer): Buffer {
  const nonce = Buffer.from(iv)
  for (let i = 0; i < 8; i++) nonce[4 + i] = (nonce[4 + i] ?? 0) ^ (sequence[i] ?? 0)
  return nonce
}

interface Sealed {
  readonly text: Buffer
  readonly about: Buffer
  readonly tag: Buffer
}

function decrypted(mode: string, name: string, key: Buffer, nonce: Buffer, { text, about, tag }: Sealed): Buffer {
  const options = { authTagLength: tag.length }
  if (mode === 'ccm') {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table of suites has no others
    const decipher = createDecipheriv(name as CipherCCMTypes, key, nonce, options)
    decipher.setAuthTag(tag)
    decipher.setAAD(about, { plaintextLength: text.length })
    const plain = decipher.update(text)
    decipher.final()
    return plain
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table of suites has no others
  const decipher = createDecipheriv(name as CipherGCMTypes, key, nonce, options)
  decipher.setAuthTag(tag)
  decipher.setAAD(about)
  return Buffer.concat([decipher.update(text), decipher.final()])
}
