/** The strict mode of the parser: names every violation in a message with its RFC section. */
import { CLASS, CR, excerpt, LF, TOKEN } from './grammar.js'
import { checkComponents } from './header-checks.js'
import { HEADER_RULES, type HeaderRule } from './header-rules.js'
import { isSingleHeader } from './header-names.js'
import type { Field } from './headers.js'
import type { SipMessage } from './message.js'
import type { Source } from './source.js'
import { soundUri } from './uri.js'
import { ParseError, type Violation } from './violation.js'

const VIA = 1
const FROM = 2
const TO = 4
const CALL_ID = 8
const CSEQ = 16
/** All bits of `mandatoryBit`. */
export const ALL_MANDATORY = 31

/** The header fields that every message has (RFC 3261 §8.1.1, §8.2.6.2). */
const MANDATORY = [
  [VIA, 'via', 'Via', 'RFC 3261 §8.1.1.7'],
  [FROM, 'from', 'From', 'RFC 3261 §8.1.1.3'],
  [TO, 'to', 'To', 'RFC 3261 §8.1.1.2'],
  [CALL_ID, 'call-id', 'Call-ID', 'RFC 3261 §8.1.1.4'],
  [CSEQ, 'cseq', 'CSeq', 'RFC 3261 §8.1.1.5'],
] as const

/** A bit for each header field that every message has, 0 for others. */
export function mandatoryBit(key: string): number {
  // By length first: this is asked for every field of every message.
  switch (key.length) {
    case 2:
      return key === 'to' ? TO : 0
    case 3:
      return key === 'via' ? VIA : 0
    case 4:
      return key === 'from' ? FROM : key === 'cseq' ? CSEQ : 0
    case 7:
      return key === 'call-id' ? CALL_ID : 0
    default:
      return 0
  }
}

/** Names the mandatory header fields that are not there: a server refuses such a request at sight. */
export function reportMissing(seen: number, base: number, violations: Violation[]): void {
  for (const [bit, key, name, rule] of MANDATORY) {
    if ((seen & bit) !== 0) continue
    violations.push({
      code: `${key}-missing`,
      rule,
      offset: base,
      expected: `a ${name} header field`,
      actual: 'none',
      status: 400,
    })
  }
}

/**
 * Names what is wrong with a message, beyond what the parser named.
 * @param excess bytes after the body of a datagram
 */
export function checkMessage(message: SipMessage, origin: Source, excess: number, violations: Violation[]): void {
  checkBytes(origin, violations)
  checkStartLine(message, origin, violations)
  checkFields(message.headers.list(), violations)
  checkRequirements(message, origin, violations)
  if (excess > 0) {
    // RFC 3261 §18.3: discarded, and yet worth knowing.
    violations.push({
      code: 'body-excess',
      rule: 'RFC 3261 §18.3',
      offset: origin.bodyEnd,
      expected: 'the end of the datagram',
      actual: `${excess} more bytes`,
    })
  }
}

/** Line ends, control characters and UTF-8 of the start line and the header fields (RFC 3261 §7, §25.1). */
function checkBytes(origin: Source, violations: Violation[]): void {
  const { text, base } = origin
  const headEnd = origin.bodyStart - base
  const once = new Set<string>()
  const report = (code: string, rule: string, at: number, expected: string, actual: string) => {
    if (once.has(code)) return
    once.add(code)
    violations.push({ code, rule, offset: base + at, expected, actual })
  }
  let ascii = true
  for (let i = 0; i < headEnd; i++) {
    const code = text.charCodeAt(i)
    if (code > 127) ascii = false
    if (code >= 32 && code !== 127) continue
    if (code === LF) {
      if (i === 0 || text.charCodeAt(i - 1) !== CR) report('line-end-malformed', 'RFC 3261 §7', i, 'CRLF', 'LF')
    } else if (code === CR) {
      if (text.charCodeAt(i + 1) !== LF) report('line-end-malformed', 'RFC 3261 §7', i, 'CRLF', 'CR')
    } else if (code !== 9 && !isEscaped(text, i)) {
      report('control-character', 'RFC 3261 §25.1', i, 'text', `byte ${code}`)
    }
  }
  if (!ascii) {
    const head = origin.bytes.subarray(base, base + headEnd)
    const decoded = head.toString('utf8')
    const at = decoded.indexOf('\ufffd')
    if (at >= 0 && !Buffer.from(decoded, 'utf8').equals(head)) {
      const bytesBefore = Buffer.byteLength(decoded.slice(0, at), 'utf8')
      report('utf8-malformed', 'RFC 3261 §7', bytesBefore, 'UTF-8', `byte ${head[bytesBefore] ?? 0}`)
    }
  }
}

