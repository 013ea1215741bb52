/** Collects what the checks notice: one note for each kind, with the first occurrence shown and the others counted. */
import { maskSecrets } from '../message/mask.js'
import { CATALOGUE, type CheckId, type CheckText } from './catalogue.js'
import type { ExaminerNote, Severity } from './types.js'

export interface Observation {
  readonly expected: string
  readonly actual: string
  /** Where the check has several forms; default: the catalogue's. */
  readonly title?: string
  readonly severity?: Severity
  readonly rule?: string
}

/** A hostile target must not fill the memory with kinds of its own making. */
const MOST_NOTES = 300

export class NoteCollector {
  readonly #entries = new Map<string, { readonly note: ExaminerNote; count: number }>()

  add(id: CheckId, seen: Observation, times = 1): void {
    const { severity, gravity, title, rule, provider, harm, advice }: CheckText = CATALOGUE[id]
    const key = `${id}|${seen.title ?? ''}|${seen.severity ?? ''}`
    const entry = this.#entries.get(key)
    if (entry !== undefined) {
      entry.count += times
      return
    }
    if (this.#entries.size >= MOST_NOTES) return
    const note: ExaminerNote = {
      id,
      gravity,
      severity: seen.severity ?? severity,
      title: seen.title ?? title,
      rule: seen.rule ?? rule,
      provider,
      expected: readable(seen.expected),
      actual: readable(seen.actual),
      harm,
      advice,
      count: times,
    }
    this.#entries.set(key, { note, count: times })
  }

  /** The gravest first. */
  notes(): ExaminerNote[] {
    const order = { fail: 0, warn: 1, info: 2 }
    return [...this.#entries.values()]
      .map(({ note, count }) => ({ ...note, count }))
      .sort((a, b) => order[a.severity] - order[b.severity])
  }
}

function readable(text: string): string {
  const masked = maskSecrets(text)
  return masked.length > 200 ? `${masked.slice(0, 197)}...` : masked
}
