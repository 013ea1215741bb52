/** SIP, SIPS and tel URIs: RFC 3261 §19.1, RFC 3966. */
import {
  allOf,
  CLASS,
  COLON,
  excerpt,
  HOST,
  isDigits,
  OPEN_BRACKET,
  SEMICOLON,
  TOKEN,
  URI_HEADER,
  URI_PARAM,
  URI_PASSWORD,
  URI_USER,
} from './grammar.js'
import { NO_PARAMS, type Params } from './params.js'
import { ParseError } from './violation.js'

const HYPHEN = 45
const DOT = 46
const QUESTION = 63
const UNDERSCORE = 95

/** A URI as SIP uses it (RFC 3261 §19.1, RFC 3966 for `tel`). */
export interface SipUri {
  /** Lower case: `sip`, `sips`, `tel`, or whatever else was there. */
  readonly scheme: string
  /** As written, escapes kept. Of a `tel` URI: the number. */
  readonly user?: string | undefined
  /** `user` with its %-escapes decoded. */
  readonly userDecoded?: string | undefined
  /** As written. */
  readonly password?: string | undefined
  /** As spelt; IPv6 addresses without brackets. Empty for schemes other than sip and sips. */
  readonly host: string
  readonly port?: number | undefined
  /** Names in lower case, values as written, escapes kept. */
  readonly params: Params
  /** URI headers (`?name=value&…`), names in lower case, values as written. */
  readonly headers: Params
  /** What follows the scheme of a URI that is neither sip, sips nor tel. */
  readonly opaque?: string | undefined
}

