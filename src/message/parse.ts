import { CLASS, COLON, CR, HTAB, isLws, LF, skipLws, skipLwsBack, SPACE, TOKEN } from './grammar.js'
import { hashStep, headerKeyAt } from './header-names.js'
import { methodAt } from './header-values.js'
import { Field, fromByteString, Headers } from './headers.js'
import { type Origin, type SipMessage, SipRequest, SipResponse } from './message.js'
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

/** Parses one message at the start of `bytes`. Never throws. The message keeps a reference to `bytes`. */
export function parseMessage(bytes: Buffer, o: ParseOptions): ParseResult {
  const stream = o.framing === 'stream'
  const violations: Violation[] = []
  const base = skipEmptyLines(bytes, stream)
  const { length } = bytes
  if (base === length) return { message: undefined, violations, consumed: base }

  // The start line.
  let bits = 0
  let pos = base
  while (pos < length) {
    const code = bytes[pos++] ?? 0
    if (code === LF) break
    bits |= code
  }
  const startLineEnd = pos - base

  // The header fields: positions only.
  const origin: Parsed = { bytes, base, text: '', ascii: true, startLineEnd, bodyStart: length, bodyEnd: length }
  const fields: Field[] = []
  let field: Field | undefined
  let seen = 0
  let size = -1
  let sized: Field | undefined
  let complete = false
  while (pos < length) {
    const start = pos
    let code = bytes[pos] ?? 0
    if (code === CR && bytes[pos + 1] === LF) {
      pos += 2
      complete = true
      break
    }
    if (code === LF) {
      pos++
      complete = true
      break
    }
    let hash = 0
    while (((CLASS[code] ?? 0) & TOKEN) !== 0) {
      hash = hashStep(hash, code)
      if (++pos === length) break
      code = bytes[pos] ?? 0
    }
    const nameEnd = pos
    while ((code === SPACE || code === HTAB) && ++pos < length) code = bytes[pos] ?? 0
    const valueStart = pos + 1
    const named = pos < length && code === COLON && nameEnd > start
    while (pos < length) {
      code = bytes[pos] ?? 0
      if (code === LF) break
      bits |= code
      pos++
    }
    let end = pos
    if (end > start && bytes[end - 1] === CR) end--
    if (pos < length) pos++

    const first = bytes[start]
    if ((first === SPACE || first === HTAB) && field !== undefined) {
      // RFC 3261 §7.3.1: the field goes on in this line.
      field.end = pos - base
      field.valueEnd = end - base
      field.folded = true
      continue
    }
    if (named) {
      const key = headerKeyAt(bytes, start, nameEnd, hash)
      field = new Field(key, origin, start - base, valueStart - base, end - base, pos - base, undefined, undefined)
      seen |= mandatoryBit(key)
      if (key === 'content-length') {
        if (sized !== undefined) reportRepeatedLength(bytes, base, sized, field, violations)
        sized = field
      }
    } else {
      // No name, or no colon: kept so that it can be written again, found under no name.
      field = new Field('', origin, start - base, start - base, end - base, pos - base, undefined, undefined)
      violations.push({
        code: 'header-line-malformed',
        rule: 'RFC 3261 §7.3.1',
        offset: start,
        expected: 'a header field name and a colon',
        actual: bytes.toString('latin1', start, Math.min(end, start + 40)),
        status: 400,
      })
    }
    fields.push(field)
  }
  if (!complete) {
    if (stream) return { message: undefined, violations: [], consumed: base }
    violations.push({
      code: 'header-end-missing',
      rule: 'RFC 3261 §7',
      offset: length,
      expected: 'an empty line after the header fields',
      actual: 'the end of the datagram',
    })
  }
  origin.text = bytes.toString('latin1', base, pos)
  origin.ascii = bits < 128
  origin.bodyStart = pos

  // RFC 3261 §18.3: where does the body end?
  const conflict = violations.some((v) => v.code === 'content-length-conflict')
  if (sized !== undefined && !conflict) size = numberIn(bytes, base, sized)
  if (size >= 0) {
    if (pos + size <= length) {
      origin.bodyEnd = pos + size
    } else if (stream) {
      return { message: undefined, violations: [], consumed: base, needed: pos + size }
    } else {
      violations.push({
        code: 'body-truncated',
        rule: 'RFC 3261 §18.3',
        offset: length,
        expected: `${size} bytes of body`,
        actual: `${length - pos} bytes`,
        status: 400,
      })
    }
  } else {
    // A stream cannot be followed beyond the header fields.
    if (stream) origin.bodyEnd = pos
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
        offset: pos,
        expected: 'Content-Length, as on every stream',
        actual: 'none',
        status: 400,
      })
    }
  }

  const consumed = stream ? origin.bodyEnd : length
  const message = readStartLine(origin, new Headers(undefined, fields), violations)
  if (message !== undefined) {
    if (seen !== ALL_MANDATORY) reportMissing(seen, base, violations)
    if (o.mode === 'strict')
      checkMessage(message, origin, { seen, excess: size < 0 ? 0 : consumed - origin.bodyEnd }, violations)
  }
  return { message, violations, consumed }
}

