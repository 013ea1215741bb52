/** Finds the messages in a stream of bytes (RFC 3261 §18.3, §7.5; keep-alives of RFC 5626 §4.4.1). */

const CR = 13
const LF = 10
const EMPTY = Buffer.alloc(0)

export interface FramerLimits {
  /** Start line and header fields, bytes. */
  readonly header: number
  /** Content-Length, bytes. */
  readonly body: number
}

export const DEFAULT_LIMITS: FramerLimits = { header: 65_536, body: 1_048_576 }

/** Why a stream can no longer be read: where its next message begins is unknown. */
export interface FramingFault {
  readonly code:
    | 'stream-not-sip'
    | 'stream-header-too-long'
    | 'stream-body-too-long'
    | 'content-length-malformed'
    | 'content-length-repeated'
  readonly rule: string
  readonly expected: string
  readonly actual: string
}

/** What a framer finds, in the order of the stream. */
export interface FramerSink {
  /** One whole message, header and body. Valid for good: the bytes are not written to again. */
  message(bytes: Buffer): void
  /** CRLFCRLF between messages (RFC 5626 §4.4.1). */
  ping(): void
  /** CRLF between messages while a ping of ours is unanswered. */
  pong(): void
  /** The end of it: what comes later is ignored. `bytes` is what was not understood. */
  broken(fault: FramingFault, bytes: Buffer): void
}

export class StreamFramer {
  readonly #sink: FramerSink
  readonly #limits: FramerLimits
  /** Bytes of an unfinished message; its first byte is the message's first. */
  #pending: Buffer = EMPTY
  #pendingLength = 0
  /** How far the end of the header was looked for. */
  #scanned = 0
  /** Length of the whole unfinished message, 0 while its header is unfinished. */
  #wanted = 0
  /** The bytes of CRLFCRLF seen since the last message or ping: 0 to 3. */
  #crlf = 0
  #awaitedPongs = 0
  #ended = false

  constructor(sink: FramerSink, limits: FramerLimits = DEFAULT_LIMITS) {
    this.#sink = sink
    this.#limits = limits
  }

  /** Bytes of an unfinished message that are waiting for the rest. */
  get buffered(): number {
    return this.#pendingLength
  }

  /** We sent CRLFCRLF: the next CRLF is its answer, and not half a ping. */
  expectPong(): void {
    this.#awaitedPongs++
  }

  /** Takes the next bytes of the stream; they must not be changed afterwards. */
  push(data: Buffer): void {
    let rest = data
    while (rest.length > 0 && !this.#ended) rest = this.#pendingLength > 0 ? this.#extend(rest) : this.#begin(rest)
  }

  /** No unfinished message: skip line ends, then take whole messages straight from the segment. Returns the unread rest. */
  #begin(data: Buffer): Buffer {
    let at = 0
    // RFC 3261 §7.5: CRLFs before a start line are ignored.
    for (; at < data.length; at++) {
      const byte = data[at]
      if (byte === LF) this.#lineEnd()
      else if (byte === CR) this.#crlf = this.#crlf === 2 ? 3 : 1
      else break
    }
    if (at === data.length) return EMPTY
    this.#crlf = 0
    const message = at === 0 ? data : data.subarray(at)
    if (!isTokenByte(message[0] ?? 0)) {
      return this.#fail(
        'stream-not-sip',
        'RFC 3261 §7.1',
        'a start line',
        `byte 0x${(message[0] ?? 0).toString(16).padStart(2, '0')}`,
        message,
      )
    }
    this.#scanned = 0
    this.#wanted = 0
    const length = this.#measure(message, message.length)
    if (this.#ended) return EMPTY
    if (length > 0 && length <= message.length) return this.#deliver(message, length)
    this.#pending = Buffer.from(message)
    this.#pendingLength = message.length
    return EMPTY
  }

  /** RFC 5626 §4.4.1: a double CRLF is a ping, a single one the answer to ours. */
  #lineEnd(): void {
    // A lone LF is nobody's rule, but it does no harm between messages.
    if (this.#crlf === 3) {
      this.#crlf = 0
      this.#sink.ping()
    } else if (this.#crlf === 1) {
      this.#crlf = 2
      if (this.#awaitedPongs === 0) return
      this.#awaitedPongs--
      this.#crlf = 0
      this.#sink.pong()
    }
  }

