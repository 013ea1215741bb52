/** Reads one message: where its header fields stand, where its body ends, and in strict mode all that is wrong with it. */
import { CLASS, COLON, CR, HTAB, LF, SPACE, TOKEN } from './grammar.js'
import { colonAfter, headerKey, learnSuccessor, likelyAfter, NO_SLOT, slotAt, slotKey } from './header-names.js'
import { Field, Headers } from './headers.js'
import type { SipMessage } from './message.js'
import { Source } from './source.js'
import { readStartLine } from './start-line.js'
import { ALL_MANDATORY, checkMessage, mandatoryBit, reportMissing } from './strict.js'
import type { Violation } from './violation.js'

export type { Violation } from './violation.js'

export interface ParseOptions {
  /** `strict` names every violation; `fast` only those that make a message unusable. */
  readonly mode: 'strict' | 'fast'
  /**
   * RFC 3261 §18.3. `datagram` (the default): no Content-Length means the rest of the datagram, excess bytes are
   * discarded, a short body is a violation (`body-truncated`). `stream`: Content-Length says where the message ends.
   */
  readonly framing?: 'datagram' | 'stream' | undefined
}

export interface ParseResult {
  /** Undefined: not a SIP message, or (stream) not complete yet. */
  readonly message: SipMessage | undefined
  readonly violations: Violation[]
  /** Bytes that this message, or the empty lines before the next, took; 0: nothing could be taken yet. */
  readonly consumed: number
  /** Stream only: the header fields are complete, and the message will be when the buffer holds this many bytes. */
  readonly needed?: number | undefined
}

/** How much is made a string of at first; a message with a longer head takes another turn. */
const WINDOW = 4096

/**
 * Parses one message at the start of `bytes`. Never throws. The message keeps a reference to `bytes`, which must not change any more:
 * header fields are read from there when they are asked for.
 */
export function parseMessage(bytes: Buffer, o: ParseOptions): ParseResult {
  const stream = o.framing === 'stream'
  if (bytes === latest?.bytes && o.mode === 'fast' && !stream) return latest.result
  const result = parsed(bytes, o.mode === 'strict', stream)
  // Nobody changes a response that it received; of a request the topmost Via is.
  const isShared =
    o.mode === 'strict' && !stream && result.violations.length === 0 && result.message?.kind === 'response'
  latest = isShared ? { bytes, result } : undefined
  return result
}

/**
 * The response that strict mode found flawless just now: under load the standing checks read each datagram before the transport
 * does, which then takes the same message.
 */
let latest: { readonly bytes: Buffer; readonly result: ParseResult } | undefined

function parsed(bytes: Buffer, strict: boolean, stream: boolean): ParseResult {
  const base = skipEmptyLines(bytes, stream)
  if (base === bytes.length) return { message: undefined, violations: [], consumed: base }
  for (let window = WINDOW; ; window *= 8) {
    const found = parseWithin(bytes, base, Math.min(bytes.length, base + window), stream, strict)
    if (found !== undefined) return found
  }
}

/**
 * Messages in which strict mode found nothing. The same bytes are read by who sends them, who receives them and who records
 * them, and repeats are many: looking up is ten times cheaper than looking through.
 */
const flawless = { stream: new Set<string>(), datagram: new Set<string>() }
const MOST_FLAWLESS = 512

// Stryker disable all: what is forgotten is only looked through again.
function remember(known: Set<string>, text: string): void {
  if (known.size >= MOST_FLAWLESS) known.clear()
  known.add(text)
}
// Stryker restore all

