import {
  COLON,
  endOfQuoted,
  excerpt,
  formatParams,
  isDigits,
  isToken,
  LESS,
  NO_PARAMS,
  OPEN_BRACKET,
  type Params,
  parseParams,
  QUOTE,
  quote,
  SEMICOLON,
  skipLws,
  skipLwsBack,
  SPACE,
  standsAt,
  unescapeQuoted,
} from './grammar.js'
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
  return readVia(text, 0, text.length)
}

/** The same for the characters from `pos` to `end`, which may be folded. @throws ParseError */
export function readVia(text: string, pos: number, end: number): Via {
  pos = skipLws(text, pos, end)
  let protocol = 'SIP/2.0'
  if (standsAt('SIP/2.0/', text, pos) && pos + 8 <= end) {
    pos += 8
  } else {
    // Spaces may stand around the slashes (SLASH of RFC 3261 §25.1).
    const first = text.indexOf('/', pos)
    const second = first < 0 ? -1 : text.indexOf('/', first + 1)
    if (second < 0 || second >= end) throw viaError(`sent-protocol expected at "${excerpt(text, pos)}"`, pos)
    protocol = `${text.slice(pos, first).trim()}/${text.slice(first + 1, second).trim()}`
    pos = skipLws(text, second + 1, end)
  }
  pos = skipLws(text, pos, end)
  const transportStart = pos
  while (pos < end && text.charCodeAt(pos) > SPACE) pos++
  const transport = transportName(text, transportStart, pos)
  const hostStart = skipLws(text, pos, end)
  let host: string
  let hostEnd: number
  if (text.charCodeAt(hostStart) === OPEN_BRACKET) {
    const close = text.indexOf(']', hostStart)
    hostEnd = close < 0 || close >= end ? hostStart : close + 1
    host = text.slice(hostStart + 1, hostEnd - 1)
  } else {
    hostEnd = hostStart
    while (hostEnd < end) {
      const code = text.charCodeAt(hostEnd)
      if (code === COLON || code === SEMICOLON || code <= SPACE) break
      hostEnd++
    }
    host = text.slice(hostStart, hostEnd)
  }
  if (transport === '' || host === '' || hostStart === pos) {
    throw viaError(`transport and sent-by expected at "${excerpt(text, transportStart)}"`, transportStart)
  }
  pos = skipLws(text, hostEnd, end)
  let port: number | undefined
  if (pos < end && text.charCodeAt(pos) === COLON) {
    const portStart = skipLws(text, pos + 1, end)
    pos = portStart
    port = 0
    while (pos < end) {
      const code = text.charCodeAt(pos)
      if (code < 48 || code > 57) break
      port = Math.min(port * 10 + code - 48, 65_536)
      pos++
    }
    if (pos === portStart || port > 65_535) throw viaError(`port expected at "${excerpt(text, portStart)}"`, portStart)
  }
  return viaOf(protocol, transport, host, port, parseParams(text, pos, end))
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

/** In upper case; the common ones without making a string. */
function transportName(text: string, start: number, end: number): string {
  if (end - start === 3) {
    if (standsAt('UDP', text, start)) return 'UDP'
    if (standsAt('TCP', text, start)) return 'TCP'
    if (standsAt('TLS', text, start)) return 'TLS'
  }
  return text.slice(start, end).toUpperCase()
}

/**
 * Reads one name-addr or addr-spec with its parameters. Of an addr-spec without angle brackets everything from the
 * first semicolon on belongs to the header field (RFC 3261 §20.10).
 * @throws ParseError
 */
export function parseNameAddr(text: string): NameAddr {
  return readNameAddr(text, 0, text.length)
}

/** The same for the characters from `start` to `end`, without folding. @throws ParseError */
export function readNameAddr(text: string, start: number, end: number): NameAddr {
  start = skipLws(text, start, end)
  let display: string | undefined
  let open = -1
  if (start < end && text.charCodeAt(start) === QUOTE) {
    const after = endOfQuoted(text, start, end)
    if (after < 0) {
      throw new ParseError(
        'quoted-string-open',
        'RFC 3261 §25.1',
        `quote not closed in "${excerpt(text, start)}"`,
        start,
      )
    }
    display = unescapeQuoted(text.slice(start + 1, after - 1))
    open = skipLws(text, after, end)
    if (open >= end || text.charCodeAt(open) !== LESS) {
      throw addressError(`'<' expected after the display name at "${excerpt(text, open)}"`, open)
    }
  } else {
    // A '<' behind the first semicolon belongs to a parameter of a bare addr-spec.
    for (let i = start; i < end; i++) {
      const code = text.charCodeAt(i)
      if (code === SEMICOLON) break
      if (code === LESS) {
        open = i
        break
      }
    }
    if (open > start) display = text.slice(start, skipLwsBack(text, open, start))
  }
  let uri: string
  let pos: number
  if (open >= 0) {
    pos = text.indexOf('>', open)
    if (pos < 0 || pos >= end) throw addressError(`'>' missing after "${excerpt(text, open)}"`, open)
    const from = skipLws(text, open + 1, pos)
    uri = text.slice(from, skipLwsBack(text, pos, from))
    pos++
  } else {
    pos = start
    while (pos < end) {
      const code = text.charCodeAt(pos)
      if (code === SEMICOLON || code <= SPACE) break
      pos++
    }
    uri = text.slice(start, pos)
  }
  if (uri === '') throw addressError(`no URI in "${excerpt(text, start)}"`, start)
  const params = parseParams(text, pos, end)
  return { display, uri, params, tag: params === NO_PARAMS ? undefined : params.get('tag') }
}

function addressError(message: string, offset: number): ParseError {
  return new ParseError('address-malformed', 'RFC 3261 §25.1', message, offset)
}

/** Reads CSeq (RFC 3261 §20.16). @throws ParseError */
export function parseCSeq(text: string): CSeq {
  return readCSeq(text, 0, text.length)
}

/** The same for the characters from `start` to `end`, which may be folded. @throws ParseError */
export function readCSeq(text: string, start: number, end: number): CSeq {
  start = skipLws(text, start, end)
  end = skipLwsBack(text, end, start)
  let pos = start
  let number = 0
  while (pos < end) {
    const code = text.charCodeAt(pos)
    if (code < 48 || code > 57) break
    number = number * 10 + code - 48
    pos++
  }
  const methodStart = skipLws(text, pos, end)
  if (pos === start || methodStart === pos || methodStart === end) {
    throw new ParseError(
      'cseq-malformed',
      'RFC 3261 §20.16',
      `number and method expected, not "${excerpt(text, start, end)}"`,
    )
  }
  if (number > 0xffff_ffff) {
    throw new ParseError(
      'cseq-range',
      'RFC 3261 §8.1.1.5',
      `number of 32 bits expected, not ${text.slice(start, start + 20)}`,
    )
  }
  return { number, method: methodAt(text, methodStart, end) }
}

/** The known methods by length. */
const METHODS: readonly (readonly string[])[] = [
  [],
  [],
  [],
  ['ACK', 'BYE'],
  ['INFO'],
  ['PRACK', 'REFER'],
  ['INVITE', 'CANCEL', 'UPDATE', 'NOTIFY'],
  ['OPTIONS', 'MESSAGE', 'PUBLISH'],
  ['REGISTER'],
  ['SUBSCRIBE'],
]

/** The method that stands there; for a known one no new string is made. Methods are case-sensitive. */
export function methodAt(text: string, start: number, end: number): string {
  const candidates = METHODS[end - start]
  if (candidates !== undefined) {
    for (const candidate of candidates) if (standsAt(candidate, text, start)) return candidate
  }
  return text.slice(start, end)
}

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
  if (tag !== undefined && params?.get('tag') !== tag) params = new Map(params).set('tag', tag)
  const name = display === undefined || display === '' ? '' : `${displayName(display)} `
  return `${name}<${value.uri}>${params === undefined ? '' : formatParams(params)}`
}

function displayName(display: string): string {
  return display.split(' ').every(isToken) ? display : quote(display)
}