/** Parses a URI. @throws ParseError */
export function parseUri(text: string): SipUri {
  const colon = text.indexOf(':')
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase()
  if (!isScheme(scheme)) throw uriError(`a scheme was expected in "${excerpt(text, 0)}"`, 0)
  if (scheme === 'tel') return parseTel(text.slice(colon + 1))
  const forbidden = /[\u0000- <>"\u007f]/.exec(text)
  if (forbidden !== null)
    throw uriError(`a character that must be escaped, at "${excerpt(text, forbidden.index)}"`, forbidden.index)
  if (scheme !== 'sip' && scheme !== 'sips')
    return { scheme, host: '', params: NO_PARAMS, headers: NO_PARAMS, opaque: text.slice(colon + 1) }

  let pos = colon + 1
  let user: string | undefined
  let password: string | undefined
  const at = text.indexOf('@', pos)
  if (at >= 0) {
    user = text.slice(pos, at)
    const split = user.indexOf(':')
    if (split >= 0) {
      password = user.slice(split + 1)
      user = user.slice(0, split)
    }
    if (user === '') throw uriError('the user part is empty', pos)
    pos = at + 1
  }

  const end = text.length
  let hostEnd: number
  let host: string
  if (text.charCodeAt(pos) === OPEN_BRACKET) {
    const close = text.indexOf(']', pos)
    host = close < 0 ? '' : text.slice(pos + 1, close)
    hostEnd = close + 1
    if (!isIpv6(host)) throw uriError(`an IPv6 address was expected at "${excerpt(text, pos)}"`, pos)
  } else {
    hostEnd = pos
    let odd = false
    for (; hostEnd < end; hostEnd++) {
      const code = text.charCodeAt(hostEnd)
      if (code === COLON || code === SEMICOLON || code === QUESTION) break
      // Underscores are no part of the grammar, but of real host names.
      if (((CLASS[code] ?? 0) & HOST) === 0 && code !== UNDERSCORE) odd = true
    }
    host = text.slice(pos, hostEnd)
    if (odd || host === '') throw uriError(`a host was expected at "${excerpt(text, pos)}"`, pos)
  }
  pos = hostEnd
  let port: number | undefined
  if (text[pos] === ':') {
    const start = ++pos
    while (pos < end && text[pos] !== ';' && text[pos] !== '?') pos++
    const digits = text.slice(start, pos)
    port = isDigits(digits) && digits.length < 10 ? Number(digits) : 65_536
    if (port > 65_535) throw uriError(`a port was expected at "${excerpt(text, start)}"`, start)
  }
  let params = NO_PARAMS
  if (text[pos] === ';') {
    const question = text.indexOf('?', pos)
    const stop = question < 0 ? end : question
    params = split(text.slice(pos + 1, stop), ';')
    pos = stop
  }
  let headers = NO_PARAMS
  if (text[pos] === '?') {
    headers = split(text.slice(pos + 1), '&')
    pos = end
  }
  if (pos < end) throw uriError(`nothing was expected at "${excerpt(text, pos)}"`, pos)
  return {
    scheme,
    user,
    userDecoded: user === undefined ? undefined : unescape(user),
    password,
    host,
    port,
    params,
    headers,
  }
}

function parseTel(text: string): SipUri {
  const semicolon = text.indexOf(';')
  const user = semicolon < 0 ? text : text.slice(0, semicolon)
  // RFC 3966 §3: phone digits or hexadecimal digits, *, #, and visual separators.
  if (!/^\+?[0-9A-Fa-f*#().-]+$/.test(user))
    throw uriError(`a telephone number was expected at "${excerpt(text, 0)}"`, 4)
  const params = semicolon < 0 ? NO_PARAMS : split(text.slice(semicolon + 1), ';')
  return { scheme: 'tel', user, userDecoded: user, host: '', params, headers: NO_PARAMS }
}

function split(text: string, separator: string): Params {
  const params = new Map<string, string | undefined>()
  for (const part of text.split(separator)) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = unescape((equals < 0 ? part : part.slice(0, equals)).toLowerCase()).toLowerCase()
    if (!params.has(name)) params.set(name, equals < 0 ? undefined : part.slice(equals + 1))
  }
  return params
}

function uriError(message: string, offset: number): ParseError {
  return new ParseError('uri-malformed', 'RFC 3261 §19.1.1', message, offset)
}

function isScheme(text: string): boolean {
  return text === 'sip' || text === 'sips' || /^[a-z][a-z0-9+.-]*$/.test(text)
}

/** Is the text an IPv6 address as RFC 3261 §25.1 writes it, without brackets? */
export function isIpv6(text: string): boolean {
  if (text.length > 45 || !/^[0-9A-Fa-f:.]+$/.test(text)) return false
  let groups = text
  let expected = 8
  if (text.includes('.')) {
    const colon = text.lastIndexOf(':')
    if (!isIpv4(text.slice(colon + 1))) return false
    groups = text.slice(0, colon + 1)
    // RFC 5118 §4.10: RFC 3261's grammar puts a third colon before the IPv4 address.
    if (groups.endsWith(':::')) groups = groups.slice(0, -1)
    if (groups.endsWith(':') && !groups.endsWith('::')) groups = groups.slice(0, -1)
    expected = 6
  }
  const halves = groups.split('::')
  if (halves.length > 2) return false
  let count = 0
  for (const half of halves) {
    if (half === '') continue
    for (const group of half.split(':')) {
      if (!/^[0-9A-Fa-f]{1,4}$/.test(group)) return false
      count++
    }
  }
  // `::` stands for at least one group (RFC 4291 §2.2).
  return halves.length === 2 ? count < expected : count === expected
}

export function isIpv4(text: string): boolean {
  let dots = 0
  let digits = 0
  let number = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT) {
      if (digits === 0 || ++dots > 3) return false
      digits = 0
      number = 0
    } else {
      if (code < 48 || code > 57 || ++digits > 3) return false
      number = number * 10 + code - 48
      if (number > 255) return false
    }
  }
  return dots === 3 && digits > 0
}

/**
 * Is the text a hostname of RFC 3261 §25.1: labels that begin and end with a letter or digit, the last beginning with a
 * letter, and perhaps a dot behind it?
 */
