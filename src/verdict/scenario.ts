/** What came of one scenario: its checks and how its story ended make its verdict. */
import type { ReasonCode, Verdict } from '../result/terms.js'
import type { CheckResult, ScenarioResult } from '../result/scenario-result.js'
import { reasonCodeOf, worst } from './check.js'

/** How the story of a scenario ended: told to its end (`pass`), ended early with a verdict that is about no rule, or defective. */
export interface StoryEnd {
  readonly verdict: Extract<Verdict, 'pass' | 'inconclusive' | 'unsupported' | 'not applicable' | 'error'>
  readonly reason: string
  readonly code?: ReasonCode
  readonly defect?: NonNullable<ScenarioResult['defect']>
}

export type Judgement = Pick<ScenarioResult, 'verdict' | 'reason' | 'reasonCode' | 'defect'>

/**
 * @param checks what the rules came to; what the story did not reach is inconclusive
 * @param untouched rules that the story, told to its end, did not look at though it had to
 */
export function judgeScenario(checks: readonly CheckResult[], end: StoryEnd, untouched: readonly string[]): Judgement {
  if (end.verdict === 'error') return defective(end.reason, end.defect, end.code)
  const byChecks = worst(checks.map((check) => check.verdict))
  // A rule that was broken stays broken, however the story ended.
  if (byChecks === 'fail') return ofChecks(byChecks, checks)
  if (end.verdict !== 'pass') return judged(end.verdict, end.reason, end.code)
  // What did not hold may have ended the story early, also where its rule is none of this target's promises and only warns, or where
  // this machine was too slow to tell.
  const isCutShort =
    byChecks === 'warn' || checks.some(({ id, verdict }) => verdict === 'inconclusive' && !untouched.includes(id))
  if (untouched.length > 0 && !isCutShort)
    return defective(`the scenario ended without checking: ${untouched.join(', ')}`)
  return ofChecks(byChecks, checks)
}

function ofChecks(verdict: Verdict, checks: readonly CheckResult[]): Judgement {
  if (verdict === 'pass') return { verdict, reason: '' }
  const deciding = checks.filter((check) => check.verdict === verdict)
  return judged(verdict, inWords(deciding), deciding[0]?.reasonCode)
}

function judged(verdict: Verdict, reason: string, code = reasonCodeOf(verdict)): Judgement {
  return { verdict, reason, ...(code === undefined ? {} : { reasonCode: code }) }
}

function defective(
  reason: string,
  defect: ScenarioResult['defect'] = { message: reason },
  code: ReasonCode = 'scenario-defect',
): Judgement {
  return { verdict: 'error', reason, reasonCode: code, defect }
}

/** What did not hold, in words that stand alone on the console and in JUnit. */
function inWords(checks: readonly CheckResult[]): string {
  return checks
    .map((check) => {
      const { paraphrase = check.id, expected, actual } = check
      return `${howItFailed(check)}: ${paraphrase} – expected: ${expected}; actual: ${actual}`
    })
    .join('. ')
}

function howItFailed({ verdict, level }: CheckResult): string {
  if (verdict === 'fail') return 'rule broken'
  if (verdict === 'inconclusive') return 'not decided'
  return level === 'SHOULD' ? 'SHOULD not met' : 'noticed'
}
