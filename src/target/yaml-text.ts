/** A YAML text whose values know where they stand. */
import { isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import type { Path } from './target-problem.js'

/** Where something stands in a file. Line and column count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A YAML text that remembers where each of its fields stands. */
export class YamlText {
  /** The text's value in plain objects; undefined where there are errors. */
  readonly value: unknown
  readonly errors: readonly (Position & { readonly message: string })[]
  readonly #text: string
  readonly #lines = new LineCounter()
  readonly #document: ReturnType<typeof parseDocument>

  constructor(text: string) {
    this.#text = text
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      // The library compares each key with all others; see `repeatedKeys`.
      uniqueKeys: false,
      // `<<: *name`, which people who use anchors expect.
      merge: true,
    })
    const errors = this.#document.errors.slice(0, MOST_ERRORS).map((error) => ({
      ...this.#at(error.pos[0]),
      message: wordsOf(error),
    }))
    for (const offset of repeatedKeys(this.#document).slice(0, MOST_ERRORS))
      errors.push({ ...this.#at(offset), message: 'Map keys must be unique' })
    if (errors.length === 0) {
      try {
        const value: unknown = this.#document.toJS({ maxAliasCount: 100 })
        if (containsItself(value)) errors.push({ line: 1, column: 1, message: 'an alias (*) refers to itself' })
        else this.value = value
      } catch (error) {
        errors.push({ line: 1, column: 1, message: wordsOfValue(error) })
      }
    }
    this.errors = errors
  }

  /** Where a field stands, or the nearest group around it that is there; with `key`, where that field's name stands. */
  position(path: Path, key?: string): Position {
    for (let length = path.length; length >= 0; length--) {
      const upTo = path.slice(0, length)
      const name = upTo.at(-1)
      if (key !== undefined && length === path.length) {
        const parent = this.#node(upTo.slice(0, -1))
        const pair = isMap(parent)
          ? parent.items.find(({ key: k }) => isScalar(k) && String(k.value) === String(name))
          : undefined
        if (isNode(pair?.key) && pair.key.range) return this.#at(pair.key.range[0])
      }
      const node = this.#node(upTo)
      if (isNode(node) && node.range) return this.#at(node.range[0])
    }
    return { line: 1, column: 1 }
  }

  /** A field's value as it is written in the file, on one line and shortened; undefined where the field is not there. */
  source(path: Path): string | undefined {
    const node = this.#node(path)
    if (!isNode(node) || !node.range) return undefined
    const written = this.#text.slice(node.range[0], node.range[1]).replace(/\s+/g, ' ').trim()
    if (written === '') return 'nothing'
    return written.length > 80 ? `${written.slice(0, 79)}…` : written
  }

  #node(path: Path): unknown {
    return path.length === 0 ? this.#document.contents : this.#document.getIn(path, true)
  }

  #at(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
}

/** After the first few, what cannot be read is told by its consequences. */
const MOST_ERRORS = 20

/** Offsets of keys that stand a second time in their group. */
function repeatedKeys(document: ReturnType<typeof parseDocument>): number[] {
  const found: number[] = []
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<unknown>()
      for (const { key } of map.items) {
        if (!isScalar(key) || key.value === '<<') continue
        if (seen.has(key.value)) found.push(key.range?.[0] ?? 0)
        seen.add(key.value)
      }
    },
  })
  return found
}

/** What is wrong, without the text it was found in: that may be half of a password. */
function wordsOf({ code, message }: { readonly code: string; readonly message: string }): string {
  if (code === 'MULTIPLE_DOCS') return "expected one document; remove the line '---'"
  if (code === 'BAD_DQ_ESCAPE') return 'Invalid escape sequence; put text with a backslash in single quotes'
  if (code === 'BAD_DIRECTIVE') return 'Unknown directive; put text that begins with % in quotes'
  return message.replace(/: .*$/s, '').replace(/\n.*$/s, '')
}

/** The same for what shows only when values are put together. The library's words name the text behind the asterisk. */
function wordsOfValue(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  if (message.startsWith('Unresolved alias'))
    return 'an alias (*) names an anchor (&) that is not there; put text that begins with * in quotes'
  return message.startsWith('Excessive alias count') ? message : 'its values cannot be put together'
}

function containsItself(value: unknown, around: readonly unknown[] = []): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (around.includes(value)) return true
  return Object.values(value).some((part) => containsItself(part, [...around, value]))
}
