/** The exit codes that scripts rely on, and which of them a run ends with. */

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
export interface Outcome {
  readonly interruptedBy?: 'SIGINT' | 'SIGTERM' | undefined
  /** The target could not be reached at all. */
  readonly unreachable?: boolean | undefined
  /** A check, a vital sign or a threshold failed. */
  readonly failed?: boolean | undefined
  /** The target stopped answering. */
  readonly gone?: boolean | undefined
  /** A defect of ringproof or of a scenario. */
  readonly defect?: boolean | undefined
  /** The generator was too slow, or there was nothing but inconclusive. */
  readonly notValid?: boolean | undefined
  /** Something that was asked for was not run. */
  readonly notRun?: boolean | undefined
}

/** The exit code: the first that applies. Warnings count as held. Wrong usage ends a command before there is a run. */
export function exitCodeOf(outcome: Outcome): number {
  if (outcome.interruptedBy === 'SIGINT') return exitCodes.sigint
  if (outcome.interruptedBy === 'SIGTERM') return exitCodes.sigterm
  if (outcome.unreachable) return exitCodes.unreachable
  if (outcome.failed) return exitCodes.failed
  // What failed before the target went away was found all the same; else it is as one that cannot be reached.
  if (outcome.gone) return exitCodes.unreachable
  if (outcome.defect) return exitCodes.defect
  if (outcome.notValid) return exitCodes.notValid
  if (outcome.notRun) return exitCodes.notRun
  return exitCodes.held
}

/** The exit code of a run whose report could not be written whole: what it found out counts all the same. */
export function exitCodeWithoutReport(exitCode: number): number {
  return exitCode === exitCodes.held ? exitCodes.notRun : exitCode
}
