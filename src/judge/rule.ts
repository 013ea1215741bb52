/** What a rule over a capture is: a name, its text, and what it looks at. Each has a file in rules/, named for it; rules.ts lists them. */
import type { Cause } from '../result/causes.js'
import type { JudgedFinding, JudgedSide } from '../result/judge-result.js'
import type { Gravity, Step } from '../result/terms.js'
import type { Call } from './calls.js'
import type { Registration } from './registrations.js'
import type { Scene } from './scene.js'

/**
 * What a finding says beside what was seen. `fail`: those who telephone have no service, or lose calls or audio; `warn`: something that operations
 * must know, or that a capture alone does not prove; `info`: good to know.
 */
export interface RuleText {
  readonly severity: JudgedFinding['severity']
  readonly gravity: Gravity
  readonly cause: Cause
  /** Where it showed several times in different ways. */
  readonly title: string
  readonly rule: string
  readonly expected: string
  readonly harm: string
  readonly advice: string
  readonly step?: Step
}

/** One sighting. What it says of the rule's text is particular to its kind. */
export interface Observation extends Partial<RuleText> {
  /** Sightings of one kind are one finding; default: the rule's only kind. */
  readonly kind?: string
  /** What was seen; a sentence. */
  readonly seen: string
  readonly about: Call | Registration | undefined
  readonly side: JudgedSide
  readonly frames: readonly number[]
  /** A display filter; default: that of what it is about. */
  readonly filter?: string | undefined
}

export type Report = (observation: Observation) => void

export interface JudgeRule {
  /** The file's name. */
  readonly id: string
  readonly text: RuleText
  readonly look: (scene: Scene, report: Report) => void
}