/** An origin while it is being found. */
type Parsed = { -readonly [K in keyof Origin]: Origin[K] }

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

/** The number in a field's value, -1 when it is none or beyond 31 bits. */
function numberIn(bytes: Buffer, base: number, field: Field): number {
  let pos = base + field.valueStart
  let end = base + field.valueEnd
  while (pos < end && isLws(bytes[pos] ?? 0)) pos++
  while (end > pos && isLws(bytes[end - 1] ?? 0)) end--
  if (pos === end) return -1
  let number = 0
  for (; pos < end; pos++) {
    const code = bytes[pos] ?? 0
    if (code < 48 || code > 57) return -1
    number = number * 10 + code - 48
    if (number > 0x7fff_ffff) return -1
  }
  return number
}

function reportRepeatedLength(bytes: Buffer, base: number, first: Field, second: Field, violations: Violation[]): void {
  const a = numberIn(bytes, base, first)
  if (a >= 0 && a === numberIn(bytes, base, second)) return
  violations.push({
    code: 'content-length-conflict',
    rule: 'RFC 3261 §20.14',
    offset: base + second.start,
    expected: 'one Content-Length',
    actual: 'several different ones',
    status: 400,
  })
}

function readStartLine(origin: Origin, headers: Headers, violations: Violation[]): SipMessage | undefined {
  const { text, bytes, base } = origin
  let end = origin.startLineEnd
  if (end > 0 && bytes[base + end - 1] === LF) end--
  if (end > 0 && bytes[base + end - 1] === CR) end--
  if (isVersionAt(text, 0)) return readStatusLine(origin, end, headers, violations)

  // Request-Line = Method SP Request-URI SP SIP-Version
  let methodEnd = 0
  let token = true
  for (; methodEnd < end; methodEnd++) {
    const code = bytes[base + methodEnd] ?? 0
    if (code === SPACE || code === HTAB) break
    if (((CLASS[code] ?? 0) & TOKEN) === 0) token = false
  }
  const tail = skipLwsBack(text, end, methodEnd)
  let versionStart = tail
  while (versionStart > methodEnd && !isLws(bytes[base + versionStart - 1] ?? 0)) versionStart--
  const uriStart = skipLws(text, methodEnd, versionStart)
  const uriEnd = skipLwsBack(text, versionStart, uriStart)
  if (methodEnd === 0 || uriEnd <= uriStart || !isVersionAt(text, versionStart)) {
    report(
      violations,
      origin,
      'request-line-malformed',
      'RFC 3261 §7.1',
      'method, Request-URI and SIP/2.0',
      text.slice(0, end),
      400,
    )
    return undefined
  }
  if (tail - versionStart !== 7 || !text.startsWith('SIP/2.0', versionStart)) {
    checkVersion(text.slice(versionStart, tail), origin, violations)
  }
  const method = methodAt(text, 0, methodEnd)
  if (!token) report(violations, origin, 'method-malformed', 'RFC 3261 §7.1', 'a token', method, 400)
  if (uriStart !== methodEnd + 1 || uriEnd !== versionStart - 1 || tail !== end) {
    report(
      violations,
      origin,
      'request-line-spacing',
      'RFC 3261 §7.1',
      'single spaces, and none at the end',
      text.slice(0, end),
      400,
    )
  }
  let uri = text.slice(uriStart, uriEnd)
  for (let i = uriStart; i < uriEnd; i++) {
    if (!isLws(bytes[base + i] ?? 0)) continue
    report(violations, origin, 'request-uri-space', 'RFC 3261 §7.1', 'a Request-URI without white space', uri, 400)
    break
  }
  if (!origin.ascii) uri = fromByteString(uri)
  return new SipRequest(method, uri, headers, undefined, origin)
}