export function isHostname(text: string): boolean {
  const end = text.charCodeAt(text.length - 1) === DOT ? text.length - 1 : text.length
  let start = 0
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT) {
      if (!isLabel(text, start, i)) return false
      start = i + 1
    } else if (((CLASS[code] ?? 0) & HOST) === 0) {
      return false
    }
  }
  return isLabel(text, start, end) && text.charCodeAt(start) > 57
}

/** Neither empty nor with a hyphen at either end. */
function isLabel(text: string, start: number, end: number): boolean {
  return end > start && text.charCodeAt(start) !== HYPHEN && text.charCodeAt(end - 1) !== HYPHEN
}

/** Writes a URI. The user part is taken as written, that is, escaped already; see `escapeUser`. */
export function formatUri(uri: Partial<SipUri> & Pick<SipUri, 'scheme'>): string {
  if (uri.opaque !== undefined) return `${uri.scheme}:${uri.opaque}`
  const params = uri.params === undefined ? '' : join(uri.params, ';', ';')
  if (uri.scheme === 'tel') return `tel:${uri.user ?? ''}${params}`
  const host = uri.host ?? ''
  let text = `${uri.scheme}:`
  if (uri.user !== undefined) {
    text += uri.user
    if (uri.password !== undefined) text += `:${uri.password}`
    text += '@'
  }
  text += host.includes(':') ? `[${host}]` : host
  if (uri.port !== undefined) text += `:${uri.port}`
  return text + params + (uri.headers === undefined ? '' : join(uri.headers, '?', '&'))
}

function join(params: Params, first: string, next: string): string {
  let text = ''
  for (const [name, value] of params) {
    text += text === '' ? first : next
    text += value === undefined ? name : `${name}=${value}`
  }
  return text
}

/** Parameters that a URI without them never matches (RFC 3261 §19.1.4). */
const NEVER_IGNORED = ['user', 'ttl', 'method', 'maddr', 'transport']

/** RFC 3261 §19.1.4: are the two URIs equivalent? (Not transitive, as the RFC defines it.) @throws ParseError */
export function uriEquals(a: SipUri | string, b: SipUri | string): boolean {
  if (a === b) return true
  const left = typeof a === 'string' ? parseUri(a) : a
  const right = typeof b === 'string' ? parseUri(b) : b
  if (left.scheme !== right.scheme) return false
  if (left.opaque !== undefined || right.opaque !== undefined) return left.opaque === right.opaque
  if (left.scheme === 'tel') return telEquals(left, right)
  if (plain(left.user) !== plain(right.user) || plain(left.password) !== plain(right.password)) return false
  if (!sameHost(left.host, right.host) || left.port !== right.port) return false
  for (const name of NEVER_IGNORED) if (left.params.has(name) !== right.params.has(name)) return false
  for (const [name, value] of left.params)
    if (right.params.has(name) && lower(value) !== lower(right.params.get(name))) return false

  // Header components are never ignored.
  if (left.headers.size !== right.headers.size) return false
  for (const [name, value] of left.headers)
    if (!right.headers.has(name) || lower(value) !== lower(right.headers.get(name))) return false

  return true
}

/** RFC 3966 §4: visual separators do not count, parameters do, in any order. */
function telEquals(a: SipUri, b: SipUri): boolean {
  const digits = (uri: SipUri) => (uri.user ?? '').replace(/[().-]/g, '').toLowerCase()
  if (digits(a) !== digits(b) || a.params.size !== b.params.size) return false
  for (const [name, value] of a.params)
    if (!b.params.has(name) || lower(value) !== lower(b.params.get(name))) return false

  return true
}

function sameHost(a: string, b: string): boolean {
  if (a === b) return true
  const x = a.toLowerCase()
  const y = b.toLowerCase()
  return x === y || (x.includes(':') && y.includes(':') && canonicalIpv6(x) === canonicalIpv6(y))
}

/** The same address may be written in several ways. */
function canonicalIpv6(text: string): string {
  try {
    return new URL(`http://[${text.replace(':::', '::')}]/`).hostname
  } catch {
    return text
  }
}

