/** What `POST /v1/runs` answers: a verdict with the checks that did not hold, or those of a wave, added up. */
import type { CheckResult } from '../../result/scenario-result.js'
import type { RunOutcome } from './run-protocol.js'

/** Of one run: as an entry of `result.scenarios`, kept small. */
export function answerOf({ id, variant, verdict, reason, reasonCode, durationMs, checks }: RunOutcome): object {
  return {
    id,
    variant,
    verdict,
    reason,
    ...(reasonCode === undefined ? {} : { reasonCode }),
    durationMs,
    checks: checks.filter((check) => check.verdict !== 'pass').map(checkOf),
  }
}

const checkOf = ({ id, level, rule, verdict, expected, actual, paraphrase, gravity, reasonCode }: CheckResult) => ({
  id,
  level,
  rule,
  verdict,
  expected,
  actual,
  ...(paraphrase === undefined ? {} : { paraphrase }),
  gravity,
  ...(reasonCode === undefined ? {} : { reasonCode }),
})

interface Group {
  readonly scenario: string
  readonly transport: string
  readonly family: string
  readonly verdict: string
  readonly reasonCode?: string
  readonly durationsMs: number[]
}

/** Of a wave: runs that came to the same are one group. */
export function waveOfRuns(outcomes: readonly RunOutcome[], heldBack: number): object {
  const groups = new Map<string, Group>()
  const failed: Record<string, number> = {}
  for (const { id, variant, verdict, reasonCode, durationMs, checks } of outcomes) {
    const { transport, family } = variant
    const key = `${id} ${transport} ${family} ${verdict} ${reasonCode ?? ''}`
    const group = groups.get(key) ?? {
      scenario: id,
      transport,
      family,
      verdict,
      ...(reasonCode === undefined ? {} : { reasonCode }),
      durationsMs: [],
    }
    group.durationsMs.push(durationMs)
    groups.set(key, group)
    for (const check of checks) {
      if (check.verdict !== 'fail') continue
      const name = `${id}: ${check.id}`
      failed[name] = (failed[name] ?? 0) + 1
    }
  }
  return { count: outcomes.length, heldBack, failed, runs: [...groups.values()] }
}
