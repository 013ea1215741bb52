import {
  COLON,
  CLOSE_BRACKET,
  endOfQuoted,
  excerpt,
  formatParams,
  isDigits,
  isLws,
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
  let pos = skipLws(text, 0)
  let protocol = 'SIP/2.0'
  if (text.startsWith('SIP/2.0/', pos)) {
    pos += 8
  } else {
    // Spaces may stand around the slashes (SLASH of RFC 3261 §25.1).
    const first = text.indexOf('/', pos)
    const second = first < 0 ? -1 : text.indexOf('/', first + 1)
    if (second < 0) throw viaError(`sent-protocol expected at "${excerpt(text, pos)}"`, pos)
    protocol = `${text.slice(pos, first).trim()}/${text.slice(first + 1, second).trim()}`
    pos = second + 1
  }
  pos = skipLws(text, pos)
  const transportStart = pos
  while (pos < text.length && !isLws(text.charCodeAt(pos))) pos++
  const transport = upperTransport(text.slice(transportStart, pos))
  const hostStart = skipLws(text, pos)
  const [host, afterHost] = readHost(text, hostStart)
  if (transport === '' || host === '' || hostStart === pos) {
    throw viaError(`transport and sent-by expected at "${excerpt(text, transportStart)}"`, transportStart)
  }
  pos = skipLws(text, afterHost)
  let port: number | undefined
  if (text.charCodeAt(pos) === COLON) {
    const portStart = skipLws(text, pos + 1)
    pos = portStart
    port = 0
    for (let code = text.charCodeAt(pos); code >= 48 && code <= 57; code = text.charCodeAt(++pos)) {
      port = Math.min(port * 10 + code - 48, 65_536)
    }
    if (pos === portStart || port > 65_535) throw viaError(`port expected at "${excerpt(text, portStart)}"`, portStart)
  }
  const params = parseParams(text, pos)
  return viaOf(protocol, transport, host, port, params)
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

function upperTransport(text: string): string {
  return text === 'UDP' || text === 'TCP' || text === 'TLS' ? text : text.toUpperCase()
}

/** Reads host or IPv6reference at `pos`; gives it without brackets, and the position after it. */
export function readHost(text: string, pos: number): [host: string, after: number] {
  if (text.charCodeAt(pos) === OPEN_BRACKET) {
    const close = text.indexOf(']', pos)
    return close < 0 ? ['', pos] : [text.slice(pos + 1, close), close + 1]
  }
  const start = pos
  for (; pos < text.length; pos++) {
    const code = text.charCodeAt(pos)
    if (code === COLON || code === SEMICOLON || isLws(code) || code === CLOSE_BRACKET) break
  }
  return [text.slice(start, pos), pos]
}

/**
 * Reads one name-addr or addr-spec with its parameters. Of an addr-spec without angle brackets everything from the
 * first semicolon on belongs to the header field (RFC 3261 §20.10).
 * @throws ParseError
 */
export function parseNameAddr(text: string): NameAddr {
  const start = skipLws(text, 0)
  let display: string | undefined
  let open: number
  if (text.charCodeAt(start) === QUOTE) {
    const after = endOfQuoted(text, start)
    if (after < 0) {
      throw new ParseError(
        'quoted-string-open',
        'RFC 3261 §25.1',
        `quote not closed in "${excerpt(text, start)}"`,
        start,
      )
    }
    display = unescapeQuoted(text.slice(start + 1, after - 1))
    open = skipLws(text, after)
    if (text.charCodeAt(open) !== LESS) {
      throw addressError(`'<' expected after the display name at "${excerpt(text, open)}"`, open)
    }
  } else {
    open = text.indexOf('<', start)
    if (open >= 0) {
      const end = skipLwsBack(text, open, start)
      // A '<' in a parameter of a bare addr-spec is none of its business.
      if (end > start) {
        const semicolon = text.indexOf(';', start)
        if (semicolon >= 0 && semicolon < open) open = -1
        else display = text.slice(start, end)
      }
    }
  }
  let uri: string
  let pos: number
  if (open >= 0) {
    const close = text.indexOf('>', open)
    if (close < 0) throw addressError(`'>' missing after "${excerpt(text, open)}"`, open)
    uri = text.slice(open + 1, close)
    if (isLws(uri.charCodeAt(0)) || isLws(uri.charCodeAt(uri.length - 1))) uri = uri.trim()
    pos = close + 1
  } else {
    pos = start
    for (; pos < text.length; pos++) {
      const code = text.charCodeAt(pos)
      if (code === SEMICOLON || isLws(code)) break
    }
    uri = text.slice(start, pos)
  }
  if (uri === '') throw addressError(`no URI in "${excerpt(text, start)}"`, start)
  const params = parseParams(text, pos)
  return { display, uri, params, tag: params === NO_PARAMS ? undefined : params.get('tag') }
}

function addressError(message: string, offset: number): ParseError {
  return new ParseError('address-malformed', 'RFC 3261 §25.1', message, offset)
}

/** Reads CSeq (RFC 3261 §20.16). @throws ParseError */
export function parseCSeq(text: string): CSeq {
  let pos = 0
  let number = 0
  for (let code = text.charCodeAt(0); code >= 48 && code <= 57; code = text.charCodeAt(++pos)) {
    number = number * 10 + code - 48
  }
  const methodStart = skipLws(text, pos)
  if (pos === 0 || methodStart === pos || methodStart === text.length) {
    throw new ParseError('cseq-malformed', 'RFC 3261 §20.16', `number and method expected, not "${excerpt(text, 0)}"`)
  }
  if (number > 0xffff_ffff) {
    throw new ParseError('cseq-range', 'RFC 3261 §8.1.1.5', `number of 32 bits expected, not ${text.slice(0, 20)}`)
  }
  return { number, method: internMethod(text.slice(methodStart)) }
}

const METHODS = new Map(
  'INVITE ACK BYE CANCEL OPTIONS REGISTER PRACK UPDATE INFO SUBSCRIBE NOTIFY REFER MESSAGE PUBLISH'
    .split(' ')
    .map((name) => [name, name]),
)

/** The method as a string that does not keep the message it came from in memory. Methods are case-sensitive. */
export function internMethod(method: string): string {
  return METHODS.get(method) ?? method
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
