/** The header fields of a message, in their order and spelling. */
import { endOfListItem, LF, skipLws, skipLwsBack, splitList } from './grammar.js'
import { headerKey, isListHeader } from './header-names.js'
import type { Source } from './source.js'

/**
 * One header field, never changed once it is in a list (so that clones share it). A received field is a range of its
 * source, decoded when somebody asks; a field made here has a name and a value.
 */
export class Field {
  // `declare`: the constructor alone writes them, once; this is the parser's busiest object.
  /** Long name in lower case. */
  declare readonly key: string
  declare readonly source: Source | undefined
  /** Range of the whole field with its line end, in the source's text. */
  declare readonly start: number
  declare end: number
  /** After the colon. White space and line end around the value are part of the range up to `end`. */
  declare readonly valueStart: number
  /** Does it go on over several lines (RFC 3261 §7.3.1)? */
  declare folded: boolean
  declare private spelling: string | undefined
  declare private decoded: string | undefined

  constructor(
    key: string,
    source: Source | undefined,
    start: number,
    valueStart: number,
    end: number,
    spelling: string | undefined,
    value: string | undefined,
  ) {
    this.key = key
    this.source = source
    this.start = start
    this.end = end
    this.valueStart = valueStart
    this.folded = false
    this.spelling = spelling
    this.decoded = value
  }

  static of(name: string, value: string): Field {
    return new Field(headerKey(name), undefined, 0, 0, 0, name, value)
  }

  /** As `of`, of a value that may hold line breaks. */
  static clean(name: string, value: string): Field {
    return Field.of(name, clean(value))
  }

  /** As spelt. */
  get name(): string {
    if (this.spelling === undefined) {
      const { source } = this
      this.spelling = source === undefined ? '' : source.text.slice(this.start, this.valueStart - 1).trimEnd()
    }
    return this.spelling
  }

  /** Unfolded (RFC 3261 §7.3.1), trimmed, decoded from UTF-8. */
  get value(): string {
    if (this.decoded !== undefined) return this.decoded
    const { source } = this
    if (source === undefined) return ''
    const { text } = source
    const start = skipLws(text, this.valueStart, this.end)
    const end = skipLwsBack(text, this.end, start)
    let value = text.slice(start, end)
    if (!source.ascii) value = fromByteString(value)
    if (this.folded) value = unfold(value)
    this.decoded = value
    return value
  }

  /** The value of a received field if it is of digits alone, else NaN. */
  get number(): number {
    const { source } = this
    if (source === undefined) return Number.NaN
    const { text } = source
    const start = skipLws(text, this.valueStart, this.end)
    const end = skipLwsBack(text, this.end, start)
    if (start === end) return Number.NaN
    let number = 0
    for (let i = start; i < end; i++) {
      const code = text.charCodeAt(i)
      if (code < 48 || code > 57) return Number.NaN
      number = number * 10 + code - 48
    }
    return number
  }

  /** Where the field starts in the bytes of the message; -1 for a made field. */
  get offset(): number {
    return this.source === undefined ? -1 : this.source.base + this.start
  }

  /** The field as it goes on the wire, one character per byte, with its line end. */
  get wire(): string {
    if (this.source === undefined) return `${this.name}: ${toByteString(this.decoded ?? '')}\r\n`
    return ended(this.source.text.slice(this.start, this.end))
  }

  /** Does the field's range begin where `previous` ends, in the same source? */
  follows(previous: Field): boolean {
    return this.source !== undefined && this.source === previous.source && this.start === previous.end
  }

  /** The text from this field's start to the end of `last`, which follows in the same source. */
  wireThrough(last: Field): string {
    return this.source === undefined ? '' : ended(this.source.text.slice(this.start, last.end))
  }
}

/** The last line of a message that was cut off may lack its end. */
function ended(line: string): string {
  return line.charCodeAt(line.length - 1) === LF ? line : `${line}\r\n`
}

/** A text as a string with one character per byte of its UTF-8. */
export function toByteString(text: string): string {
  for (let i = 0; i < text.length; i++)
    if (text.charCodeAt(i) > 127) return Buffer.from(text, 'utf8').toString('latin1')

  return text
}

/** The reverse; bytes that are not UTF-8 become U+FFFD. */
export function fromByteString(text: string): string {
  for (let i = 0; i < text.length; i++)
    if (text.charCodeAt(i) > 127) return Buffer.from(text, 'latin1').toString('utf8')

  return text
}

/** Line break and white space around it become one space. */
function unfold(value: string): string {
  const lines = value.split('\n')
  for (let i = 0; i < lines.length; i++) lines[i] = (lines[i] ?? '').trim()
  return lines.join(' ').trim()
}

/**
 * The header fields of a message: an ordered list. Names are compared without regard to case and compact forms are
 * understood; untouched fields keep their spelling, order and folding when the message is written (RFC 3261 §7.3).
 */
