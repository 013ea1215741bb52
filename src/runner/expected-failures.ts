/** What a target is known to do otherwise: `scenarios/expectations/<target>.json`. Known failures still show, with the reason. */
import { z } from 'zod'
import type { Finding, Place, ScenarioResult } from '../result/result.js'

export const expectedFailuresSchema = z.strictObject({
  target: z.string(),
  /** The target's version that this was seen with. */
  version: z.string(),
  failures: z.array(
    z.strictObject({
      scenario: z.string(),
      check: z.string(),
      /** `udp/ipv4`; absent: all variants. */
      variant: z.string().optional(),
      /** The rule's section. */
      rule: z.string(),
      reason: z.string().min(10),
    }),
  ),
})
export type ExpectedFailures = z.infer<typeof expectedFailuresSchema>

/** Marks the failures that were expected: the check keeps its verdict, the scenario warns instead of failing. */
export function applyExpectedFailures(
  results: readonly ScenarioResult[],
  expected: ExpectedFailures | undefined,
): { results: ScenarioResult[]; findings: Finding[] } {
  if (!expected) return { results: [...results], findings: [] }
  const findings: Finding[] = []
  const marked = results.map((result) => {
    const own = expected.failures.filter(
      (failure) =>
        failure.scenario === result.id && (failure.variant === undefined || failure.variant === variantName(result)),
    )
    for (const failure of own) {
      const check = result.checks.find((candidate) => candidate.id === failure.check)
      if (check?.verdict === 'pass') findings.push(unexpectedPass(result, failure))
    }
    const checks = result.checks.map((check) => {
      const failure = own.find((candidate) => candidate.check === check.id)
      return failure && (check.verdict === 'fail' || check.verdict === 'warn')
        ? { ...check, expectedFailure: failure.reason }
        : check
    })
    const unexpected = checks.some((check) => check.verdict === 'fail' && check.expectedFailure === undefined)
    if (result.verdict !== 'fail' || unexpected) return { ...result, checks }
    return {
      ...result,
      checks,
      verdict: 'warn' as const,
      reason: `known of this target: ${own.map((failure) => failure.reason).join('; ')}`,
    }
  })
  return { results: marked, findings }
}

export const variantName = ({ variant }: Pick<ScenarioResult, 'variant'>): string =>
  `${variant.transport}/${variant.family}`

export const placeOf = ({ id, variant }: Pick<ScenarioResult, 'id' | 'variant'>): Place => ({
  scenario: id,
  ...variant,
})

function unexpectedPass(result: ScenarioResult, failure: ExpectedFailures['failures'][number]): Finding {
  return {
    id: `UNEXPECTED-PASS ${result.id} ${failure.check}`,
    kind: 'unexpected-pass',
    gravity: 'letter',
    severity: 'warn',
    title: `${result.title}: listed as a known failure of this target, but it held`,
    provider: result.provider,
    evidence: result.evidence,
    harm: 'Nobody is harmed; the list of known failures is out of date.',
    advice: `Remove '${failure.check}' of '${result.id}' from the target's expectations file, or find out what changed.`,
    scenarios: [placeOf(result)],
    rule: failure.rule,
  }
}