/** Undefined: the head goes on behind `stop`. */
function parseWithin(
  bytes: Buffer,
  base: number,
  stop: number,
  stream: boolean,
  strict: boolean,
): ParseResult | undefined {
  const violations: Violation[] = []
  const text = bytes.toString('latin1', base, stop)
  const origin = new Source(bytes, base, text)
  const { length } = text
  let next = text.indexOf('\n') + 1
  if (next === 0) next = length
  origin.startLineEnd = next

  // The header fields: positions only, counted from `base`.
  const fields: Field[] = []
  let field: Field | undefined
  let seen = 0
  let sized: Field | undefined
  let conflict = false
  let complete = false
  let previous = NO_SLOT
  while (next < length) {
    const start = next
    const first = bytes[base + start] ?? 0
    if (first === LF || (first === CR && bytes[base + start + 1] === LF)) {
      next = start + (first === LF ? 1 : 2)
      complete = true
      break
    }
    // What is likely to come is tried first: most messages of a peer have their header fields in the same order.
    let slot = likelyAfter(previous)
    let colon = colonAfter(slot, bytes, base + start) - base
    let key: string | undefined
    if (colon > start) {
      key = slotKey(slot)
    } else {
      slot = NO_SLOT
      colon = start
      while (colon < length && ((CLASS[bytes[base + colon] ?? 0] ?? 0) & TOKEN) !== 0) colon++
      const nameEnd = colon
      while (colon < length && (bytes[base + colon] === SPACE || bytes[base + colon] === HTAB)) colon++
      if (nameEnd > start && bytes[base + colon] === COLON && colon < length) {
        slot = slotAt(bytes, base + start, base + nameEnd)
        learnSuccessor(previous, slot)
        key = slot >= 0 ? slotKey(slot) : headerKey(text.slice(start, nameEnd))
      }
    }
    next = text.indexOf('\n', key === undefined ? start : colon) + 1
    if (next === 0) next = length
    if ((first === SPACE || first === HTAB) && field !== undefined) {
      // RFC 3261 §7.3.1: the field goes on in this line.
      field.end = next
      field.folded = true
      continue
    }
    previous = slot
    if (key !== undefined) {
      field = new Field(key, origin, start, colon + 1, next, undefined, undefined)
      seen |= mandatoryBit(key)
      if (key === 'content-length') {
        if (sized !== undefined && !conflict && !sameLength(sized, field)) {
          conflict = true
          violations.push({
            code: 'content-length-conflict',
            rule: 'RFC 3261 §20.14',
            offset: base + start,
            expected: 'one Content-Length',
            actual: 'several different ones',
            status: 400,
          })
        }
        sized = field
      }
    } else {
      // No name, or no colon: kept so that it can be written again, found under no name.
      field = new Field('', origin, start, start, next, undefined, undefined)
      violations.push({
        code: 'header-line-malformed',
        rule: 'RFC 3261 §7.3.1',
        offset: base + start,
        expected: 'a header field name and a colon',
        actual: text.slice(start, Math.min(next, start + 40)).trim(),
        status: 400,
      })
    }
    fields.push(field)
  }
  if (!complete) {
    if (stop < bytes.length) return undefined
    if (stream) return { message: undefined, violations: [], consumed: base }
    violations.push({
      code: 'header-end-missing',
      rule: 'RFC 3261 §7',
      offset: bytes.length,
      expected: 'an empty line after the header fields',
      actual: 'the end of the datagram',
    })
  }

  // RFC 3261 §18.3: where does the body end?
  const bodyStart = base + next
  const size = sized === undefined || conflict ? -1 : lengthIn(sized)
  origin.bodyStart = bodyStart
  if (size >= 0) {
    if (bodyStart + size <= bytes.length) {
      origin.bodyEnd = bodyStart + size
    } else if (stream) {
      return { message: undefined, violations: [], consumed: base, needed: bodyStart + size }
    } else {
      violations.push({
        code: 'body-truncated',
        rule: 'RFC 3261 §18.3',
        offset: bytes.length,
        expected: `${size} bytes of body`,
        actual: `${bytes.length - bodyStart} bytes`,
        status: 400,
      })
    }
  } else {
    // A stream cannot be followed beyond the header fields.
    if (stream) origin.bodyEnd = bodyStart
    if (sized !== undefined && !conflict) {
      violations.push({
        code: 'content-length-malformed',
        rule: 'RFC 3261 §20.14',
        offset: sized.offset,
        expected: 'a number of bytes',
        actual: sized.value.slice(0, 24),
        status: 400,
      })
    } else if (stream && sized === undefined) {
      violations.push({
        code: 'content-length-missing',
        rule: 'RFC 3261 §18.3',
        offset: bodyStart,
        expected: 'Content-Length, as on every stream',
        actual: 'none',
        status: 400,
      })
    }
  }

  const consumed = stream ? origin.bodyEnd : bytes.length
  const message = readStartLine(origin, new Headers(undefined, fields), violations)
  if (message !== undefined) {
    if (seen !== ALL_MANDATORY) reportMissing(seen, base, violations)
    const known = stream ? flawless.stream : flawless.datagram
    const whole = stop === bytes.length
    if (strict && !(whole && known.has(text))) {
      checkMessage(message, origin, size < 0 ? 0 : consumed - origin.bodyEnd, violations)
      if (whole && violations.length === 0) remember(known, text)
    }
  }
  return { message, violations, consumed }
}

/** RFC 3261 §7.5: empty lines before the start line are ignored. A CR at the end of a stream's buffer may be half of one. */
function skipEmptyLines(bytes: Buffer, stream: boolean): number {
  let pos = 0
  for (;;) {
    const code = bytes[pos]
    if (code === LF) pos++
    else if (code === CR && bytes[pos + 1] === LF) pos += 2
    else if (code === CR && pos + 1 === bytes.length && !stream) pos++
    else return pos
  }
}

/** The number of bytes that a Content-Length tells, -1 when it is none or beyond 31 bits. */
function lengthIn(field: Field): number {
  const { number } = field
  return number <= 0x7fff_ffff ? number : -1
}

function sameLength(a: Field, b: Field): boolean {
  const length = lengthIn(a)
  return length >= 0 && length === lengthIn(b)
}
