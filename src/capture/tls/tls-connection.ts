/**
 * One TLS connection of a capture, from 1.0 to 1.3: records put together, handshakes read, what secrets open opened. Sessions that are resumed,
 * renegotiated or given new keys (KeyUpdate) go on; after a gap the next record that opens is looked for.
 */
import {
  type ClientHello,
  isKnownVersion,
  readClientHello,
  readServerHello,
  type ServerHello,
  ticketOf,
} from './hellos.js'
import { keysOf, type Keys, nextSecret, TLS_1_3, trafficKeys } from './keys.js'
import { type Opened, RecordCipher, type TlsRecord } from './record-cipher.js'
import type { Secrets } from './secrets.js'
import { type Suite, suiteOf } from './suites.js'

const CHANGE_CIPHER_SPEC = 20
const ALERT = 21
const HANDSHAKE = 22
const APPLICATION_DATA = 23

const CLIENT_HELLO = 1
const SERVER_HELLO = 2
const SESSION_TICKET = 4
const KEY_UPDATE = 24

const HEADER = 5
/** RFC 5246 §6.2.3: no record is longer. */
const MOST_IN_RECORD = 16_384 + 2048
/** Hellos are a few hundred bytes, chains of certificates some thousand. */
const MOST_IN_HANDSHAKE = 256 * 1024
/** Records that may have been missed in a gap. */
const MOST_MISSED = 32
/** Beginnings of records that are tried after gaps before one is found, each with all numbers it may have. */
const MOST_TRIES = 40
/** Encrypted records of a handshake for which no secret is there, before those of which there is one. */
const MOST_SKIPPED = 40

/** What can be told of a record. */
export type TlsContent = 'nothing' | 'unreadable' | Buffer

/** Keys that follow each other (RFC 8446 §7.1): of early data, of the handshake, of the application. */
interface Epoch {
  readonly secret: Buffer
  readonly cipher: RecordCipher
}

interface Direction {
  held: Buffer
  handshake: Buffer
  cipher: RecordCipher | undefined
  /** Keys that ChangeCipherSpec turns on. */
  next: RecordCipher | undefined
  /** The next of TLS 1.3; the present one first. */
  epochs: Epoch[]
  /** So many records were not opened before the first that was. */
  skipped: number
  encrypted: boolean
  /** Bytes are missing: records begin anywhere. */
  lost: boolean
  tries: number
  unreadable: boolean
}

const direction = (): Direction => ({
  held: Buffer.alloc(0),
  handshake: Buffer.alloc(0),
  cipher: undefined,
  next: undefined,
  epochs: [],
  skipped: 0,
  encrypted: false,
  lost: false,
  tries: 0,
  unreadable: false,
})

export class TlsConnection {
  readonly #secrets: Secrets
  readonly #directions = [direction(), direction()] as const
  #client: ClientHello | undefined
  #clientSide: 0 | 1 = 0
  #server: ServerHello | undefined
  #suite: Suite | undefined
  #master: Buffer | undefined

  constructor(secrets: Secrets) {
    this.#secrets = secrets
  }

  /** @returns what the records say that are whole now */
  add(side: 0 | 1, bytes: Buffer): TlsContent[] {
    const d = this.#directions[side]
    if (d.unreadable) return []
    d.held = d.held.length === 0 ? bytes : Buffer.concat([d.held, bytes])
    const found: TlsContent[] = []
    for (let record = this.#record(d); record !== undefined; record = this.#record(d)) {
      const content = this.#read(side, d, record)
      if (content !== 'nothing') found.push(content)
    }
    if (d.unreadable) {
      if (!found.includes('unreadable')) found.push('unreadable')
      d.held = Buffer.alloc(0)
    }
    return found
  }

  gap(side: 0 | 1): void {
    const d = this.#directions[side]
    d.held = Buffer.alloc(0)
    d.handshake = Buffer.alloc(0)
    d.lost = true
  }

  /** Takes the next whole record off. */
  #record(d: Direction): TlsRecord | undefined {
    if (d.unreadable) return undefined
    if (d.lost && !this.#search(d)) return undefined
    const { held } = d
    if (held.length < HEADER) return undefined
    const length = held.readUInt16BE(3)
    if (!looksLikeRecord(held, 0)) {
      d.unreadable = true
      return undefined
    }
    if (held.length < HEADER + length) return undefined
    d.held = held.subarray(HEADER + length)
    return { type: held.readUInt8(0), version: held.readUInt16BE(1), fragment: held.subarray(HEADER, HEADER + length) }
  }

