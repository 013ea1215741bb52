/** The syntax that all authentication header fields share: RFC 3261 §25.1. */
import { COMMA, EQUALS, endOfQuoted, isLws, QUOTE, skipLws, unescapeQuoted } from './grammar.js'

/** A scheme with its comma-separated parameters, as the authentication header fields carry it. */
export interface AuthValue {
  readonly scheme: string
  /** Names in lower case, values without quotes. The first of repeated ones counts. */
  readonly params: Map<string, string>
  /** Names of the parameters whose value stood in quotes. */
  readonly quoted: ReadonlySet<string>
}

/**
 * Reads `scheme name=value, name="value", scheme name=value …` (RFC 3261 §25.1 challenge and credentials; several
 * challenges in one value are accepted). `scheme` is what a value without one gets: Authentication-Info has none.
 * Never throws: what cannot be understood is passed over.
 */
export function parseAuthValues(text: string, scheme?: string): AuthValue[] {
  const found: AuthValue[] = []
  let params = new Map<string, string>()
  let quoted = new Set<string>()
  const open = (name: string) => {
    params = new Map()
    quoted = new Set()
    found.push({ scheme: name, params, quoted })
  }
  if (scheme !== undefined) open(scheme)
  let pos = 0
  while (pos < text.length) {
    while (pos < text.length && (isLws(text.charCodeAt(pos)) || text.charCodeAt(pos) === COMMA)) pos++
    const start = pos
    while (pos < text.length && !isLws(text.charCodeAt(pos)) && !',="'.includes(text.charAt(pos))) pos++
    const word = text.slice(start, pos)
    const next = skipLws(text, pos)
    if (text.charCodeAt(next) !== EQUALS) {
      // A word that no '=' follows opens another challenge; a stray quote is stepped over.
      if (word !== '') open(word)
      else pos++
      continue
    }
    pos = skipLws(text, next + 1)
    let value: string
    let inQuotes = false
    if (text.charCodeAt(pos) === QUOTE) {
      const after = endOfQuoted(text, pos)
      const end = after < 0 ? text.length : after
      value = unescapeQuoted(text.slice(pos + 1, after < 0 ? end : end - 1))
      inQuotes = true
      pos = end
    } else {
      const from = pos
      while (pos < text.length && !isLws(text.charCodeAt(pos)) && text.charCodeAt(pos) !== COMMA) pos++
      value = text.slice(from, pos)
    }
    const name = word.toLowerCase()
    if (name === '' || params.has(name)) continue
    if (found.length === 0) continue
    params.set(name, value)
    if (inQuotes) quoted.add(name)
  }
  return found
}
