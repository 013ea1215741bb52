/** Parameters of header fields and URIs (RFC 3261 §25.1), read and written. */
import {
  CLASS,
  CLOSE_BRACKET,
  type Coded,
  COLON,
  endOfQuotedIn,
  EQUALS,
  excerpt,
  OPEN_BRACKET,
  QUOTE,
  quote,
  SEMICOLON,
  skipLwsIn,
  SPACE,
  TOKEN,
  unescapeQuoted,
  wordAt,
  wordTable,
} from './grammar.js'
import { ParseError } from './violation.js'

/** Parameters of a header field or URI: lower-case names; `undefined` where a parameter has no value. */
export type Params = ReadonlyMap<string, string | undefined>

export const NO_PARAMS: Params = new Map()

/** From so many parameters on a Map is quicker to search than a list. */
const LONG_LIST = 12

/** Some few parameters, as most header fields have: in a list, which is made several times faster than a Map. */
class ParamList implements Params {
  /** Names and values in turn. */
  declare private readonly list: (string | undefined)[]

  constructor(list: (string | undefined)[]) {
    this.list = list
  }

  get size(): number {
    return this.list.length >> 1
  }

  get(name: string): string | undefined {
    const { list } = this
    for (let i = 0; i < list.length; i += 2) if (list[i] === name) return list[i + 1]
    return undefined
  }

  has(name: string): boolean {
    return hasName(this.list, name)
  }

  forEach(visit: (value: string | undefined, name: string, params: Params) => void): void {
    for (const [name, value] of this.map()) visit(value, name, this)
  }

  entries(): MapIterator<[string, string | undefined]> {
    return this.map().entries()
  }

  keys(): MapIterator<string> {
    return this.map().keys()
  }

  values(): MapIterator<string | undefined> {
    return this.map().values()
  }

  [Symbol.iterator](): MapIterator<[string, string | undefined]> {
    return this.map().entries()
  }

  private map(): Map<string, string | undefined> {
    return mapOf(this.list)
  }
}

function hasName(list: readonly (string | undefined)[], name: string): boolean {
  for (let i = 0; i < list.length; i += 2) if (list[i] === name) return true
  return false
}

/** The first of repeated names counts. */
function mapOf(list: readonly (string | undefined)[]): Map<string, string | undefined> {
  const map = new Map<string, string | undefined>()
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] ?? ''
    if (!map.has(name)) map.set(name, list[i + 1])
  }
  return map
}

/**
 * Reads `;name=value` parameters from `start` on. Quoted values come without quotes and escapes. Empty parameters are
 * passed over, the first of repeated ones counts.
 * @throws ParseError
 */
export function readParams({ bytes, base, text }: Coded, start: number, stop: number): Params {
  // Positions in `bytes` from here on.
  const end = base + stop
  let pos = skipLwsIn(bytes, base + start, end)
  if (pos >= end) return NO_PARAMS
  // Names and values in turn; repeated names only where there are many.
  const list: (string | undefined)[] = []
  while (pos < end) {
    if (bytes[pos] !== SEMICOLON) {
      const at = pos - base
      throw new ParseError('parameter-malformed', 'RFC 3261 §25.1', `';' expected at "${excerpt(text, at)}"`, at)
    }
    pos = skipLwsIn(bytes, pos + 1, end)
    const nameStart = pos
    let code = 0
    while (pos < end) {
      code = bytes[pos] ?? 0
      if (code === EQUALS || code === SEMICOLON || code <= SPACE) break
      pos++
    }
    const name = wordAt(COMMON_NAMES, bytes, nameStart, pos) ?? text.slice(nameStart - base, pos - base).toLowerCase()
    if (code <= SPACE) {
      pos = skipLwsIn(bytes, pos, end)
      if (pos < end) code = bytes[pos] ?? 0
    }
    if (code !== EQUALS || pos >= end) {
      if (name !== '') add(list, name, undefined)
      continue
    }
    if (name === '')
      throw new ParseError('parameter-malformed', 'RFC 3261 §25.1', 'parameter without a name', nameStart - base)

    pos = skipLwsIn(bytes, pos + 1, end)
    const valueStart = pos
    let value: string
    if (pos < end && bytes[pos] === QUOTE) {
      pos = endOfQuotedIn(bytes, pos, end)
      if (pos < 0) {
        const at = valueStart - base
        throw new ParseError('quoted-string-open', 'RFC 3261 §25.1', `quote not closed at "${excerpt(text, at)}"`, at)
      }
      value = unescapeQuoted(text.slice(valueStart + 1 - base, pos - 1 - base))
    } else {
      while (pos < end) {
        code = bytes[pos] ?? 0
        if (code === SEMICOLON || code <= SPACE) break
        pos++
      }
      value = text.slice(valueStart - base, pos - base)
    }
    add(list, name, value)
    pos = skipLwsIn(bytes, pos, end)
  }
  if (list.length === 0) return NO_PARAMS
  return list.length < 2 * LONG_LIST ? new ParamList(list) : mapOf(list)
}

function add(list: (string | undefined)[], name: string, value: string | undefined): void {
  // Of a long list the Map that is made of it tells the repeated names.
  if (list.length >= 2 * LONG_LIST || !hasName(list, name)) list.push(name, value)
}

/** The parameter names met most. */
const COMMON_NAMES = wordTable(
  'q',
  'lr',
  'ob',
  'tag',
  'ttl',
  'cic',
  'user',
  'text',
  'rport',
  'maddr',
  'cause',
  'branch',
  'method',
  'to-tag',
  'reg-id',
  'reason',
  'expires',
  'received',
  'from-tag',
  'transport',
  'refresher',
)

/** Writes parameters; values that are neither token nor host are put in quotes. */
export function formatParams(params: Params): string {
  let text = ''
  for (const [name, value] of params) text += formatParam(name, value)
  return text
}

/** As `formatParams`, of a single one. */
export function formatParam(name: string, value: string | undefined): string {
  return value === undefined ? `;${name}` : `;${name}=${isParamValue(value) ? value : quote(value)}`
}

/** gen-value of RFC 3261 §25.1 without quotes: a token or a host, an IPv6 address in brackets among them. */
function isParamValue(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 126 || ((CLASS[code] ?? 0) & TOKEN) === 0) {
      // Addresses in `received` and URIs' `:` and brackets are widely written bare.
      if (code !== COLON && code !== OPEN_BRACKET && code !== CLOSE_BRACKET) return false
    }
  }
  return text.length > 0
}
