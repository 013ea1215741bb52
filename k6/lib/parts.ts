// A load that is split by k6's execution segments: how many parts it has (RINGPROOF_PARTS), and which of them this is.
import exec from 'k6/execution'
import type { Thresholds } from './thresholds.ts'

/** How many parts the load is split into; 1 where it is whole. */
export const parts = Math.max(1, Math.floor(Number(__ENV.RINGPROOF_PARTS) || 1))

/**
 * Thresholds that a part can be held to, and those that only the whole load can: at least so many calls.
 * `ringproof merge` judges them all over all parts.
 */
export function thresholdsOfPart(limits: Thresholds): { here: Thresholds; whole: Record<string, string[]> } {
  if (parts === 1) return { here: limits, whole: {} }
  const here: Thresholds = {}
  const whole: Record<string, string[]> = {}
  for (const [metric, conditions] of Object.entries(limits)) {
    const text = (one: (typeof conditions)[number]) => (typeof one === 'string' ? one : one.threshold)
    const isForAll = (one: (typeof conditions)[number]) => /^\s*count\s*(?:>|={2,3}\s*[1-9])/.test(text(one))
    const forAll = conditions.filter(isForAll)
    if (forAll.length > 0) whole[metric] = forAll.map(text)
    if (forAll.length < conditions.length) here[metric] = conditions.filter((one) => !isForAll(one))
  }
  return { here, whole }
}

/** The part that this k6 carries out; undefined where it carries out the whole. Only where a test runs or has run. */
export function thisPart(): { segment: string; sequence: string } | undefined {
  const { executionSegment, executionSegmentSequence } = exec.test.options
  if (!executionSegment) return undefined
  return { segment: executionSegment, sequence: executionSegmentSequence ?? '' }
}
