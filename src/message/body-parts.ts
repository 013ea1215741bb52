/** Message bodies that consist of parts, in MIME's multipart format: RFC 5621 §4. */
import { codedOf } from './grammar.js'
import { NO_PARAMS, readParams } from './params.js'
import { ParseError, type SipMessage } from './message.js'

/** A body, or one of its parts. */
export interface BodyPart {
  /** Media type in lower case without parameters; undefined where none is named. */
  readonly type: string | undefined
  /** Disposition type in lower case (RFC 3261 §20.11). */
  readonly disposition: string | undefined
  /** `handling=optional`: whoever does not understand it passes over it (RFC 5621 §8.1). */
  readonly optional: boolean
  /** Content-Encoding in lower case. */
  readonly encoding: string | undefined
  readonly content: Buffer
  /** Of a `multipart/…` that could be read; else undefined. */
  readonly parts: readonly BodyPart[] | undefined
}

/** No honest body is nested deeper, or has more parts. */
const DEEPEST = 8
const MOST_PARTS = 64

/** The body of a message with its parts, however deeply nested. Never throws: what cannot be read has no parts. */
export function bodyOfMessage(message: SipMessage): BodyPart {
  const header = (name: string) => message.headers.get(name)
  return readPart(header, message.body, 0)
}

/** The session description that a message carries, alone or among other parts; undefined where there is none. */
export function sessionDescriptionIn(message: SipMessage): string | undefined {
  return sessionBytesIn(message)?.toString('utf8')
}

/** The same as it came, byte for byte. */
export function sessionBytesIn(message: SipMessage): Buffer | undefined {
  const type = message.contentType
  if (message.body.length === 0 || type === undefined) return undefined
  if (type === 'application/sdp') return message.body
  return type.startsWith('multipart/') ? findSession(bodyOfMessage(message)) : undefined
}

function findSession(part: BodyPart): Buffer | undefined {
  if (part.parts !== undefined) {
    for (const one of part.parts) {
      const found = findSession(one)
      if (found !== undefined) return found
    }
    return undefined
  }
  // RFC 3261 §13.2.1: without Content-Disposition an application/sdp is a session.
  const isSession = part.disposition === undefined || part.disposition === 'session'
  return part.type === 'application/sdp' && isSession && part.content.length > 0 ? part.content : undefined
}

function readPart(header: (name: string) => string | undefined, content: Buffer, depth: number): BodyPart {
  const type = valueOf(header('Content-Type'))
  const disposition = valueOf(header('Content-Disposition'))
  const encoding = header('Content-Encoding')
  const boundary = type?.value.startsWith('multipart/') === true ? type.params.get('boundary') : undefined
  return {
    type: type?.value,
    disposition: disposition?.value,
    optional: disposition?.params.get('handling')?.toLowerCase() === 'optional',
    encoding: encoding?.trim().toLowerCase(),
    content,
    parts: boundary === undefined || boundary === '' || depth >= DEEPEST ? undefined : split(content, boundary, depth),
  }
}

/** A value and the parameters after it. */
function valueOf(text: string | undefined) {
  if (text === undefined) return undefined
  const semicolon = text.indexOf(';')
  const value = (semicolon < 0 ? text : text.slice(0, semicolon)).replaceAll(/\s+/g, '').toLowerCase()
  try {
    return { value, params: semicolon < 0 ? NO_PARAMS : readParams(codedOf(text), semicolon, text.length) }
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    return { value, params: NO_PARAMS }
  }
}

/** Parts lie between lines of `--` and the boundary; the last such line has `--` behind it, too. */
function split(content: Buffer, boundary: string, depth: number): readonly BodyPart[] | undefined {
  // Byte for byte: a boundary is ASCII, the parts may be anything.
  const text = content.toString('latin1')
  const delimiter = `--${boundary}`
  const parts: BodyPart[] = []
  let start: number | undefined
  for (let at = lineThatBegins(text, delimiter, 0); at >= 0; at = lineThatBegins(text, delimiter, at + 1)) {
    let end = text.indexOf('\n', at)
    if (end < 0) end = text.length
    const rest = text.slice(at + delimiter.length, end).trim()
    if (rest !== '' && rest !== '--') continue
    // The line end before the delimiter belongs to it.
    if (start !== undefined) parts.push(readText(text, content, start, Math.max(start, lineEndBefore(text, at)), depth))
    start = end + 1
    if (rest === '--' || parts.length >= MOST_PARTS) return parts
  }
  // Without its last delimiter: cut off, but what there is can be read.
  if (start !== undefined && start < text.length) parts.push(readText(text, content, start, text.length, depth))
  return parts.length === 0 ? undefined : parts
}

function lineThatBegins(text: string, word: string, from: number): number {
  let at = text.indexOf(word, from)
  while (at > 0 && text[at - 1] !== '\n') at = text.indexOf(word, at + 1)
  return at
}

function lineEndBefore(text: string, at: number): number {
  const end = text[at - 1] === '\n' ? at - 1 : at
  return text[end - 1] === '\r' ? end - 1 : end
}

function readText(text: string, content: Buffer, start: number, end: number, depth: number): BodyPart {
  const headers = new Map<string, string>()
  let at = start
  for (;;) {
    let lineEnd = text.indexOf('\n', at)
    if (lineEnd < 0 || lineEnd > end) lineEnd = end
    const line = text.slice(at, lineEnd).replace(/\r$/, '')
    const next = Math.min(end, lineEnd + 1)
    if (line === '' || next <= at) {
      at = next
      break
    }
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
    at = next
  }
  return readPart((name) => headers.get(name.toLowerCase()), content.subarray(at, end), depth + 1)
}
