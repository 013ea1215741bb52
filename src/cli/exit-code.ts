import { nothingWorked } from '../load/load-findings.js'
import type { RunResult } from '../result/result.js'

/** The exit codes that scripts rely on. */
export const exitCodes = {
  held: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  notValid: 4,
  notRun: 5,
  defect: 6,
  sigint: 130,
  sigterm: 143,
} as const

/** What was found out about a run, as far as its exit code depends on it. */
export interface RunFacts {
  readonly interruptedBy?: 'SIGINT' | 'SIGTERM' | undefined
  /** Wrong usage, or a target file that cannot be used. */
  readonly wrongUsage?: boolean | undefined
  readonly unreachable?: boolean | undefined
  /** A defect of ringproof or of a scenario. */
  readonly defect?: boolean | undefined
  /** A check or a threshold failed. */
  readonly failed?: boolean | undefined
  /** The generator was too slow, or there was nothing but inconclusive. */
  readonly notValid?: boolean | undefined
  /** Something that was asked for was not run. */
  readonly notRun?: boolean | undefined
}

/** The exit code: the first that applies. Warnings count as held. */
export function exitCodeOf(facts: RunFacts): number {
  if (facts.interruptedBy === 'SIGINT') return exitCodes.sigint
  if (facts.interruptedBy === 'SIGTERM') return exitCodes.sigterm
  if (facts.wrongUsage) return exitCodes.usage
  if (facts.unreachable) return exitCodes.unreachable
  if (facts.defect) return exitCodes.defect
  if (facts.failed) return exitCodes.failed
  if (facts.notValid) return exitCodes.notValid
  if (facts.notRun) return exitCodes.notRun
  return exitCodes.held
}

/**
 * Reads the facts off a result: its scenarios, findings and load. What only the command knows (an interruption, a
 * target that could not be reached, parts that were asked for and could not be run) is added by it.
 */
export function factsOf(result: Pick<RunResult, 'scenarios' | 'findings' | 'load'>): RunFacts {
  const { scenarios, findings, load } = result
  const has = (verdict: (typeof scenarios)[number]['verdict']) => scenarios.some((one) => one.verdict === verdict)
  const brokenThreshold = load?.thresholds?.some((threshold) => !threshold.ok) ?? false
  const mismatch = load?.reconciliation?.some((entry) => !entry.ok) ?? false
  const loadDecides = load !== undefined && load.valid
  const tested = scenarios.filter((one) => one.verdict !== 'unsupported' && one.verdict !== 'not applicable')
  const onlyInconclusive = tested.length > 0 && tested.every((one) => one.verdict === 'inconclusive')
  return {
    defect: has('error'),
    // Numbers of a generator that was too slow prove nothing, not even a failure.
    failed:
      has('fail') ||
      findings.some((one) => one.severity === 'fail') ||
      (loadDecides && (brokenThreshold || mismatch || nothingWorked(load))),
    notValid: (load !== undefined && !load.valid) || onlyInconclusive,
  }
}
