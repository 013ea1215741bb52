/**
 * Markup in which nothing that is put in can become markup. Used in Node and in the page itself, so that there is one way of escaping.
 */

/** Markup that is safe to put into a page: made by `html`, never from text. */
export class Html {
  readonly #markup: string
  constructor(markup: string) {
    this.#markup = markup
  }
  toString(): string {
    return this.#markup
  }
}

/** What may stand in a template: text is escaped, markup and lists of markup go in as they are, false and undefined vanish. */
export type Part = string | number | Html | readonly Html[] | false | undefined

/** Template tag: `` html`<b>${text}</b>` ``. Attribute values must stand in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((all, string, index) => all + render(parts[index - 1]) + string))
}

function render(part: Part): string {
  if (part === undefined || part === false) return ''
  if (part instanceof Html) return part.toString()
  if (typeof part === 'object') return part.join('')
  return escapeHtml(String(part))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as HTML, for elements and for attributes. Control characters and such that turn the direction of writing are shown by name. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
}

/**
 * Replaces what a reader would not see, or would be fooled by, with something to be seen, in angle brackets: control characters by
 * their names (⟨NUL⟩, ⟨ESC⟩), bidirectional controls, zero-width characters and lone surrogates by code point. Line breaks and tabs stay.
 */
export function visible(text: string): string {
  return text.replace(UNSEEN, (char) => {
    const code = char.codePointAt(0) ?? 0
    return `⟨${CONTROLS[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`}⟩`
  })
}

const CONTROLS =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  )

// C0 without tab and line feed, DEL, C1, soft hyphen, Arabic letter mark, zero-width and bidirectional controls, line and
// paragraph separator, invisible operators, isolates, byte order mark, interlinear anchors, tag characters, lone surrogates.
const UNSEEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu

/** The beginning of a long text, and how much more there is. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text
  return `${text.slice(0, most)} … (${(text.length - most).toLocaleString('en-US')} more characters)`
}
