/** Collects what rules report into findings: one for each kind of each rule, with all its sightings. */
import type { JudgedFinding, JudgedSighting } from '../result/judge-result.js'
import type { Call } from './calls.js'
import type { Registration } from './registrations.js'
import type { JudgeRule, Observation } from './rule.js'

/** Sightings of a finding that are kept; the rest are counted. */
export const MOST_SEEN = 50
export const MOST_FRAMES = 40

interface Draft extends JudgedFinding {
  readonly seen: JudgedSighting[]
  count: number
  title: string
}

export class Findings {
  readonly #drafts = new Map<string, Draft>()
  readonly #keyOf: (about: Call | Registration) => string | undefined
  readonly #filterOf: (about: Call | Registration) => string

  constructor(
    keyOf: (about: Call | Registration) => string | undefined,
    filterOf: (about: Call | Registration) => string,
  ) {
    this.#keyOf = keyOf
    this.#filterOf = filterOf
  }

  add({ id, text }: JudgeRule, observation: Observation): void {
    const { kind = '', seen, about, side, frames, filter, ...own } = observation
    const merged = { ...text, ...own }
    const key = `${id} ${kind} ${merged.severity}`
    const of = about === undefined ? undefined : this.#keyOf(about)
    const sighting: JudgedSighting = {
      ...(of === undefined ? {} : { of }),
      text: seen,
      side,
      frames: [...new Set(frames)].sort((a, b) => a - b).slice(0, MOST_FRAMES),
      ...(filter === undefined && about === undefined
        ? {}
        : { filter: filter ?? (about === undefined ? '' : this.#filterOf(about)) }),
    }
    const known = this.#drafts.get(key)
    if (known === undefined) {
      const { severity, gravity, cause, title, harm, advice, rule, expected, step } = merged
      this.#drafts.set(key, {
        id,
        cause,
        severity,
        gravity,
        title,
        harm,
        advice,
        rule,
        expected,
        ...(step === undefined ? {} : { step }),
        seen: [sighting],
        count: 1,
      })
      return
    }
    known.count++
    // Several that differ are headed by what they have in common.
    if (known.title !== merged.title) known.title = text.title
    if (known.seen.length < MOST_SEEN) known.seen.push(sighting)
  }

  get all(): JudgedFinding[] {
    return [...this.#drafts.values()]
  }
}
