/** How the values of header fields are looked through: the grammar of RFC 3261 §25.1 and its extensions, piece by piece. */
import { parseAuthValues } from './auth-params.js'
import { allOf, endOfQuoted, excerpt, isDigits, isLws, isToken, skipLws, splitList, TOKEN } from './grammar.js'
import { parseCSeq, parseNameAddr, parseVia } from './header-values.js'
import { isHostname, isIpv4, isIpv6, type SipUri, soundUri, uriDefect } from './uri.js'
import { ParseError } from './violation.js'

/** What is wrong with a header field's value. */
export interface Defect {
  /** Absent: `<key>-malformed`. */
  readonly code?: string
  /** Absent: the section that defines the header field. */
  readonly rule?: string
  readonly expected: string
  readonly actual: string
  readonly status?: number
}

/** What is wrong with a value; undefined: nothing. */
export type Check = (value: string) => Defect | undefined

function malformed(expected: string, text: string, at = 0): Defect {
  return { expected, actual: text === '' ? 'nothing' : excerpt(text, at) }
}

export function matching(pattern: RegExp, expected: string): Check {
  return (value) => (pattern.test(value) ? undefined : malformed(expected, value))
}

/** A comma-separated list of at least `least` items, none of them empty. */
export function eachOf(check: Check, least: number): Check {
  return (value) => {
    if (value === '') return least === 0 ? undefined : malformed('a value', '')
    const items = splitList(value, true)
    if (items.includes('')) return malformed('no empty list items', value, Math.max(value.search(/,\s*(?:,|$)/), 0))
    for (const item of items) {
      const defect = check(item)
      if (defect !== undefined) return defect
    }
    return undefined
  }
}

export function checkToken(value: string): Defect | undefined {
  return isToken(value) ? undefined : malformed('a token', value)
}

export function checkNumber(value: string, most: number, least = 0): Defect | undefined {
  if (!isDigits(value)) return malformed('digits', value)
  const number = Number(value)
  return number > most || number < least
    ? { expected: `a number from ${least} to ${most}`, actual: value.slice(0, 24) }
    : undefined
}

export function checkNumberWithParams(value: string): Defect | undefined {
  const end = value.search(/[;\s]/)
  return (
    checkNumber(end < 0 ? value : value.slice(0, end), 0xffff_ffff) ?? (end < 0 ? undefined : checkParams(value, end))
  )
}

export function checkTokenWithParams(value: string): Defect | undefined {
  const end = value.search(/[;\s]/)
  return checkToken(end < 0 ? value : value.slice(0, end)) ?? (end < 0 ? undefined : checkParams(value, end))
}

