/** A story while it is being written: its lines in order, where it jumps to, its rules, and what is to be told of the old file. */
import type { Gravity } from '../result/terms.js'
import type { Cause } from '../result/causes.js'
import { ref } from './quoting.js'

export type Line =
  | {
      readonly kind: 'code'
      /** An expression or a statement, names between marks. */
      readonly code: string
      /** Name of the constant that holds its value, where anybody uses it. */
      readonly declares?: string
      /** Left out where nobody uses what it declares. */
      readonly pure?: boolean
      /** It is a check of this rule: where it does not hold the story ends, as SIPp's call does. */
      readonly rule?: string
      readonly source: number
    }
  | { readonly kind: 'comment'; readonly text: string; readonly source: number }
  | { readonly kind: 'label'; readonly id: string; readonly source: number }
  /** @param condition code; absent: always */
  | { readonly kind: 'jump'; readonly to: string; readonly condition?: string; readonly source: number }

export interface DraftRule {
  readonly name: string
  readonly line: number
  readonly paraphrase: string
  readonly gravity: Gravity
  readonly cause?: Cause
}

/** Something that a reader should know of how a line was taken over. Line 0: of the whole file. */
export interface Note {
  readonly line: number
  readonly text: string
}

export class Draft {
  readonly lines: Line[] = []
  readonly rules: DraftRule[] = []
  readonly notes: Note[] = []
  readonly #names = new Set<string>()
  /** Line of the command that is being taken over. */
  line = 0
  /** How long the story takes where all goes well, ms. */
  lasts = 0

  /** A name that no other has. */
  name(wanted: string): string {
    let name = wanted
    for (let next = 2; this.#names.has(name); next += 1) name = `${wanted}${next}`
    this.#names.add(name)
    return name
  }

  does(code: string): void {
    this.lines.push({ kind: 'code', code, source: this.line })
  }

  /** @returns its name, marked */
  has(wanted: string, code: string, o: { readonly pure?: boolean } = {}): string {
    const name = this.name(wanted)
    this.lines.push({ kind: 'code', code, declares: name, source: this.line, ...o })
    return ref(name)
  }

  /** @param matcher code: `.toBe(200)` */
  checks(
    wanted: string,
    rule: Omit<DraftRule, 'name' | 'line'> & { readonly line?: number },
    value: string,
    matcher: string,
    pointer?: string,
  ): void {
    const name = this.name(wanted)
    this.rules.push({ line: this.line, ...rule, name })
    const seen = pointer === undefined ? '' : `, { seen: ${pointer} }`
    this.lines.push({
      kind: 'code',
      code: `${ref('expect')}('${name}', ${value}${seen})${matcher}`,
      rule: name,
      source: this.line,
    })
  }

  comment(text: string): void {
    this.lines.push({ kind: 'comment', text, source: this.line })
  }

  /** What cannot be taken over: said in the story, and in the notes. */
  todo(what: string): void {
    this.comment(`TODO line ${this.line}: ${what}`)
    this.note(what)
  }

  label(id: string): void {
    this.lines.push({ kind: 'label', id, source: this.line })
  }

  jump(to: string, condition?: string): void {
    this.lines.push({ kind: 'jump', to, source: this.line, ...(condition === undefined ? {} : { condition }) })
  }

  note(text: string, line = this.line): void {
    if (!this.notes.some((one) => one.text === text)) this.notes.push({ line, text })
  }
}
