/** What a verdict is made of: the records of a run, handed in by whoever performed it. Nothing in this folder looks elsewhere. */
import type { Place } from '../result/terms.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import type { NotRun, StandingNote } from '../result/finding.js'
import type { SurveyResult } from '../result/survey-result.js'
import type { LoadResult } from '../result/load-result.js'
import type { LeastGravity } from '../result/what-fails.js'

/** One thing that a standing check noticed, and where. */
export interface SeenNote {
  readonly note: StandingNote
  readonly place: Place
  /** Captures that show it. */
  readonly evidence: readonly string[]
  /** A call of somebody else reached a device there: it may be about that call, of which nobody knows what its caller sent. */
  readonly disturbed?: boolean | undefined
}

/** What a target is known to do otherwise, from the file that its target file names. */
export interface KnownDeviations {
  /** As messages name it. */
  readonly file: string
  readonly deviations: readonly KnownDeviation[]
  /** What its standing checks are known to find. */
  readonly standing?: readonly KnownNote[] | undefined
}

export interface KnownDeviation {
  /** Id of a scenario. */
  readonly scenario: string
  /** Name of one of its rules. */
  readonly check: string
  /** `udp/ipv4`; absent: all variants. */
  readonly variant?: string | undefined
  /** The rule's section. */
  readonly rule: string
  readonly reason: string
}

/** What a standing check is known to find, in whatever scenario. */
export interface KnownNote {
  /** Id of the standing check. */
  readonly standing: string
  /** The section that is broken: what else the check finds is not meant. */
  readonly rule: string
  /** Of the message that shows it; absent: all. */
  readonly method?: string | undefined
  /** The transport of the execution in which it is seen; absent: all. */
  readonly transport?: string | undefined
  readonly reason: string
}

/** Evidence that somebody else used one of our accounts during the run. */
export interface ForeignHand {
  /** User of the account. */
  readonly account: string
  /** `registered`: a binding that is none of ours; `called`: a call that nobody of us made; `displaced`: our binding went. */
  readonly how: 'registered' | 'called' | 'displaced'
  /** Milliseconds after the start of the run. */
  readonly atMs: number
  /** The contact or address that was seen. */
  readonly contact?: string | undefined
}

/** What the path to the target loses, seen by signalling over UDP: requests that are answered at once. */
export interface PathLoss extends Repeats {
  /** Of them, those that were sent at least half a second after one another: where losses come in bursts, each tells by itself. */
  readonly apart: Repeats
}

export interface Repeats {
  readonly requests: number
  /** Of them, those that had to be sent again. */
  readonly again: number
}

/** Everything that the verdict of a run depends on. */
export interface RunFacts {
  /** As performed, each judged by itself; known deviations and foreign hands are applied here. */
  readonly scenarios: readonly ScenarioResult[]
  readonly notes: readonly SeenNote[]
  readonly notRun: readonly NotRun[]
  readonly survey?: SurveyResult | undefined
  readonly foreign?: readonly ForeignHand[] | undefined
  /** Undefined where no signalling over UDP was seen. */
  readonly path?: PathLoss | undefined
  readonly known?: KnownDeviations | undefined
  readonly load?: LoadResult | undefined
  readonly interruptedBy?: 'SIGINT' | 'SIGTERM' | undefined
  /** Why the target could not be reached at all, in a sentence. */
  readonly unreachable?: string | undefined
  /** Why the run was broken off when the target stopped answering, in a sentence. */
  readonly gone?: string | undefined
  /** What ringproof broke the run off for, thrown where nobody caught it: a sentence. */
  readonly defect?: string | undefined
  /** True where something that was asked for was not done: k6 missing, captures that could not be written. */
  readonly incomplete?: boolean | undefined
  /** The least gravity of a broken rule that fails the run: `letter` fails on all, `harm` on all but `letter`. Default: letter. */
  readonly failOn?: LeastGravity | undefined
}
