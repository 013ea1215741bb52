import { CLASS, CR, COLON, excerpt, HTAB, isLws, LF, skipLws, skipLwsBack, SPACE, TOKEN } from './grammar.js'
import { hashStep, headerKeyAt } from './header-names.js'
import { internMethod } from './header-values.js'
import { Field, fromByteString, Headers } from './headers.js'
import { type Origin, type SipMessage, SipRequest, SipResponse } from './message.js'
import { checkMessage } from './strict.js'
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

/** How much is turned into a string at first; messages with a longer head take another turn. */
const WINDOW = 4096

/** Parses one message at the start of `bytes`. Never throws. The message keeps a reference to `bytes`. */
export function parseMessage(bytes: Buffer, o: ParseOptions): ParseResult {
  const violations: Violation[] = []
  const stream = o.framing === 'stream'
  // RFC 3261 §7.5: empty lines before the start line are ignored.
  let base = 0
  while (
    base < bytes.length &&
    (bytes[base] === LF || (bytes[base] === CR && (base + 1 === bytes.length || bytes[base + 1] === LF)))
  ) {
    base++
  }
  // A lone CR at the end of a stream's buffer may be half of a line end.
  if (stream && base > 0 && base === bytes.length && bytes[base - 1] === CR) base--
  if (base === bytes.length) return { message: undefined, violations, consumed: base }

  for (let window = WINDOW; ; window *= 8) {
    const stop = Math.min(bytes.length, base + window)
    const parsed = parseWindow(bytes, base, stop, stream, o.mode === 'strict', violations)
    if (parsed !== undefined) return parsed
    violations.length = 0
  }
}

/** Undefined: the head goes on behind the window. */
function parseWindow(
  bytes: Buffer,
  base: number,
  stop: number,
  stream: boolean,
  strict: boolean,
  violations: Violation[],
): ParseResult | undefined {
  const text = bytes.toString('latin1', base, stop)
  const whole = stop === bytes.length
  const source = { bytes, base, text }
  const length = text.length

  let newline = text.indexOf('\n')
  if (newline < 0 && (!whole || stream)) return whole ? { message: undefined, violations, consumed: 0 } : undefined
  const startLineEnd = newline < 0 ? length : newline + 1

  // The header fields: positions only.
  const fields: Field[] = []
  let field: Field | undefined
  let lengthField: Field | undefined
  let conflict = false
  let headEnd = -1
  let pos = startLineEnd
  while (pos < length) {
    newline = text.indexOf('\n', pos)
    const next = newline < 0 ? length : newline + 1
    let end = newline < 0 ? length : newline
    if (end > pos && text.charCodeAt(end - 1) === CR) end--
    if (end === pos && newline >= 0) {
      headEnd = next
      break
    }
    const first = text.charCodeAt(pos)
    if ((first === SPACE || first === HTAB) && field !== undefined) {
      // RFC 3261 §7.3.1: the field goes on in this line.
      field.end = next
      field.valueEnd = end
      field.folded = true
      pos = next
      continue
    }
    let hash = 0
    let i = pos
    for (; i < end; i++) {
      const code = text.charCodeAt(i)
      if (((CLASS[code] ?? 0) & TOKEN) === 0) break
      hash = hashStep(hash, code)
    }
    const nameEnd = i
    i = skipLws(text, i, end)
    if (i < end && text.charCodeAt(i) === COLON && nameEnd > pos) {
      field = new Field(headerKeyAt(text, pos, nameEnd, hash), source, pos, nameEnd, i + 1, end, next)
      if (field.key === 'content-length') {
        if (!conflict && lengthField !== undefined && digitsOf(text, lengthField) !== digitsOf(text, field)) {
          conflict = true
          violations.push({
            code: 'content-length-conflict',
            rule: 'RFC 3261 §20.14',
            offset: base + pos,
            expected: 'one Content-Length',
            actual: excerpt(text, pos),
            status: 400,
          })
        }
        lengthField = field
      }
    } else {
      // No name, or no colon: kept so that it can be written again, found under no name.
      field = new Field('', source, pos, pos, pos, end, next)
      violations.push({
        code: 'header-line-malformed',
        rule: 'RFC 3261 §7.3.1',
        offset: base + pos,
        expected: 'a header field name and a colon',
        actual: text.slice(pos, Math.min(end, pos + 40)),
        status: 400,
      })
    }
    fields.push(field)
    pos = next
  }
  if (headEnd < 0) {
    if (!whole) return undefined
    if (stream) return { message: undefined, violations: [], consumed: 0 }
    headEnd = length
    violations.push({
      code: 'header-end-missing',
      rule: 'RFC 3261 §7',
      offset: base + length,
      expected: 'an empty line after the header fields',
      actual: 'the end of the datagram',
    })
  }

  // RFC 3261 §18.3: where does the body end?
  const bodyStart = base + headEnd
  let bodyEnd = bytes.length
  let excess = 0
  if (conflict) {
    // A stream cannot be followed any further.
    if (stream) bodyEnd = bodyStart
  } else if (lengthField !== undefined) {
    const digits = digitsOf(text, lengthField)
    const size = digits === undefined ? Number.NaN : Number(digits)
    if (!(size <= 0x7fff_ffff)) {
      violations.push({
        code: 'content-length-malformed',
        rule: 'RFC 3261 §20.14',
        offset: lengthField.offset,
        expected: 'a number of bytes',
        actual: excerpt(lengthField.value, 0),
        status: 400,
      })
      if (stream) bodyEnd = bodyStart
    } else if (bodyStart + size > bytes.length) {
      if (stream) {
        return { message: undefined, violations: [], consumed: 0, needed: bodyStart + size }
      }
      violations.push({
        code: 'body-truncated',
        rule: 'RFC 3261 §18.3',
        offset: bytes.length,
        expected: `${size} bytes of body`,
        actual: `${bytes.length - bodyStart} bytes`,
        status: 400,
      })
    } else {
      bodyEnd = bodyStart + size
      excess = bytes.length - bodyEnd
    }
  } else if (stream) {
    violations.push({
      code: 'content-length-missing',
      rule: 'RFC 3261 §18.3',
      offset: bodyStart,
      expected: 'Content-Length, as on every stream',
      actual: 'none',
      status: 400,
    })
    bodyEnd = bodyStart
  }
  const body = bytes.subarray(bodyStart, bodyEnd)
  const origin: Origin = { bytes, base, text, startLine: 0, startLineEnd, headEnd, end: bodyEnd, body }
  const consumed = stream ? bodyEnd : bytes.length

  const message = readStartLine(origin, Headers.over(fields), violations)
  if (message !== undefined) {
    checkMessage(message, origin, { strict, excess }, violations)
  }
  return { message, violations, consumed }
}

