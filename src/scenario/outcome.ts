/** How a scenario ends other than by its checks: typed, so that blame falls where it belongs. */
import type { ReasonCode, Verdict } from '../result/terms.js'

/** Ends a scenario with a verdict that is not about a rule: the precondition failed, the feature is missing, the role is another. */
export class Outcome extends Error {
  readonly verdict: Extract<Verdict, 'inconclusive' | 'unsupported' | 'not applicable'>
  readonly code: ReasonCode

  constructor(verdict: Outcome['verdict'], reason: string, code: ReasonCode) {
    super(reason)
    this.name = 'Outcome'
    this.verdict = verdict
    this.code = code
  }
}

/** The precondition was never reached, or the harness cannot tell. Ends the scenario. */
export function inconclusive(reason: string, code: ReasonCode = 'not-reached'): never {
  throw new Outcome('inconclusive', reason, code)
}

/** The target said, by its answer, that it lacks the feature. Never guessed from a failure. Ends the scenario. */
export function unsupported(reason: string): never {
  throw new Outcome('unsupported', reason, 'feature-lacking')
}

/** The purpose concerns a role that this target does not play. Ends the scenario. */
export function notApplicable(reason: string, code: ReasonCode = 'not-applicable'): never {
  throw new Outcome('not applicable', reason, code)
}

/** Goes on only when `reached` holds; otherwise the scenario is inconclusive with `reason`. */
export function precondition(reached: unknown, reason: string, code?: ReasonCode): asserts reached {
  if (!reached) inconclusive(reason, code)
}

/** Goes on unless this final response says that the log-in failed: then nothing that follows would tell anything. */
export function loginTaken(final: { readonly status: number } | undefined): void {
  precondition(final?.status !== 401 && final?.status !== 407, 'the log-in was refused', 'login-refused')
}
