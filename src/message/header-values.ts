/** Structured header field values, read in place: Via, name-addr, CSeq. */
import {
  COLON,
  type Coded,
  codedOf,
  codesStandAt,
  endOfQuotedIn,
  excerpt,
  isDigits,
  isToken,
  LESS,
  OPEN_BRACKET,
  QUOTE,
  quote,
  SEMICOLON,
  skipLwsBackIn,
  skipLwsIn,
  SPACE,
  unescapeQuoted,
  wordAt,
  wordTable,
} from './grammar.js'
import { formatParam, formatParams, NO_PARAMS, type Params, readParams } from './params.js'
import { ParseError } from './violation.js'

/** One Via value (RFC 3261 §20.42). */
export interface Via {
  /** `SIP/2.0` */
  readonly protocol: string
  /** Upper case. */
  readonly transport: string
  /** IPv6 without brackets. */
  readonly host: string
  readonly port?: number | undefined
  readonly params: Params
  readonly branch?: string | undefined
  /** IPv6 without brackets. */
  readonly received?: string | undefined
  /** `true`: the parameter is there without a value (RFC 3581 §3). */
  readonly rport?: number | true | undefined
}

/** A name-addr or addr-spec with header parameters (From, To, Contact, Route, … RFC 3261 §20.10). */
export interface NameAddr {
  /** Without quotes and escapes. */
  readonly display?: string | undefined
  readonly uri: string
  readonly params: Params
  readonly tag?: string | undefined
}

export interface CSeq {
  readonly number: number
  readonly method: string
}

/** Reads one Via value. @throws ParseError */
export function parseVia(text: string): Via {
  return readVia(codedOf(text), 0, text.length)
}

const VERSION = Buffer.from('SIP/2.0/')
/** The common transports. */
const TRANSPORTS = wordTable('UDP', 'TCP', 'TLS')

/** The same for the characters from `start` to `stop`, which may be folded. @throws ParseError */
export function readVia(coded: Coded, start: number, stop: number): Via {
  const { bytes, base, text } = coded
  // Positions in `bytes` from here on.
  const end = base + stop
  let pos = skipLwsIn(bytes, base + start, end)
  let protocol = 'SIP/2.0'
  if (codesStandAt(VERSION, bytes, pos) && pos + VERSION.length <= end) {
    pos += VERSION.length
  } else {
    // Spaces may stand around the slashes (SLASH of RFC 3261 §25.1).
    const from = pos - base
    const first = text.indexOf('/', from)
    const second = first < 0 ? -1 : text.indexOf('/', first + 1)
    if (second < 0 || second >= stop) throw viaError(`sent-protocol expected at "${excerpt(text, from)}"`, from)
    protocol = `${text.slice(from, first).trim()}/${text.slice(first + 1, second).trim()}`
    pos = base + second + 1
  }
  pos = skipLwsIn(bytes, pos, end)
  const transportStart = pos
  while (pos < end && (bytes[pos] ?? 0) > SPACE) pos++
  const transport =
    wordAt(TRANSPORTS, bytes, transportStart, pos) ?? text.slice(transportStart - base, pos - base).toUpperCase()
  const hostStart = skipLwsIn(bytes, pos, end)
  let host: string
  let hostEnd: number
  if (bytes[hostStart] === OPEN_BRACKET) {
    const close = text.indexOf(']', hostStart - base)
    hostEnd = close < 0 || close >= stop ? hostStart : base + close + 1
    host = text.slice(hostStart + 1 - base, hostEnd - 1 - base)
  } else {
    hostEnd = hostStart
    while (hostEnd < end) {
      const code = bytes[hostEnd] ?? 0
      if (code === COLON || code === SEMICOLON || code <= SPACE) break
      hostEnd++
    }
    host = text.slice(hostStart - base, hostEnd - base)
  }
  if (transport === '' || host === '' || hostStart === pos) {
    const at = transportStart - base
    throw viaError(`transport and sent-by expected at "${excerpt(text, at)}"`, at)
  }
  pos = skipLwsIn(bytes, hostEnd, end)
  let port: number | undefined
  if (pos < end && bytes[pos] === COLON) {
    const portStart = skipLwsIn(bytes, pos + 1, end)
    pos = portStart
    port = 0
    while (pos < end) {
      const code = bytes[pos] ?? 0
      if (code < 48 || code > 57) break
      port = Math.min(port * 10 + code - 48, 65_536)
      pos++
    }
    if (pos === portStart || port > 65_535) {
      const at = portStart - base
      throw viaError(`port expected at "${excerpt(text, at)}"`, at)
    }
  }
  return viaOf(protocol, transport, host, port, readParams(coded, pos - base, stop))
}