  /** After a gap: passes over the rest of a record of which the beginning is missing. */
  #search(d: Direction): boolean {
    const { held } = d
    let at = 0
    while (at + HEADER <= held.length && !looksLikeRecord(held, at)) at++
    d.held = held.subarray(at)
    return d.held.length >= HEADER
  }

  #read(side: 0 | 1, d: Direction, record: TlsRecord): TlsContent {
    const isNew = this.#server?.version === TLS_1_3
    if (record.type === CHANGE_CIPHER_SPEC) {
      // RFC 8446 §D.4: without meaning there.
      if (!isNew && !d.lost) this.#change(d)
      return 'nothing'
    }
    const isSealed = isNew ? record.type === APPLICATION_DATA : d.encrypted || record.type === APPLICATION_DATA
    if (!isSealed) {
      if (d.lost) return 'nothing'
      if (record.type === HANDSHAKE) this.#handshake(side, d, record.fragment)
      return 'nothing'
    }
    // RFC 8446 §2.3: early data, before it is known what was agreed on.
    if (this.#client && !this.#server) return 'nothing'
    const opened = isNew ? openNew(d, record) : openOld(d, record)
    if (opened === undefined) return notOpened(d, record)
    d.lost = false
    d.tries = 0
    if (opened.type === HANDSHAKE) this.#handshake(side, d, opened.data)
    // RFC 5246 §6.2.1: empty ones are sent to hide how long others are.
    return opened.type === APPLICATION_DATA && opened.data.length > 0 ? opened.data : 'nothing'
  }

  #change(d: Direction): void {
    d.encrypted = true
    d.cipher = d.next
    d.next = undefined
  }

  #handshake(side: 0 | 1, d: Direction, bytes: Buffer): void {
    d.handshake = Buffer.concat([d.handshake, bytes])
    while (d.handshake.length >= 4) {
      const length = d.handshake.readUIntBE(1, 3)
      if (length > MOST_IN_HANDSHAKE) d.handshake = Buffer.alloc(0)
      if (d.handshake.length < 4 + length) return
      const [type, body] = [d.handshake[0] ?? 0, d.handshake.subarray(4, 4 + length)]
      d.handshake = d.handshake.subarray(4 + length)
      try {
        this.#message(side, d, type, body)
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
      }
    }
  }

  #message(side: 0 | 1, d: Direction, type: number, body: Buffer): void {
    if (type === CLIENT_HELLO) {
      this.#client = readClientHello(body)
      this.#clientSide = side
    } else if (type === SERVER_HELLO) {
      const hello = readServerHello(body)
      if (!hello.retry) this.#agreed(hello)
    } else if (type === SESSION_TICKET && this.#server?.version !== TLS_1_3) {
      if (this.#master) this.#secrets.remember(ticketOf(body), this.#master)
    } else if (type === KEY_UPDATE && this.#server?.version === TLS_1_3 && this.#suite) {
      const [present] = d.epochs
      if (present) d.epochs = [epoch(this.#suite, nextSecret(this.#suite, present.secret))]
    }
  }

  #agreed(hello: ServerHello): void {
    this.#server = hello
    this.#suite = suiteOf(hello.suite)
    const [client, suite] = [this.#client, this.#suite]
    if (!client || !suite || !isKnownVersion(hello.version)) return
    const ofClient = this.#directions[this.#clientSide]
    const ofServer = this.#directions[this.#clientSide === 0 ? 1 : 0]
    if (hello.version === TLS_1_3) {
      const epochs = (...labels: string[]): Epoch[] =>
        labels.flatMap((label) => {
          const secret = this.#secrets.of(label, client.random)
          return secret ? [epoch(suite, secret)] : []
        })
      ofClient.epochs = epochs(
        'CLIENT_EARLY_TRAFFIC_SECRET',
        'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
        'CLIENT_TRAFFIC_SECRET_0',
      )
      ofServer.epochs = epochs('SERVER_HANDSHAKE_TRAFFIC_SECRET', 'SERVER_TRAFFIC_SECRET_0')
      return
    }
    const master =
      this.#secrets.of('CLIENT_RANDOM', client.random) ?? this.#secrets.resumed(hello.session, client.ticket)
    this.#master = master
    if (!master) return
    this.#secrets.remember(hello.session, master)
    const keys = keysOf(hello.version, suite, master, client.random, hello.random)
    const made = (of: Keys): RecordCipher => new RecordCipher(hello.version, suite, of, hello.encryptThenMac)
    ofClient.next = made(keys.client)
    ofServer.next = made(keys.server)
  }
}

const epoch = (suite: Suite, secret: Buffer): Epoch => ({
  secret,
  cipher: new RecordCipher(TLS_1_3, suite, trafficKeys(suite, secret)),
})

function openOld(d: Direction, record: TlsRecord): Opened | undefined {
  return d.cipher && openedBy(d, d.cipher, record)
}

/** Which keys a record has is not said: those of now, or the next. */
function openNew(d: Direction, record: TlsRecord): Opened | undefined {
  for (const [i, { cipher }] of d.epochs.entries()) {
    const opened = openedBy(d, cipher, record)
    if (opened === undefined) continue
    d.epochs = d.epochs.slice(i)
    return opened
  }
  return undefined
}

function openedBy({ lost }: Direction, cipher: RecordCipher, record: TlsRecord): Opened | undefined {
  for (let ahead = 0; ahead <= (lost ? MOST_MISSED : 0); ahead++) {
    const opened = cipher.open(record, ahead)
    if (opened) return opened
  }
  return undefined
}

/** What comes of a record that no key opens. */
function notOpened(d: Direction, record: TlsRecord): TlsContent {
  if (d.cipher === undefined && d.epochs.length === 0) {
    // The alert that ends a connection is no content.
    if (record.type === ALERT || record.type === HANDSHAKE) return 'nothing'
    d.unreadable = true
    return 'unreadable'
  }
  if (d.lost) {
    d.tries += 1
    // It only looked like a record: the next may begin within it.
    d.held = Buffer.concat([record.fragment, d.held])
    d.unreadable = d.tries > MOST_TRIES
    return 'nothing'
  }
  d.skipped += 1
  d.unreadable = d.cipher !== undefined || d.skipped > MOST_SKIPPED
  return 'nothing'
}

/** RFC 8446 §5.1: type, version 3.x, length. */
export function looksLikeRecord(bytes: Buffer, at: number): boolean {
  const [type = 0, major, minor = 9] = [bytes[at], bytes[at + 1], bytes[at + 2]]
  if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA || major !== 3 || minor > 4) return false
  return bytes.length < at + HEADER || bytes.readUInt16BE(at + 3) <= MOST_IN_RECORD
}