/** A control character may stand in a quoted string behind a backslash (RFC 3261 §25.1 quoted-pair). */
function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === 92) backslashes++
  return backslashes % 2 === 1
}

function checkStartLine(message: SipMessage, origin: Source, violations: Violation[]): void {
  if (message.kind === 'response') return
  const offset = origin.base
  if (violations.some((v) => v.code === 'request-uri-space')) return
  const uri = soundUri(message.uri)
  if (typeof uri === 'string') {
    violations.push({
      code: 'request-uri-malformed',
      rule: 'RFC 3261 §7.1',
      offset,
      expected: 'a URI',
      actual: uri,
      status: 400,
    })
    return
  }
  const forbidden = checkComponents(uri, 'request-uri')
  if (forbidden !== undefined) {
    const { expected, actual } = forbidden
    violations.push({
      code: 'request-uri-component-forbidden',
      rule: 'RFC 3261 §19.1.1',
      offset,
      expected,
      actual,
      status: 400,
    })
  }
}

/**
 * The rules, each with values in which it found nothing: whether a value is right depends on nothing else, and most values stand
 * in many messages of a peer.
 */
const RULES: ReadonlyMap<string, { readonly rule: HeaderRule; readonly sound: Set<string> }> = new Map(
  [...HEADER_RULES].map(([key, rule]) => [key, { rule, sound: new Set() }]),
)
/** How many values are remembered, of all header fields together. */
const MOST_SOUND = 1024
let remembered = 0

// Stryker disable all: what is forgotten is only looked through again.
function remember(sound: Set<string>, value: string): void {
  if (remembered >= MOST_SOUND) {
    for (const known of RULES.values()) known.sound.clear()
    remembered = 0
  }
  sound.add(value)
  remembered += 1
}
// Stryker restore all

function checkFields(fields: readonly Field[], violations: Violation[]): void {
  const seen = new Set<string>()
  for (const field of fields) {
    const { key } = field
    if (seen.has(key) && isSingleHeader(key)) {
      violations.push({
        code: 'header-repeated',
        rule: 'RFC 3261 §7.3.1',
        offset: field.offset,
        expected: `one ${field.name}`,
        actual: excerpt(field.value, 0),
        ...((mandatoryBit(key) !== 0 || key === 'max-forwards') && { status: 400 }),
      })
    }
    seen.add(key)
    const known = RULES.get(key)
    if (known === undefined) continue
    const { rule, sound } = known
    const { value } = field
    // Stryker disable next-line ConditionalExpression: saves time, and nothing else
    if (sound.has(value)) continue
    const defect = rule.check(value)
    if (defect === undefined) {
      remember(sound, value)
      continue
    }
    // RFC 3261 §16.3 (1): a request is not rejected because of a field that nobody needs for it.
    const status = rule.vital === true ? (defect.status ?? (isSyntax(defect.code) ? 400 : undefined)) : undefined
    violations.push({
      code: defect.code ?? `${key}-malformed`,
      rule: defect.rule ?? rule.rule,
      offset: field.offset,
      expected: `${field.name}: ${defect.expected}`,
      actual: defect.actual.slice(0, 80),
      ...(status !== undefined && { status }),
    })
  }
}

