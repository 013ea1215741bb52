/**
 * Text of others in TypeScript: whatever stands in a SIPp file ends up in a string, in a template or in a comment, and never as code.
 * Names of our own stand between two marks until the file is written, so that what a line uses can be told from what it quotes.
 */

const MARK = { begin: '\u0001', end: '\u0002' }

/** A name of ours in code: the writer sees that it is used. */
export const ref = (name: string): string => `${MARK.begin}${name}${MARK.end}`

const REFERENCE = /\u0001(\w+)\u0002/g
export const namesIn = (code: string): string[] => [...code.matchAll(REFERENCE)].flatMap(([, name]) => name ?? [])
export const withoutMarks = (code: string): string => code.replace(REFERENCE, '$1')

/** What may not stand in a literal as it is: controls, line ends of other alphabets, what has no glyph, halves of characters. */
// oxlint-disable-next-line no-misleading-character-class -- single code units are meant
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff]/g
const NAMED: Readonly<Record<string, string>> = { '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t` }
const escapedUnit = (unit: string): string => NAMED[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A string literal. */
export const quoted = (text: string): string => {
  const inner = text.replaceAll('\\', '\\\\').replace(UNSAFE, escapedUnit)
  if (!inner.includes("'")) return `'${inner}'`
  return inner.includes('"') ? `'${inner.replaceAll("'", String.raw`\'`)}'` : `"${inner}"`
}

/** Text, or code whose value, a string, stands in its place. */
export type Part = { readonly text: string } | { readonly code: string }

/** A literal of texts and values: a template where values are in it. */
export function templateOf(parts: readonly Part[]): string {
  const texts = parts.filter((part) => 'text' in part)
  if (texts.length === parts.length) return quoted(texts.map(({ text }) => text).join(''))
  const [first] = parts
  if (parts.length === 1 && first !== undefined && 'code' in first) return first.code
  return `\`${parts.map((part) => ('text' in part ? inTemplate(part.text) : `\${${part.code}}`)).join('')}\``
}

const inTemplate = (text: string): string => text.replace(/[\\`$]/g, String.raw`\$&`).replace(UNSAFE, escapedUnit)

const WIDTH = 116

/** Lines of a comment. @param indent spaces before each */
export function commentLines(text: string, indent = ''): string[] {
  const hanging = text.startsWith('- ') ? '  ' : ''
  const words = shown(text).split(' ')
  const lines: string[] = []
  let line = `${indent}//`
  for (const word of words) {
    if (line.length + word.length > WIDTH && line.length > indent.length + 2) {
      lines.push(line)
      line = `${indent}//${hanging}`
    }
    line += ` ${word}`
  }
  return [...lines, line]
}

/** In one line, for comments and terminals. */
export const shown = (text: string, most = 400): string => {
  const line = text.replace(UNSAFE, ' ').replace(/ +/g, ' ').trim()
  return line.length > most ? `${line.slice(0, most)}…` : line
}

/** A property's name in an object literal. */
export const propertyName = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : quoted(name))
