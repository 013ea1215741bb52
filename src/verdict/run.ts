/** The verdict of a whole run, from its scenarios, findings and load. */
import type { RunVerdict } from '../result/terms.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import type { Finding } from '../result/finding.js'
import { fails, isGraveEnough } from '../result/what-fails.js'
import { exitCodeOf, type Outcome } from './exit-code.js'
import type { RunFacts } from './facts.js'
import { defectiveRuns } from './load-runs.js'

export interface RunDecision {
  readonly verdict: RunVerdict
  readonly exitCode: number
  /** What the exit code was made of. */
  readonly outcome: Outcome
}

type Decided = Pick<
  RunFacts,
  'load' | 'interruptedBy' | 'unreachable' | 'gone' | 'defect' | 'incomplete' | 'failOn'
> & {
  readonly scenarios: readonly ScenarioResult[]
  readonly findings: readonly Finding[]
}

/** Verdict and exit code. Some inconclusive scenarios among others make a warning: the rest still stands. */
export function decideRun(run: Decided): RunDecision {
  const outcome = outcomeOf(run)
  return { verdict: verdictOf(run, outcome), exitCode: exitCodeOf(outcome), outcome }
}

function outcomeOf(run: Decided): Outcome {
  const { scenarios, findings, load, failOn = 'letter' } = run
  const tested = scenarios.filter(({ verdict }) => verdict !== 'unsupported' && verdict !== 'not applicable')
  const isOpen = tested.length > 0 && tested.every(({ verdict }) => verdict === 'inconclusive')
  return {
    interruptedBy: run.interruptedBy,
    unreachable: run.unreachable !== undefined,
    failed: findings.some((finding) => fails(finding) && isGraveEnough(finding, failOn)),
    gone: run.gone !== undefined,
    defect:
      run.defect !== undefined || [...scenarios, ...defectiveRuns(load)].some(({ verdict }) => verdict === 'error'),
    notValid: (load !== undefined && !load.valid) || isOpen,
    notRun: run.incomplete,
  }
}

function verdictOf({ scenarios, findings, load }: Decided, outcome: Outcome): RunVerdict {
  if (outcome.interruptedBy) return 'interrupted'
  if (outcome.unreachable) return 'inconclusive'
  if (outcome.failed) return 'fail'
  if (outcome.gone) return 'inconclusive'
  if (outcome.defect) return 'error'
  if (load && !load.valid) return 'invalid'
  // A load that was not run has shown nothing, however well the survey went.
  const isIdle = outcome.notRun === true && load === undefined && scenarios.length === 0
  if (outcome.notValid || isIdle) return 'inconclusive'
  const isClouded =
    findings.some(({ severity }) => severity !== 'info') ||
    (load?.scenarios ?? []).some(({ verdicts }) => (verdicts['inconclusive'] ?? 0) > 0) ||
    scenarios.some(({ verdict }) => verdict === 'warn' || verdict === 'inconclusive')
  return isClouded ? 'warn' : 'pass'
}
