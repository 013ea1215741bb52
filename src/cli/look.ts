/** The look at a target with which a run begins: done by the survey, told on the terminal. */
import { writeEvidence } from '../evidence/evidence-file.js'
import type { ForeignHandsWatch } from '../runner/foreign-hands.js'
import type { PlanEntry } from '../runner/plan.js'
import type { RunOptions } from '../runner/run.js'
import type { World } from '../scenario/world.js'
import { surveyLines } from '../survey/lines.js'
import { lookAgain, type Survey, survey } from '../survey/survey.js'
import { needsOf, type SurveyNeeds } from '../survey/survey-needs.js'
import type { CliContext } from './context.js'

export interface LookOptions {
  readonly context: CliContext
  /** Captures go there. */
  readonly folder: string
  /** The moment the run began, on the world's clock. */
  readonly startMs: number
  /** Gives the survey a world. */
  readonly on: <T>(story: (world: World) => Promise<T>) => Promise<T>
  /** What is to be looked at. Default: what the planned entries rest on. */
  readonly needs?: (entries: readonly PlanEntry[]) => SurveyNeeds
}

/** One look, for one run. */
export class Look {
  readonly #o: LookOptions
  #survey: Survey | undefined

  constructor(o: LookOptions) {
    this.#o = o
  }

  /** What was learned; undefined before the look, and where there was none. */
  get survey(): Survey | undefined {
    return this.#survey
  }

  readonly look = async (entries: readonly PlanEntry[], watch: ForeignHandsWatch | undefined): Promise<Survey> => {
    const { context, folder, startMs, on, needs = needsOf } = this.#o
    const found = await on((world) =>
      survey({
        world,
        startMs,
        watch,
        needs: needs(entries),
        signal: context.interruption.signal,
        writeEvidence: (key, record) => writeEvidence(folder, key, record),
      }),
    )
    this.#survey = found
    for (const line of surveyLines(found.result)) context.tell(line)
    return found
  }

  readonly lookAgain: NonNullable<RunOptions['lookAgain']> = async (users, watch) => {
    const known = this.#survey
    if (known === undefined) return
    const { startMs, on } = this.#o
    await on((world) => lookAgain(users, known, { world, startMs, watch }))
  }
}
