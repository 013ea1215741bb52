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

// Character classes of RFC 3261 §25.1, one bit each.
export const TOKEN = 1
export const DIGIT = 2
export const HEX = 4
export const HOST = 8
export const URI_USER = 16
export const URI_PASSWORD = 32
export const URI_PARAM = 64
export const URI_HEADER = 128

/** The classes of each byte; look up with a code below 256 only. */
export const CLASS = new Uint8Array(256)

function mark(bit: number, chars: string): void {
  for (let i = 0; i < chars.length; i++) {
    const code = chars.charCodeAt(i)
    CLASS[code] = (CLASS[code] ?? 0) | bit
  }
}

const DIGITS = '0123456789'
const ALPHANUM = `${DIGITS}ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz`
const MARK = "-_.!~*'()"
mark(DIGIT, DIGITS)
mark(HEX, `${DIGITS}ABCDEFabcdef`)
mark(TOKEN, `${ALPHANUM}-.!%*_+\`'~`)
mark(HOST, `${ALPHANUM}-.`)
mark(URI_USER, `${ALPHANUM}${MARK}%&=+$,;?/`)
mark(URI_PASSWORD, `${ALPHANUM}${MARK}%&=+$,`)
mark(URI_PARAM, `${ALPHANUM}${MARK}%[]/:&+$`)
mark(URI_HEADER, `${ALPHANUM}${MARK}%[]/?:+$`)

export const HTAB = 9
export const LF = 10
export const CR = 13
export const SPACE = 32
export const QUOTE = 34
export const COMMA = 44
export const COLON = 58
export const SEMICOLON = 59
export const LESS = 60
export const EQUALS = 61
export const GREATER = 62
export const OPEN_BRACKET = 91
export const BACKSLASH = 92
export const CLOSE_BRACKET = 93

/** Are all characters of `text` from `start` to `end` in the class `bit`, and is there at least one? */
export function allOf(bit: number, text: string, start = 0, end = text.length): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code > 255 || ((CLASS[code] ?? 0) & bit) === 0) return false
  }
  return end > start
}

export function isToken(text: string): boolean {
  return allOf(TOKEN, text)
}

export function isDigits(text: string): boolean {
  return allOf(DIGIT, text)
}

/** A white space character of LWS in an unfolded or folded value. */
export function isLws(code: number): boolean {
  // Most characters are decided by the first comparison.
  return code <= SPACE && (code === SPACE || code === HTAB || code === CR || code === LF)
}

export function skipLws(text: string, pos: number, end = text.length): number {
  while (pos < end && isLws(text.charCodeAt(pos))) pos++
  return pos
}

/** Where white space before `end` starts. */
export function skipLwsBack(text: string, end: number, start = 0): number {
  while (end > start && isLws(text.charCodeAt(end - 1))) end--
  return end
}

/** Position after the quoted string that opens at `pos`, or -1 when it does not close. */
export function endOfQuoted(text: string, pos: number, end = text.length): number {
  for (let i = pos + 1; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) return i + 1
    if (code === BACKSLASH) i++
  }
  return -1
}

/** The content of a quoted string given without its quotes: quoted pairs resolved. */
export function unescapeQuoted(inner: string): string {
  return inner.includes('\\') ? inner.replace(/\\([\s\S])/g, '$1') : inner
}

/** Puts text in quotes (RFC 3261 §25.1 quoted-string). CR and LF, which cannot be escaped, become spaces. */
export function quote(text: string): string {
  return `"${text.replace(/[\r\n]+/g, ' ').replace(/["\\]/g, '\\$&')}"`
}

/**
 * Splits a comma-separated list; commas in quoted strings and in angle brackets do not count. Empty items are left out
 * unless they are wanted.
 */