/** The digits of a Content-Length value, or undefined when it is something else. */
function digitsOf(text: string, field: Field): string | undefined {
  const start = skipLws(text, field.valueStart, field.valueEnd)
  const end = skipLwsBack(text, field.valueEnd, start)
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code < 48 || code > 57) return undefined
  }
  return end > start ? text.slice(start, end) : undefined
}

function readStartLine(origin: Origin, headers: Headers, violations: Violation[]): SipMessage | undefined {
  const { text, base } = origin
  let end = origin.startLineEnd
  if (end > 0 && text.charCodeAt(end - 1) === LF) end--
  if (end > 0 && text.charCodeAt(end - 1) === CR) end--
  const report = (code: string, rule: string, expected: string, actual: string, status?: number) => {
    violations.push({ code, rule, offset: base, expected, actual: actual.slice(0, 60), ...(status && { status }) })
  }

  if (isVersionPrefix(text)) {
    // Status-Line = SIP-Version SP Status-Code SP Reason-Phrase
    const first = text.indexOf(' ')
    const version = first < 0 || first > end ? '' : text.slice(0, first)
    const codeStart = skipLws(text, first + 1, end)
    let codeEnd = codeStart
    while (codeEnd < end && !isLws(text.charCodeAt(codeEnd))) codeEnd++
    const digits = text.slice(codeStart, codeEnd)
    if (version === '' || !/^[0-9]+$/.test(digits)) {
      report(
        'status-line-malformed',
        'RFC 3261 §7.2',
        'version, status code and reason phrase',
        text.slice(0, end),
        400,
      )
      return undefined
    }
    if (version !== 'SIP/2.0') checkVersion(version, report)
    if (digits.length !== 3 || digits < '100' || digits > '699') {
      report('status-code-invalid', 'RFC 3261 §7.2', 'a status code from 100 to 699', digits, 400)
    }
    if (codeStart !== first + 1 || codeEnd === end) {
      report('status-line-spacing', 'RFC 3261 §7.2', 'single spaces around the status code', text.slice(0, end))
    }
    const reason = fromByteString(codeEnd < end ? text.slice(codeEnd + 1, end) : '')
    return new SipResponse(Number(digits), reason, headers, origin.body, origin)
  }

  // Request-Line = Method SP Request-URI SP SIP-Version
  let methodEnd = 0
  while (methodEnd < end && text.charCodeAt(methodEnd) !== SPACE && text.charCodeAt(methodEnd) !== HTAB) methodEnd++
  const tail = skipLwsBack(text, end, methodEnd)
  const lastSpace = text.lastIndexOf(' ', tail - 1)
  const uriStart = skipLws(text, methodEnd, tail)
  const uriEnd = skipLwsBack(text, lastSpace, uriStart)
  if (methodEnd === 0 || lastSpace < methodEnd || uriEnd <= uriStart) {
    report('request-line-malformed', 'RFC 3261 §7.1', 'method, Request-URI and SIP/2.0', text.slice(0, end), 400)
    return undefined
  }
  const version = text.slice(lastSpace + 1, tail)
  if (version !== 'SIP/2.0') {
    if (!isVersionPrefix(version)) {
      report('request-line-malformed', 'RFC 3261 §7.1', 'method, Request-URI and SIP/2.0', text.slice(0, end), 400)
      return undefined
    }
    checkVersion(version, report)
  }
  const method = text.slice(0, methodEnd)
  for (let i = 0; i < methodEnd; i++) {
    if (((CLASS[text.charCodeAt(i)] ?? 0) & TOKEN) === 0) {
      report('method-malformed', 'RFC 3261 §7.1', 'a token', method, 400)
      break
    }
  }
  if (uriStart !== methodEnd + 1 || uriEnd !== lastSpace || tail !== end) {
    report('request-line-spacing', 'RFC 3261 §7.1', 'single spaces, and none at the end', text.slice(0, end), 400)
  }
  const uri = text.slice(uriStart, uriEnd)
  if (uri.includes(' ') || uri.includes('\t')) {
    report('request-uri-space', 'RFC 3261 §7.1', 'a Request-URI without white space', uri, 400)
  }
  return new SipRequest(internMethod(method), fromByteString(uri), headers, origin.body, origin)
}

function isVersionPrefix(text: string): boolean {
  return text.startsWith('SIP/') || /^sip\//i.test(text.slice(0, 4))
}

function checkVersion(
  version: string,
  report: (code: string, rule: string, expected: string, actual: string, status?: number) => void,
): void {
  if (version.toUpperCase() === 'SIP/2.0') report('version-case', 'RFC 3261 §7.1', 'SIP/2.0', version)
  else report('version-unsupported', 'RFC 3261 §21.5.6', 'SIP/2.0', version, 505)
}
