/** Request-Line and Status-Line (RFC 3261 §7.1, §7.2), and what is wrong with them. */
import { codesStandAt, CR, isLws, isToken, LF, skipLws, skipLwsBack, wordAt } from './grammar.js'
import { METHODS } from './header-values.js'
import { fromByteString, type Headers } from './headers.js'
import { type SipMessage, SipRequest, SipResponse } from './message.js'
import type { Source } from './source.js'
import type { Violation } from './violation.js'

/** What a Request-Line ends with. */
const VERSION = Buffer.from(' SIP/2.0')

/** The message that begins with it; undefined where it is none. */
export function readStartLine(origin: Source, headers: Headers, violations: Violation[]): SipMessage | undefined {
  const { text } = origin
  let end = origin.startLineEnd
  if (end > 0 && text.charCodeAt(end - 1) === LF) end--
  if (end > 0 && text.charCodeAt(end - 1) === CR) end--
  if (isVersionAt(text, 0)) return readStatusLine(origin, end, headers, violations)

  // Request-Line = Method SP Request-URI SP SIP-Version
  const space = text.indexOf(' ')
  if (
    space > 0 &&
    codesStandAt(VERSION, origin.bytes, origin.base + end - 8) &&
    text.indexOf(' ', space + 1) === end - 8 &&
    end - 9 > space
  ) {
    const method = methodOf(origin, space)
    if (!isToken(method)) report(violations, origin, 'method-malformed', 'RFC 3261 §7.1', 'a token', method, 400)
    const uri = text.slice(space + 1, end - 8)
    return new SipRequest(method, origin.ascii ? uri : fromByteString(uri), headers, undefined, origin)
  }
  return readOddRequestLine(origin, end, headers, violations)
}

/** What stands before `end`; for a known method no new string is made. */
function methodOf({ bytes, base, text }: Source, end: number): string {
  return wordAt(METHODS, bytes, base, base + end) ?? text.slice(0, end)
}

/** A Request-Line that is not quite as it should be, or not at all. */
function readOddRequestLine(
  origin: Source,
  end: number,
  headers: Headers,
  violations: Violation[],
): SipRequest | undefined {
  const { text } = origin
  let methodEnd = 0
  while (methodEnd < end && !isLws(text.charCodeAt(methodEnd))) methodEnd++
  const tail = skipLwsBack(text, end, methodEnd)
  let versionStart = tail
  while (versionStart > methodEnd && !isLws(text.charCodeAt(versionStart - 1))) versionStart--
  const uriStart = skipLws(text, methodEnd, versionStart)
  const uriEnd = skipLwsBack(text, versionStart, uriStart)
  const line = text.slice(0, end)
  if (methodEnd === 0 || uriEnd <= uriStart || !isVersionAt(text, versionStart)) {
    report(violations, origin, 'request-line-malformed', 'RFC 3261 §7.1', 'method, Request-URI and SIP/2.0', line, 400)
    return undefined
  }
  const version = text.slice(versionStart, tail)
  if (version !== 'SIP/2.0') checkVersion(version, origin, violations)
  const method = methodOf(origin, methodEnd)
  if (!isToken(method)) report(violations, origin, 'method-malformed', 'RFC 3261 §7.1', 'a token', method, 400)
  if (uriStart !== methodEnd + 1 || uriEnd !== versionStart - 1 || tail !== end)
    report(violations, origin, 'request-line-spacing', 'RFC 3261 §7.1', 'single spaces, and none at the end', line, 400)

  const uri = text.slice(uriStart, uriEnd)
  if (/[ \t\r]/.test(uri))
    report(violations, origin, 'request-uri-space', 'RFC 3261 §7.1', 'a Request-URI without white space', uri, 400)

  return new SipRequest(method, origin.ascii ? uri : fromByteString(uri), headers, undefined, origin)
}

/** Status-Line = SIP-Version SP Status-Code SP Reason-Phrase */
function readStatusLine(
  origin: Source,
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
  return (text.charCodeAt(pos) | 32) === 115 && text.slice(pos, pos + 4).toUpperCase() === 'SIP/'
}

function checkVersion(version: string, origin: Source, violations: Violation[]): void {
  if (version.toUpperCase() === 'SIP/2.0')
    report(violations, origin, 'version-case', 'RFC 3261 §7.1', 'SIP/2.0', version)
  else report(violations, origin, 'version-unsupported', 'RFC 3261 §21.5.6', 'SIP/2.0', version, 505)
}

/** Names something wrong with the start line. */
function report(
  violations: Violation[],
  origin: Source,
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