function viaOf(protocol: string, transport: string, host: string, port: number | undefined, params: Params): Via {
  let branch: string | undefined
  let received: string | undefined
  let rport: number | true | undefined
  if (params.size > 0) {
    branch = params.get('branch')
    received = params.get('received')
    if (received !== undefined && received.charCodeAt(0) === OPEN_BRACKET) received = received.slice(1, -1)
    const rportText = params.get('rport')
    if (rportText !== undefined) rport = isDigits(rportText) ? Number(rportText) : true
    else if (params.has('rport')) rport = true
  }
  return { protocol, transport, host, port, params, branch, received, rport }
}

function viaError(message: string, offset: number): ParseError {
  return new ParseError('via-malformed', 'RFC 3261 §20.42', message, offset)
}

/**
 * Reads one name-addr or addr-spec with its parameters. Of an addr-spec without angle brackets everything from the
 * first semicolon on belongs to the header field (RFC 3261 §20.10).
 * @throws ParseError
 */
export function parseNameAddr(text: string): NameAddr {
  return readNameAddr(codedOf(text), 0, text.length)
}

/** The same for the characters from `from` to `stop`, without folding. @throws ParseError */
export function readNameAddr(coded: Coded, from: number, stop: number): NameAddr {
  const { bytes, base, text } = coded
  // Positions in `bytes` from here on.
  const end = base + stop
  const start = skipLwsIn(bytes, base + from, end)
  let display: string | undefined
  let open = -1
  if (start < end && bytes[start] === QUOTE) {
    const after = endOfQuotedIn(bytes, start, end)
    if (after < 0) {
      throw new ParseError(
        'quoted-string-open',
        'RFC 3261 §25.1',
        `quote not closed in "${excerpt(text, start - base)}"`,
        start - base,
      )
    }
    display = unescapeQuoted(text.slice(start + 1 - base, after - 1 - base))
    open = skipLwsIn(bytes, after, end)
    if (open >= end || bytes[open] !== LESS) {
      const at = open - base
      throw addressError(`'<' expected after the display name at "${excerpt(text, at)}"`, at)
    }
  } else {
    // A '<' behind the first semicolon belongs to a parameter of a bare addr-spec.
    for (let i = start; i < end; i++) {
      const code = bytes[i]
      if (code === SEMICOLON) break
      if (code === LESS) {
        open = i
        break
      }
    }
    if (open > start) display = text.slice(start - base, skipLwsBackIn(bytes, open, start) - base)
  }
  let uri: string
  let pos: number
  if (open >= 0) {
    const close = text.indexOf('>', open - base)
    if (close < 0 || close >= stop) {
      const at = open - base
      throw addressError(`'>' missing after "${excerpt(text, at)}"`, at)
    }
    pos = base + close
    const uriStart = skipLwsIn(bytes, open + 1, pos)
    uri = text.slice(uriStart - base, skipLwsBackIn(bytes, pos, uriStart) - base)
    pos++
  } else {
    pos = start
    while (pos < end) {
      const code = bytes[pos] ?? 0
      if (code === SEMICOLON || code <= SPACE) break
      pos++
    }
    uri = text.slice(start - base, pos - base)
  }
  if (uri === '') throw addressError(`no URI in "${excerpt(text, start - base)}"`, start - base)
  const params = readParams(coded, pos - base, stop)
  return { display, uri, params, tag: params === NO_PARAMS ? undefined : params.get('tag') }
}