  /** An unfinished message goes on. Returns the unread rest. */
  #extend(data: Buffer): Buffer {
    const before = this.#pendingLength
    // Once the length is known, no byte beyond it is copied.
    const take = this.#wanted > 0 ? Math.min(data.length, this.#wanted - before) : data.length
    this.#reserve(before + take)
    data.copy(this.#pending, before, 0, take)
    this.#pendingLength = before + take
    const length = this.#measure(this.#pending, this.#pendingLength)
    if (this.#ended) return EMPTY
    if (length === 0 || length > this.#pendingLength) return take < data.length ? data.subarray(take) : EMPTY
    const bytes = this.#pending
    // What was copied beyond the end of this message is read from the segment again.
    const used = length - before
    this.#pending = EMPTY
    this.#pendingLength = 0
    this.#deliver(bytes, length)
    return used < data.length ? data.subarray(used) : EMPTY
  }

  #deliver(bytes: Buffer, length: number): Buffer {
    this.#scanned = 0
    this.#wanted = 0
    this.#sink.message(bytes.length === length ? bytes : bytes.subarray(0, length))
    return bytes.subarray(length)
  }

  /** The length of the message at the start of `bytes`, 0 while that is unknown. */
  #measure(bytes: Buffer, filled: number): number {
    if (this.#wanted > 0) return this.#wanted
    const found = bytes.indexOf('\r\n\r\n', this.#scanned, 'latin1')
    const end = found >= 0 && found + 4 <= filled ? found + 4 : 0
    if (end === 0 ? filled > this.#limits.header : end > this.#limits.header) {
      this.#fail(
        'stream-header-too-long',
        'RFC 3261 §18.3',
        `header fields of at most ${this.#limits.header} bytes`,
        `${end === 0 ? filled : end} bytes`,
        bytes.subarray(0, filled),
      )
      return 0
    }
    if (end === 0) {
      this.#scanned = Math.max(0, filled - 3)
      return 0
    }
    const body = this.#contentLength(bytes, end)
    if (body < 0) return 0
    this.#wanted = end + body
    // The rest of a large message is collected in one buffer of the right size.
    if (this.#pendingLength > 0) this.#reserve(this.#wanted)
    return this.#wanted
  }

  /** Reads Content-Length from the header that ends at `end`. 0 when absent (the parser names that), -1 when broken. */
  #contentLength(bytes: Buffer, end: number): number {
    let value = -1
    for (let line = bytes.indexOf(LF) + 1; line > 0 && line < end - 2; line = bytes.indexOf(LF, line) + 1) {
      const initial = (bytes[line] ?? 0) | 0x20
      if (initial !== 0x63 && initial !== 0x6c) continue
      const start = valueStart(bytes, line, end)
      if (start < 0) continue
      const digits = readDigits(bytes, start, end)
      if (digits === undefined) {
        const lineEnd = bytes.indexOf(CR, start)
        const actual = bytes.toString('latin1', start, Math.min(lineEnd < 0 ? end : lineEnd, start + 40))
        this.#fail('content-length-malformed', 'RFC 3261 §20.14', 'a number of bytes', actual, bytes.subarray(0, end))
        return -1
      }
      if (value >= 0 && value !== digits) {
        this.#fail(
          'content-length-repeated',
          'RFC 3261 §20.14',
          'one Content-Length',
          `${value} and ${digits}`,
          bytes.subarray(0, end),
        )
        return -1
      }
      value = digits
    }
    if (value > this.#limits.body) {
      this.#fail(
        'stream-body-too-long',
        'RFC 3261 §18.3',
        `a body of at most ${this.#limits.body} bytes`,
        `Content-Length: ${value}`,
        bytes.subarray(0, end),
      )
      return -1
    }
    return Math.max(0, value)
  }

  #reserve(size: number): void {
    if (this.#pending.length >= size) return
    const larger = Buffer.allocUnsafeSlow(Math.max(size, this.#pending.length * 2))
    this.#pending.copy(larger, 0, 0, this.#pendingLength)
    this.#pending = larger
  }

  #fail(code: FramingFault['code'], rule: string, expected: string, actual: string, bytes: Buffer): Buffer {
    this.#ended = true
    this.#pending = EMPTY
    this.#pendingLength = 0
    this.#sink.broken({ code, rule, expected, actual }, bytes)
    return EMPTY
  }
}

const CONTENT_LENGTH = Buffer.from('content-length')

/** Where the value begins if the line is Content-Length (`l` for short), else -1. White space may surround the colon. */
function valueStart(bytes: Buffer, line: number, end: number): number {
  let at = line
  while (at < end && isNameByte(bytes[at] ?? 0)) at++
  const length = at - line
  if (length === 1) {
    if (((bytes[line] ?? 0) | 0x20) !== 0x6c) return -1
  } else if (length === CONTENT_LENGTH.length) {
    for (let i = 0; i < length; i++) {
      const byte = bytes[line + i] ?? 0
      if ((byte === 0x2d ? byte : byte | 0x20) !== CONTENT_LENGTH[i]) return -1
    }
  } else {
    return -1
  }
  while (bytes[at] === 0x20 || bytes[at] === 0x09) at++
  if (bytes[at] !== 0x3a) return -1
  return skipSpace(bytes, at + 1, end)
}

/** Skips blanks and folded line ends (RFC 3261 §7.3.1). */
function skipSpace(bytes: Buffer, from: number, end: number): number {
  let at = from
  for (; at < end; at++) {
    const byte = bytes[at]
    if (byte === 0x20 || byte === 0x09) continue
    if (byte === CR && bytes[at + 1] === LF && (bytes[at + 2] === 0x20 || bytes[at + 2] === 0x09)) {
      at += 2
      continue
    }
    break
  }
  return at
}

function readDigits(bytes: Buffer, start: number, end: number): number | undefined {
  let value = 0
  let at = start
  for (; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30
    if (digit < 0 || digit > 9) break
    // Beyond any limit it only has to stay a large number.
    if (value < 1e12) value = value * 10 + digit
  }
  if (at === start) return undefined
  at = skipSpace(bytes, at, end)
  return bytes[at] === CR || bytes[at] === LF ? value : undefined
}

function isNameByte(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x2d
}

/** RFC 3261 §25.1 `token`: what a method or `SIP/2.0` may begin with. */
function isTokenByte(byte: number): boolean {
  if ((byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39)) return true
  return "-.!%*_+`'~".includes(String.fromCharCode(byte))
}
