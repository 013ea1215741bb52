/** Characters, quoted strings and lists of RFC 3261 §25.1: what all header fields and URIs are made of. */

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

/** A few characters from `pos` on, for error texts. */
export function excerpt(text: string, pos: number, end = text.length): string {
  return text.slice(pos, Math.min(pos + 24, end))
}