function addressError(message: string, offset: number): ParseError {
  return new ParseError('address-malformed', 'RFC 3261 §25.1', message, offset)
}

/** Reads CSeq (RFC 3261 §20.16). @throws ParseError */
export function parseCSeq(text: string): CSeq {
  return readCSeq(codedOf(text), 0, text.length)
}

/** The same for the characters from `from` to `stop`, which may be folded. @throws ParseError */
export function readCSeq({ bytes, base, text }: Coded, from: number, stop: number): CSeq {
  // Positions in `bytes` from here on.
  const start = skipLwsIn(bytes, base + from, base + stop)
  const end = skipLwsBackIn(bytes, base + stop, start)
  let pos = start
  let number = 0
  while (pos < end) {
    const code = bytes[pos] ?? 0
    if (code < 48 || code > 57) break
    number = number * 10 + code - 48
    pos++
  }
  const methodStart = skipLwsIn(bytes, pos, end)
  if (pos === start || methodStart === pos || methodStart === end) {
    throw new ParseError(
      'cseq-malformed',
      'RFC 3261 §20.16',
      `number and method expected, not "${excerpt(text, start - base, end - base)}"`,
    )
  }
  if (number > 0xffff_ffff) {
    throw new ParseError(
      'cseq-range',
      'RFC 3261 §8.1.1.5',
      `number of 32 bits expected, not ${text.slice(start - base, start - base + 20)}`,
    )
  }
  return {
    number,
    method: wordAt(METHODS, bytes, methodStart, end) ?? text.slice(methodStart - base, end - base),
  }
}

/** The known methods. Methods are case-sensitive. */
export const METHODS = wordTable(
  'ACK',
  'BYE',
  'INFO',
  'PRACK',
  'REFER',
  'INVITE',
  'CANCEL',
  'UPDATE',
  'NOTIFY',
  'OPTIONS',
  'MESSAGE',
  'PUBLISH',
  'REGISTER',
  'SUBSCRIBE',
)

/** Reads a count of seconds or hops: digits. @throws ParseError */
export function parseNumber(text: string, code: string, rule: string): number {
  if (!isDigits(text)) throw new ParseError(code, rule, `digits expected, not "${excerpt(text, 0)}"`)
  return Number(text)
}

/** Brackets around an IPv6 address that has none. */
export function bracketed(host: string): string {
  return host.includes(':') && host.charCodeAt(0) !== OPEN_BRACKET ? `[${host}]` : host
}

/** Writes a Via value; `params` tells all parameters, `branch`, `received` and `rport` override theirs. */
export function formatVia(via: Partial<Via> & Pick<Via, 'transport' | 'host'>): string {
  const port = via.port === undefined ? '' : `:${via.port}`
  let params: Params | undefined = via.params
  const { branch, received, rport } = via
  if (branch !== undefined || received !== undefined || rport !== undefined) {
    const all = new Map(params)
    if (rport !== undefined) all.set('rport', rport === true ? undefined : String(rport))
    if (received !== undefined) all.set('received', received)
    if (branch !== undefined) all.set('branch', branch)
    params = all
  }
  const rest = params === undefined ? '' : formatParams(params)
  return `${via.protocol ?? 'SIP/2.0'}/${via.transport} ${bracketed(via.host)}${port}${rest}`
}

/** Writes a name-addr, always in angle brackets; `tag` overrides the parameter. */
export function formatNameAddr(value: Partial<NameAddr> & Pick<NameAddr, 'uri'>): string {
  const { display, tag } = value
  let params: Params | undefined = value.params
  if (tag !== undefined && params !== undefined && params.get('tag') !== tag) params = new Map(params).set('tag', tag)
  const name = display === undefined || display === '' ? '' : `${displayName(display)} `
  const rest = params !== undefined ? formatParams(params) : tag === undefined ? '' : formatParam('tag', tag)
  return `${name}<${value.uri}>${rest}`
}

function displayName(display: string): string {
  return display.split(' ').every(isToken) ? display : quote(display)
}