/** Defects with a code of their own do not hinder reading the value, but for these. */
function isSyntax(code: string | undefined): boolean {
  return code === undefined || UNREADABLE.has(code)
}

const UNREADABLE = new Set([
  'via-malformed',
  'address-malformed',
  'parameter-malformed',
  'quoted-string-open',
  'cseq-malformed',
  'cseq-range',
])

/** What a message must have beyond the grammar. */
function checkRequirements(message: SipMessage, origin: Source, violations: Violation[]): void {
  const { headers } = message
  const add = (code: string, rule: string, expected: string, actual: string, key?: string, status?: number) => {
    const offset = (key === undefined ? undefined : headers.field(key)?.offset) ?? origin.base
    violations.push({ code, rule, offset, expected, actual, ...(status !== undefined && { status }) })
  }
  const request = message.kind === 'request'
  attempt(() => {
    const { branch } = message.via
    if (branch === undefined) {
      if (!message.via.params.has('branch')) add('via-branch-missing', 'RFC 3261 §8.1.1.7', 'a branch', 'none', 'via')
    } else if (!branch.startsWith('z9hG4bK')) {
      add('via-branch-cookie', 'RFC 3261 §8.1.1.7', 'a branch that starts with z9hG4bK', branch, 'via')
    } else if (branch.length === 7) {
      add('via-branch-empty', 'RFC 3261 §8.1.1.7', 'a branch that is unique', branch, 'via')
    }
  })
  attempt(() => {
    if (message.from.tag === undefined) add('from-tag-missing', 'RFC 3261 §8.1.1.3', 'a tag', 'none', 'from')
  })
  attempt(() => {
    // RFC 3261 §8.2.6.2: every response but 100 has a To tag.
    if (!request && message.status !== 100 && message.to.tag === undefined)
      add('to-tag-missing', 'RFC 3261 §8.2.6.2', 'a tag', 'none', 'to')
  })
  attempt(() => {
    if (!request) return
    const { method } = message.cseq
    if (method !== message.method && allTokens(method))
      add('cseq-method-mismatch', 'RFC 3261 §8.1.1.5', message.method, method, 'cseq', 400)
  })
  if (request && !headers.has('max-forwards')) add('max-forwards-missing', 'RFC 3261 §8.1.1.6', 'Max-Forwards', 'none')
  // RFC 3261 §7.4.1: a body's type is given.
  if (message.body.length > 0 && !headers.has('content-type'))
    add('content-type-missing', 'RFC 3261 §7.4.1', 'Content-Type', `a body of ${message.body.length} bytes without`)

  checkContact(message, add)
}

function checkContact(
  message: SipMessage,
  add: (code: string, rule: string, expected: string, actual: string, key?: string, status?: number) => void,
): void {
  attempt(() => {
    const contacts = message.contacts()
    const method = message.kind === 'request' ? message.method : message.cseq.method
    if (contacts === '*') {
      // RFC 3261 §10.2.2: the wildcard is for removing all bindings.
      const removes = message.kind === 'request' && method === 'REGISTER' && message.expires === 0
      if (!removes)
        add('contact-wildcard-misplaced', 'RFC 3261 §10.2.2', 'a URI, or REGISTER with Expires: 0', '*', 'contact', 400)
      return
    }
    if (method !== 'INVITE') return
    const establishes = message.kind === 'request' || (message.status >= 200 && message.status < 300)
    const rule = message.kind === 'request' ? 'RFC 3261 §8.1.1.8' : 'RFC 3261 §12.1.1'
    if (!establishes) return
    if (contacts.length === 0) add('contact-missing', rule, 'one Contact', 'none')
    else if (contacts.length > 1) add('contact-repeated', rule, 'one Contact', String(contacts.length), 'contact')
  })
}

function allTokens(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (((CLASS[text.charCodeAt(i)] ?? 0) & TOKEN) === 0) return false
  return true
}

/** What cannot be read has been named already. */
function attempt(check: () => void): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
  }
}
