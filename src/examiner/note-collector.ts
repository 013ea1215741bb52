/** Collects what the checks notice: one note for each kind, with the first occurrence shown and the others counted. */
import { maskSecrets } from '../message/mask.js'
import { gravitySchema } from '../result/terms.js'
import { type StandingNote } from '../result/finding.js'
import type { Observation, StandingCheck } from './check.js'

/** A hostile target must not fill the memory with kinds of its own making. */
const MOST_NOTES = 300
const SEVERITIES: readonly StandingNote['severity'][] = ['fail', 'warn', 'info']
const GRAVITIES = gravitySchema.options

export class NoteCollector {
  readonly #notes = new Map<string, StandingNote>()
  readonly #noted: ((note: StandingNote) => void) | undefined
  #method: string | undefined

  constructor(noted?: (note: StandingNote) => void) {
    this.#noted = noted
  }

  /** What is noticed from now on is about a message of this method; undefined: about none. */
  about(method: string | undefined): void {
    this.#method = method
  }

  add({ id, text }: StandingCheck, seen: Observation, times = 1): void {
    const method = this.#method
    const key = `${id}|${method ?? ''}|${seen.title ?? ''}|${seen.severity ?? ''}`
    const known = this.#notes.get(key)
    if (known !== undefined) {
      known.count += times
      this.#noted?.(known)
      return
    }
    if (this.#notes.size >= MOST_NOTES) return
    const { severity, gravity, cause, follows, readsClock, title, rule, provider, harm, advice } = { ...text, ...seen }
    const note: StandingNote = {
      id,
      severity,
      gravity,
      ...(cause === undefined ? {} : { cause }),
      ...(follows === undefined ? {} : { follows: [...follows] }),
      ...(readsClock === undefined ? {} : { readsClock }),
      title,
      rule,
      ...(method === undefined ? {} : { method }),
      provider: [...provider],
      expected: readable(seen.expected),
      actual: readable(seen.actual),
      harm,
      advice,
      count: times,
    }
    this.#notes.set(key, note)
    this.#noted?.(note)
  }

  /** The gravest first. @param judgedBy how many messages or packets a check looked at */
  notes(judgedBy: (id: string) => number): StandingNote[] {
    return [...this.#notes.values()]
      .map((note) => ({ ...note, judged: judgedBy(note.id) }))
      .sort((a, b) => weight(a) - weight(b))
  }
}

function weight({ severity, gravity }: StandingNote): number {
  return SEVERITIES.indexOf(severity) * GRAVITIES.length + GRAVITIES.indexOf(gravity)
}

function readable(text: string): string {
  const masked = maskSecrets(text)
  return masked.length > 200 ? `${masked.slice(0, 197)}...` : masked
}