export class Headers {
  /** Grows with each change. */
  declare revision: number
  declare private fields: Field[]
  /** The list is shared with a clone and is copied before it is changed. */
  declare private shared: boolean

  /** @param fields what the parser found, instead of entries */
  constructor(entries?: Iterable<readonly [name: string, value: string]>, fields: Field[] = []) {
    this.revision = 0
    this.fields = fields
    this.shared = false
    if (entries !== undefined) for (const [name, value] of entries) fields.push(Field.of(name, clean(value)))
  }

  /** The first field with that key (long name in lower case). */
  field(key: string): Field | undefined {
    for (const field of this.fields) if (field.key === key) return field
    return undefined
  }

  /** The first field's value, unfolded and trimmed. */
  get(name: string): string | undefined {
    return this.field(headerKey(name))?.value
  }

  /** The value of each field of that name, one per header field line. */
  all(name: string): string[] {
    const key = headerKey(name)
    const found: string[] = []
    for (const field of this.fields) if (field.key === key) found.push(field.value)
    return found
  }

  /** The values of all fields of that name; comma-separated lists are split where the grammar allows lists. */
  values(name: string): string[] {
    const key = headerKey(name)
    if (!isListHeader(key)) return this.all(key)
    const found: string[] = []
    for (const field of this.fields) {
      if (field.key !== key) continue
      for (const value of splitList(field.value)) found.push(value)
    }
    return found
  }

  has(name: string): boolean {
    return this.field(headerKey(name)) !== undefined
  }

  get size(): number {
    return this.fields.length
  }

  /** Puts one field in place of all fields of that name (at the place of the first, else at the end). */
  set(name: string, value: string): void {
    const key = headerKey(name)
    const field = Field.of(name, clean(value))
    const at = this.fields.findIndex((f) => f.key === key)
    if (at < 0) {
      this.changed().push(field)
      return
    }
    const fields = this.changed()
    fields[at] = field
    let kept = at + 1
    for (let i = at + 1; i < fields.length; i++) {
      const f = fields[i]
      if (f !== undefined && f.key !== key) fields[kept++] = f
    }
    fields.length = kept
  }

  /** Appends a field after the last one of that name, else at the end. */
  add(name: string, value: string): void {
    const field = Field.of(name, clean(value))
    const at = this.fields.findLastIndex((f) => f.key === field.key)
    const fields = this.changed()
    if (at < 0 || at === fields.length - 1) fields.push(field)
    else fields.splice(at + 1, 0, field)
  }

  /** Puts a field before the first one of that name, else at the top. */
  prepend(name: string, value: string): void {
    const field = Field.of(name, clean(value))
    const at = this.fields.findIndex((f) => f.key === field.key)
    this.changed().splice(Math.max(at, 0), 0, field)
  }

  remove(name: string): void {
    const key = headerKey(name)
    if (this.field(key) === undefined) return
    this.fields = this.changed().filter((f) => f.key !== key)
  }

  /** Takes the first value away (top Via, top Route) and returns it; the rest of its line stays. */
  removeFirstValue(name: string): string | undefined {
    const key = headerKey(name)
    const at = this.fields.findIndex((f) => f.key === key)
    const field = this.fields[at]
    if (field === undefined) return undefined
    const { value } = field
    const end = isListHeader(key) ? endOfListItem(value, 0) : value.length
    const rest = value.slice(end + 1).trim()
    const fields = this.changed()
    if (rest === '') fields.splice(at, 1)
    else fields[at] = Field.of(field.name, rest)
    return value.slice(0, end).trim()
  }

  /** All fields in order: name as spelt, value unfolded and trimmed. */
  entries(): [name: string, value: string][] {
    return this.fields.map((f) => [f.name, f.value])
  }

  /** The fields themselves, in order. */
  list(): readonly Field[] {
    return this.fields
  }

  clone(): Headers {
    const copy = new Headers(undefined, this.fields)
    copy.shared = true
    this.shared = true
    return copy
  }

  /** The lines as they go on the wire, one character per byte. */
  wire(): string {
    const { fields } = this
    let text = ''
    for (let i = 0; i < fields.length; ) {
      const first = fields[i++]
      if (first === undefined) break
      // Neighbours of the same source go out as one piece.
      let last = first
      for (; i < fields.length; i++) {
        const next = fields[i]
        if (next === undefined || !next.follows(last)) break
        last = next
      }
      text += last === first ? first.wire : first.wireThrough(last)
    }
    return text
  }

  private changed(): Field[] {
    this.revision++
    if (this.shared) {
      this.fields = this.fields.slice()
      this.shared = false
    }
    return this.fields
  }
}

/** A value must not break out of its line: line breaks become a space. */
function clean(value: string): string {
  // Hardly any value has one; looking for them this way takes a fraction of what the expression takes.
  return value.includes('\n') || value.includes('\r') ? value.replace(/\s*[\r\n]+\s*/g, ' ') : value
}