export function splitList(text: string, keepEmpty = false): string[] {
  if (!text.includes(',')) return text === '' ? [] : [text]
  const parts: string[] = []
  const closable = { quotes: true, brackets: true }
  for (let start = 0; start <= text.length; ) {
    const end = endOfListItem(text, start, closable)
    const from = skipLws(text, start, end)
    const to = skipLwsBack(text, end, from)
    if (to > from || keepEmpty) parts.push(text.slice(from, to))
    start = end + 1
  }
  return parts
}

/**
 * Position of the comma that ends the list item at `start`, or the end of the text. A quote or bracket that never
 * closes is taken literally, else it would swallow the rest of the list. `closable` remembers what was looked for in
 * vain, so that a whole list is split in linear time.
 */
export function endOfListItem(text: string, start: number, closable = { quotes: true, brackets: true }): number {
  let bracket = false
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === COMMA) {
      if (!bracket) return i
    } else if (code === QUOTE) {
      if (!bracket && closable.quotes) {
        const after = endOfQuoted(text, i)
        if (after < 0) closable.quotes = false
        else i = after - 1
      }
    } else if (code === LESS) {
      if (!bracket && closable.brackets) {
        bracket = text.includes('>', i)
        closable.brackets = bracket
      }
    } else if (code === GREATER) {
      bracket = false
    }
  }
  return text.length
}

/**
 * A text with its codes beside it: `bytes[base + i]` is the code of `text[i]`, or some code above 127 where that is no ASCII. What is
 * scanned for is ASCII, and a byte is looked at in less than half the time that a string's character takes.
 */
export interface Coded {
  readonly bytes: Buffer
  readonly base: number
  readonly text: string
}

let scratch = Buffer.alloc(1024)

/** The text with its codes, which hold until the next call. */
export function codedOf(text: string): Coded {
  const { length } = text
  if (length > scratch.length) scratch = Buffer.alloc(2 * length)
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    scratch[i] = code > 127 ? 255 : code
  }
  return { bytes: scratch, base: 0, text }
}

/** As `skipLws`, by codes. */
export function skipLwsIn(bytes: Buffer, pos: number, end: number): number {
  while (pos < end && isLws(bytes[pos] ?? 0)) pos++
  return pos
}

/** As `skipLwsBack`, by codes. */
export function skipLwsBackIn(bytes: Buffer, end: number, start: number): number {
  while (end > start && isLws(bytes[end - 1] ?? 0)) end--
  return end
}

/** As `endOfQuoted`, by codes. */
export function endOfQuotedIn(bytes: Buffer, pos: number, end: number): number {
  for (let i = pos + 1; i < end; i++) {
    const code = bytes[i]
    if (code === QUOTE) return i + 1
    if (code === BACKSLASH) i++
  }
  return -1
}

/** Do the codes of `word` stand there? */
export function codesStandAt(word: Buffer, bytes: Buffer, pos: number): boolean {
  for (let i = 0; i < word.length; i++) if (word[i] !== bytes[pos + i]) return false
  return true
}

/** Words that are met often, by length: found by their codes, without making a string. */
export type WordTable = readonly (readonly { readonly text: string; readonly codes: Buffer }[])[]

export function wordTable(...words: readonly string[]): WordTable {
  const longest = Math.max(...words.map((word) => word.length))
  return Array.from({ length: longest + 1 }, (_, length) =>
    words.filter((word) => word.length === length).map((text) => ({ text, codes: Buffer.from(text, 'latin1') })),
  )
}

/** The word of the table that stands from `pos` to `end`, if one does. */
export function wordAt(table: WordTable, bytes: Buffer, pos: number, end: number): string | undefined {
  const candidates = table[end - pos]
  if (candidates === undefined) return undefined
  for (const { text, codes } of candidates) if (codesStandAt(codes, bytes, pos)) return text
  return undefined
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

/** A few characters from `pos` on, for error texts. */
export function excerpt(text: string, pos: number, end = text.length): string {
  return text.slice(pos, Math.min(pos + 24, end))
}