export function checkMediaType(value: string): Defect | undefined {
  const type = /^[\w\-.!%*+`'~]+\s*\/\s*[\w\-.!%*+`'~]+/.exec(value)
  return type === null ? malformed('type/subtype', value) : checkParams(value, type[0].length)
}

export function checkBracketed(value: string): Defect | undefined {
  const close = value.indexOf('>')
  if (!value.startsWith('<') || close < 0) return malformed('a URI in angle brackets', value)
  const defect = uriDefect(value.slice(1, close))
  return defect === undefined ? checkParams(value, close + 1) : { expected: 'a URI', actual: defect }
}

/**
 * `*(SEMI generic-param)` from `pos` on: token or host or quoted string as value, no name twice (RFC 3261 §7.3.1).
 */
function checkParams(text: string, pos: number): Defect | undefined {
  const names = new Set<string>()
  pos = skipLws(text, pos)
  while (pos < text.length) {
    if (text[pos] !== ';') return malformed("';' and a parameter", text, pos)
    pos = skipLws(text, pos + 1)
    const start = pos
    while (pos < text.length && text[pos] !== '=' && text[pos] !== ';' && !isLws(text.charCodeAt(pos))) pos++
    const name = text.slice(start, pos).toLowerCase()
    if (!isToken(name)) return malformed('a parameter name', text, start)
    if (names.has(name))
      return { code: 'parameter-repeated', rule: 'RFC 3261 §7.3.1', expected: 'each parameter once', actual: name }
    names.add(name)
    pos = skipLws(text, pos)
    if (text[pos] !== '=') continue
    pos = skipLws(text, pos + 1)
    if (text[pos] === '"') {
      const after = endOfQuoted(text, pos)
      if (after < 0) return malformed('a closing quote', text, pos)
      pos = after
    } else {
      const from = pos
      while (pos < text.length && text[pos] !== ';' && !isLws(text.charCodeAt(pos))) pos++
      const value = text.slice(from, pos)
      // RFC 5118 §4.5: an address in `received` may stand without brackets, other hosts only with them.
      const host = (value.startsWith('[') && value.endsWith(']') && isIpv6(value.slice(1, -1))) || isIpv6(value)
      if (!isToken(value) && !host) return malformed('a token, a host or a quoted string', text, from)
    }
    pos = skipLws(text, pos)
  }
  return undefined
}

export function checkVia(value: string): Defect | undefined {
  let via: ReturnType<typeof parseVia>
  try {
    via = parseVia(value)
  } catch (error) {
    return thrown(error)
  }
  const [name = '', version = ''] = via.protocol.split('/')
  if (!isToken(name) || !isToken(version) || !isToken(via.transport))
    return malformed('SIP/2.0/ and a transport', value)
  // RFC 3261 §8.1.1.7: protocol name and version are SIP and 2.0.
  if (via.protocol.toUpperCase() !== 'SIP/2.0')
    return { rule: 'RFC 3261 §8.1.1.7', expected: 'SIP/2.0', actual: via.protocol }
  const semicolon = value.indexOf(';')
  const inBrackets = (semicolon < 0 ? value : value.slice(0, semicolon)).includes('[')
  const isHost = inBrackets ? isIpv6(via.host) : isIpv4(via.host) || isHostname(via.host)
  if (!isHost) return malformed('a host', via.host)
  const params = semicolon < 0 ? undefined : checkParams(value, semicolon)
  if (params !== undefined) return params
  const received = via.params.get('received')
  if (via.params.has('received')) {
    if (received?.startsWith('[') === true) {
      return {
        code: 'via-received-brackets',
        rule: 'RFC 5118 §4.5',
        expected: 'an address without brackets',
        actual: received,
      }
    }
    if (received === undefined || !(isIpv4(received) || isIpv6(received)))
      return malformed('an address in received', received ?? '')
  }
  const ttl = via.params.get('ttl')
  if (via.params.has('ttl') && !(/^[0-9]{1,3}$/.test(ttl ?? '') && Number(ttl) < 256))
    return malformed('a ttl from 0 to 255', ttl ?? '')
  const rport = via.params.get('rport')
  if (rport !== undefined && !/^[0-9]{1,5}$/.test(rport))
    return { code: 'via-rport-malformed', rule: 'RFC 3581 §3', expected: 'a port or nothing', actual: rport }
  if (via.params.has('branch') && !isToken(via.branch ?? '')) return malformed('a token as branch', via.branch ?? '')
  return undefined
}

/** Where a URI stands, in the columns of RFC 3261 §19.1.1's table 1. */
type Place = 'from' | 'to' | 'contact' | 'route' | 'other'

export function checkAddress(value: string, place: Place): Defect | undefined {
  let address: ReturnType<typeof parseNameAddr>
  try {
    address = parseNameAddr(value)
  } catch (error) {
    return thrown(error)
  }
  const inBrackets = address.display !== undefined || value.startsWith('<')
  const open = inBrackets ? value.indexOf('<', value.startsWith('"') ? endOfQuoted(value, 0) : 0) : -1
  const close = inBrackets ? value.indexOf('>', open) : -1
  if (!inBrackets) {
    if (place === 'route') return malformed('a URI in angle brackets', value)
    // RFC 3261 §20.10: else the comma and what follows would belong to the header field.
    if (/[,?]/.test(address.uri)) {
      return {
        code: 'address-needs-brackets',
        rule: 'RFC 3261 §20.10',
        expected: 'angle brackets around a URI with , or ?',
        actual: address.uri,
        status: 400,
      }
    }
  } else if (!value.startsWith('"') && address.display !== undefined && !address.display.split(/\s+/).every(isToken)) {
    return {
      code: 'display-name-malformed',
      rule: 'RFC 3261 §25.1',
      expected: 'tokens or a quoted string',
      actual: address.display,
      status: 400,
    }
  }
  if (inBrackets && value.slice(open + 1, close) !== address.uri)
    return { expected: 'no white space around the URI', actual: excerpt(value, open), status: 400 }

  const uri = soundUri(address.uri)
  if (typeof uri === 'string') return { expected: 'a URI', actual: uri, status: 400 }
  const paramsAt = inBrackets ? close + 1 : address.uri.length
  const params = checkParams(value, paramsAt)
  if (params !== undefined) return params
  if (address.params.has('tag') && !allOf(TOKEN, address.tag ?? ''))
    return malformed('a token as tag', address.tag ?? '')
  return checkComponents(uri, place)
}

/** RFC 3261 §19.1.1 table 1: which components a URI may have where. */
export function checkComponents(uri: SipUri, place: Place | 'request-uri'): Defect | undefined {
  if (uri.scheme !== 'sip' && uri.scheme !== 'sips') return undefined
  const forbidden: string[] = []
  if (place === 'from' || place === 'to') {
    if (uri.port !== undefined) forbidden.push('port')
    for (const name of ['maddr', 'ttl', 'transport', 'lr']) if (uri.params.has(name)) forbidden.push(name)
  }
  if (place !== 'other' && uri.params.has('method')) forbidden.push('method')
  if (place === 'route' && uri.params.has('ttl')) forbidden.push('ttl')
  if (place !== 'other' && place !== 'contact' && uri.headers.size > 0) forbidden.push('headers')
  if (forbidden.length === 0) return undefined
  return {
    code: 'uri-component-forbidden',
    rule: 'RFC 3261 §19.1.1',
    expected: 'a URI without it',
    actual: forbidden.join(', '),
  }
}

export function checkContact(value: string): Defect | undefined {
  if (value === '*') return undefined
  const list = eachOf((v) => (v === '*' ? malformed('the wildcard alone', v) : checkAddress(v, 'contact')), 1)(value)
  if (list !== undefined) return list
  for (const item of splitList(value)) {
    const { params } = parseNameAddr(item)
    const q = params.get('q')
    if (params.has('q') && !/^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(q ?? '')) {
      return {
        code: 'contact-q-malformed',
        expected: 'a q from 0 to 1 with three decimals at most',
        actual: q ?? 'nothing',
      }
    }

    const expires = params.get('expires')
    if (params.has('expires') && checkNumber(expires ?? '', 0xffff_ffff) !== undefined)
      return { code: 'contact-expires-malformed', expected: 'seconds below 2^32', actual: expires ?? 'nothing' }
  }
  return undefined
}

export function checkCSeq(value: string): Defect | undefined {
  try {
    const { number, method } = parseCSeq(value)
    if (!isToken(method)) return malformed('a method', method)
    if (number > 0x7fff_ffff) {
      return {
        code: 'cseq-range',
        rule: 'RFC 3261 §8.1.1.5',
        expected: 'a number below 2^31',
        actual: String(number),
        status: 400,
      }
    }
    return undefined
  } catch (error) {
    return thrown(error)
  }
}

export function checkRetryAfter(value: string): Defect | undefined {
  const digits = /^[0-9]+/.exec(value)
  if (digits === null) return malformed('seconds', value)
  let pos = skipLws(value, digits[0].length)
  if (value[pos] === '(') {
    pos = endOfComment(value, pos)
    if (pos < 0) return malformed('a closing parenthesis', value)
  }
  return checkParams(value, pos)
}

/** Products and comments (RFC 3261 §25.1 server-val). */
export function checkProducts(value: string): Defect | undefined {
  if (value === '') return malformed('a product or a comment', value)
  let pos = 0
  while (pos < value.length) {
    if (value[pos] === '(') {
      const end = endOfComment(value, pos)
      if (end < 0) return malformed('a closing parenthesis', value, pos)
      pos = end
    } else {
      const start = pos
      while (pos < value.length && !isLws(value.charCodeAt(pos)) && value[pos] !== '(') pos++
      const [product, version, ...more] = value.slice(start, pos).split('/')
      const valid = more.length === 0 && isToken(product ?? '') && (version === undefined || isToken(version))
      if (!valid) return malformed('a product or a comment', value, start)
    }
    pos = skipLws(value, pos)
  }
  return undefined
}

/** Position after the comment that opens at `pos` (comments nest), or -1. */
function endOfComment(text: string, pos: number): number {
  let depth = 0
  for (let i = pos; i < text.length; i++) {
    const char = text[i]
    if (char === '\\') i++
    else if (char === '(') depth++
    else if (char === ')' && --depth === 0) return i + 1
  }
  return -1
}

export function checkChallenge(value: string): Defect | undefined {
  const challenges = parseAuthValues(value)
  const [first] = challenges
  if (first === undefined || first.params.size === 0) return malformed('a scheme with parameters', value)
  // RFC 3261 §7.3.1: these header fields are not combined.
  if (challenges.length > 1) return malformed('one challenge', value)
  if (first.scheme.toLowerCase() === 'basic')
    return { code: 'basic-forbidden', rule: 'RFC 3261 §22.4', expected: 'Digest', actual: first.scheme }

  if (first.scheme.toLowerCase() !== 'digest') return undefined
  const { params, quoted } = first
  for (const name of ['realm', 'nonce']) {
    if (!params.has(name)) return malformed(name, value)
    if (!quoted.has(name)) return malformed(`${name} in quotes`, `${name}=${params.get(name)}`)
  }
  if (!params.has('qop'))
    return { code: 'challenge-qop-missing', rule: 'RFC 3261 §22.4', expected: 'qop', actual: 'none' }
  if (!quoted.has('qop')) return malformed('qop in quotes', `qop=${params.get('qop')}`)
  for (const name of ['stale', 'algorithm'])
    if (quoted.has(name)) return malformed(`${name} without quotes`, `${name}="${params.get(name)}"`)

  return undefined
}

export function checkCredentials(value: string): Defect | undefined {
  const [first, second] = parseAuthValues(value)
  if (first === undefined || first.params.size === 0 || second !== undefined)
    return malformed('a scheme with parameters', value)
  if (first.scheme.toLowerCase() === 'basic')
    return { code: 'basic-forbidden', rule: 'RFC 3261 §22.4', expected: 'Digest', actual: first.scheme }

  if (first.scheme.toLowerCase() !== 'digest') return undefined
  const { params, quoted } = first
  for (const name of ['username', 'realm', 'nonce', 'uri', 'response']) {
    if (!params.has(name)) return malformed(name, value)
    // RFC 3261 §22.4 (2) for uri, RFC 7616 §3.4 for the others.
    if (!quoted.has(name)) return malformed(`${name} in quotes`, name)
  }
  if (!/^(?:[0-9a-f]{32,})?$/.test(params.get('response') ?? ''))
    return malformed('lower-case hexadecimal digits', 'response')
  if (params.has('qop')) {
    if (quoted.has('qop')) return { rule: 'RFC 7616 §3.4', expected: 'qop without quotes', actual: 'quotes' }
    if (!params.has('cnonce')) return malformed('cnonce', value)
    if (!/^[0-9a-f]{8}$/.test(params.get('nc') ?? '')) return malformed('nc of eight digits', params.get('nc') ?? '')
  } else if (params.has('cnonce')) {
    return { rule: 'RFC 3261 §22.4', expected: 'no cnonce without qop', actual: 'cnonce' }
  }
  return undefined
}

function thrown(error: unknown): Defect {
  if (!(error instanceof ParseError)) return { expected: 'a value', actual: String(error) }
  return { code: error.code, rule: error.rule, expected: 'a value', actual: error.message }
}