/** Status-Line = SIP-Version SP Status-Code SP Reason-Phrase */
function readStatusLine(
  origin: Origin,
  end: number,
  headers: Headers,
  violations: Violation[],
): SipResponse | undefined {
  const { text } = origin
  let versionEnd = 0
  while (versionEnd < end && !isLws(text.charCodeAt(versionEnd))) versionEnd++
  const codeStart = skipLws(text, versionEnd, end)
  let codeEnd = codeStart
  let status = 0
  while (codeEnd < end && !isLws(text.charCodeAt(codeEnd))) {
    const digit = text.charCodeAt(codeEnd++) - 48
    status = digit >= 0 && digit <= 9 ? status * 10 + digit : Number.NaN
  }
  if (codeEnd === codeStart || !Number.isFinite(status)) {
    report(
      violations,
      origin,
      'status-line-malformed',
      'RFC 3261 §7.2',
      'version, status code and reason phrase',
      text.slice(0, end),
      400,
    )
    return undefined
  }
  if (versionEnd !== 7 || !text.startsWith('SIP/2.0')) checkVersion(text.slice(0, versionEnd), origin, violations)
  if (codeEnd - codeStart !== 3 || status < 100 || status > 699) {
    report(
      violations,
      origin,
      'status-code-invalid',
      'RFC 3261 §7.2',
      'a status code from 100 to 699',
      text.slice(codeStart, codeEnd),
      400,
    )
  }
  if (codeStart !== versionEnd + 1 || codeEnd === end) {
    report(
      violations,
      origin,
      'status-line-spacing',
      'RFC 3261 §7.2',
      'single spaces around the status code',
      text.slice(0, end),
    )
  }
  const reason = codeEnd < end ? text.slice(codeEnd + 1, end) : ''
  return new SipResponse(status, origin.ascii ? reason : fromByteString(reason), headers, undefined, origin)
}

/** Does `SIP/` stand there, in whatever case? */
function isVersionAt(text: string, pos: number): boolean {
  return (
    text.startsWith('SIP/', pos) ||
    ((text.charCodeAt(pos) | 32) === 115 && text.slice(pos, pos + 4).toUpperCase() === 'SIP/')
  )
}

function checkVersion(version: string, origin: Origin, violations: Violation[]): void {
  if (version.toUpperCase() === 'SIP/2.0')
    report(violations, origin, 'version-case', 'RFC 3261 §7.1', 'SIP/2.0', version)
  else report(violations, origin, 'version-unsupported', 'RFC 3261 §21.5.6', 'SIP/2.0', version, 505)
}

/** Names something wrong with the start line. */
function report(
  violations: Violation[],
  origin: Origin,
  code: string,
  rule: string,
  expected: string,
  actual: string,
  status?: number,
): void {
  violations.push({
    code,
    rule,
    offset: origin.base,
    expected,
    actual: actual.slice(0, 60),
    ...(status !== undefined && { status }),
  })
}
