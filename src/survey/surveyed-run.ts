/** A conformance run that begins with a survey, and ends where the target goes silent. */
import type { SurveyResult } from '../result/survey-result.js'
import { type ConformanceOutcome, runConformance, type RunOptions } from '../runner/run.js'
import type { World } from '../scenario/world.js'
import { lookAgain, stillAnswers, type Survey, survey } from './survey.js'
import { needsOfRun } from './survey-needs.js'

export interface SurveyedRun {
  readonly outcome: ConformanceOutcome
  /** Undefined where the run was interrupted before. */
  readonly survey: Survey | undefined
  /** Why the target never answered, in a sentence. */
  readonly unreachable?: string | undefined
  /** Why the run was broken off when the target stopped answering, in a sentence. */
  readonly gone?: string | undefined
  /** How late (ms) this process was at worst; undefined where it cannot be late. */
  readonly worstLagMs: number | undefined
}

/**
 * Surveys the target as far as the planned scenarios rely on it, then runs them.
 * @param onSurvey called once, with what was learned
 */
export async function surveyedRun(
  options: Omit<RunOptions, 'look' | 'lookAgain' | 'stillThere' | 'whyLeft'>,
  onSurvey: (result: SurveyResult) => void,
): Promise<SurveyedRun> {
  const { stages, document, signal, writeEvidence, startMs = 0 } = options
  const on = <T>(story: (world: World) => Promise<T>): Promise<T> => stages.on('survey', story)
  const needs = needsOfRun(options.selection, document)
  let known: Survey | undefined
  let silence: string | undefined
  const look: RunOptions['look'] = async (entries, watch) => {
    known = await on((world) => survey({ world, startMs, watch, needs: needs(entries), signal, writeEvidence }))
    onSurvey(known.result)
    return known
  }
  // Where each scenario has a world of its own, nobody else is there, and nothing goes silent for good.
  const shared: Pick<RunOptions, 'lookAgain' | 'stillThere' | 'whyLeft'> = {
    lookAgain: async (users, watch) => {
      const before = known
      if (before !== undefined) await on((world) => lookAgain(users, before, { world, startMs, watch }))
    },
    stillThere: async () => {
      const ask = () => on((world) => stillAnswers({ world, startMs }))
      // Asked twice: one lost question must not end a run.
      const there = (await ask()) || (await ask())
      silence = there ? undefined : `${document.name} does not answer any more`
      return there
    },
    whyLeft: () => silence,
  }
  const outcome = await runConformance({ ...options, look, ...(stages.separate ? {} : shared) })
  const worstLagMs = stages.worstLagMs?.()
  const gone =
    silence === undefined || signal?.aborted === true
      ? undefined
      : `${silence}: the run was stopped after ${outcome.scenarios.length} scenarios. Check the target's log for a crash, or for a ban of this machine's address.`
  return { outcome, survey: known, unreachable: known?.unreachable, gone, worstLagMs }
}