function lower(text: string | undefined): string | undefined {
  return plain(text)?.toLowerCase()
}

const RESERVED = ';/?:@&=+$,'

/** Decodes the escapes of characters outside the reserved set, which are equivalent to their escapes (§19.1.4). */
function plain(text: string | undefined): string | undefined {
  if (text === undefined || !text.includes('%')) return text
  return text.replace(/%([0-9A-Fa-f]{2})/g, (escape, hex: string) => {
    const char = String.fromCharCode(Number.parseInt(hex, 16))
    return RESERVED.includes(char) || char === '%' ? escape.toUpperCase() : char
  })
}

/** Decodes %-escapes once, as UTF-8; what is no escape stays. */
export function unescape(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
}

/**
 * Escapes what may not stand in the user part of a SIP URI (RFC 3261 §19.1.2, §25.1): `#` becomes `%23`, `*` stays.
 * A `%` becomes `%25`: the text is taken as not escaped yet.
 */
export function escapeUser(text: string): string {
  if (!text.includes('%') && allOf(URI_USER, text)) return text
  let escaped = ''
  for (const byte of Buffer.from(text, 'utf8')) {
    const char = String.fromCharCode(byte)
    escaped += byte !== 37 && allOf(URI_USER, char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return escaped
}

/** What a SIP, SIPS or tel URI has that the grammar of RFC 3261 §25.1 does not allow; undefined when nothing. */
export function uriDefect(text: string): string | undefined {
  const uri = soundUri(text)
  return typeof uri === 'string' ? uri : undefined
}

/** The URI, or what it has that the grammar does not allow: see `uriDefect`. */
export function soundUri(text: string): SipUri | string {
  try {
    const uri = parseUri(text)
    return defectOf(uri, text) ?? uri
  } catch (error) {
    return error instanceof ParseError ? error.message : String(error)
  }
}

function defectOf(uri: SipUri, text: string): string | undefined {
  if (uri.scheme === 'tel') return undefined
  if (uri.opaque !== undefined) {
    if (uri.opaque === '') return 'nothing follows the scheme'
    const odd = /[^\w\-.!~*'();/?:@&=+$,%[\]]/.exec(uri.opaque)
    return odd === null ? undefined : `the character "${odd[0]}" must be escaped`
  }
  const escape = /%(?![0-9A-Fa-f]{2})/.exec(text)
  if (escape !== null) return `"${excerpt(text, escape.index)}" is no escape`
  if (uri.user !== undefined && !allOf(URI_USER, uri.user)) return `user part "${uri.user}"`
  if (uri.password && !allOf(URI_PASSWORD, uri.password)) return 'password'
  if (!uri.host.includes(':') && !isIpv4(uri.host) && !isHostname(uri.host)) return `host "${uri.host}"`
  const tail = text.slice(text.indexOf('@') + 1)
  const question = tail.indexOf('?')
  const paramText = question < 0 ? tail : tail.slice(0, question)
  if (paramText.includes(';')) {
    const names = new Set<string>()
    for (const part of paramText.split(';').slice(1)) {
      const equals = part.indexOf('=')
      const name = (equals < 0 ? part : part.slice(0, equals)).toLowerCase()
      if (!allOf(URI_PARAM, name) || (equals >= 0 && !allOf(URI_PARAM, part, equals + 1))) return `parameter "${part}"`
      if (names.has(name)) return `parameter "${name}" twice`
      names.add(name)
    }
  }
  if (question >= 0) {
    for (const part of tail.slice(question + 1).split('&')) {
      const equals = part.indexOf('=')
      const valid = equals > 0 && allOf(URI_HEADER, part, 0, equals)
      if (!valid || (equals + 1 < part.length && !allOf(URI_HEADER, part, equals + 1))) return `header "${part}"`
    }
  }
  const transport = uri.params.get('transport')
  if (transport !== undefined && !allOf(TOKEN, transport)) return `transport "${transport}"`
  return undefined
}
