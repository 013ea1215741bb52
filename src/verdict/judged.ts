/** What a capture's findings come to: their order, the verdict, the sentence and the exit code. Pure. */
import type { JudgedFinding, JudgeResult } from '../result/judge-result.js'
import { exitCodes } from './exit-code.js'

const SEVERITIES: readonly JudgedFinding['severity'][] = ['fail', 'warn', 'info']
const GRAVITIES: readonly JudgedFinding['gravity'][] = ['outage', 'exposure', 'harm', 'letter']

/** The gravest first, and of those the one that was seen most often. */
export function inOrder(findings: readonly JudgedFinding[]): JudgedFinding[] {
  return findings.toSorted(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      GRAVITIES.indexOf(a.gravity) - GRAVITIES.indexOf(b.gravity) ||
      b.count - a.count,
  )
}

type Judgement = Pick<JudgeResult, 'verdict' | 'exitCode' | 'sentence'>

/** @param judged how many calls, registrations and other exchanges were whole enough to be judged */
export function judgementOf(findings: readonly JudgedFinding[], judged: number): Judgement {
  const [first] = inOrder(findings)
  if (first?.severity === 'fail') return { verdict: 'fail', exitCode: exitCodes.failed, sentence: sentenceOf(first) }
  if (judged === 0) {
    return {
      verdict: 'inconclusive',
      exitCode: exitCodes.notValid,
      sentence: 'The capture does not show enough to tell anything.',
    }
  }
  if (first?.severity === 'warn') return { verdict: 'warn', exitCode: exitCodes.held, sentence: sentenceOf(first) }
  return { verdict: 'pass', exitCode: exitCodes.held, sentence: 'Nothing wrong was seen in this capture.' }
}

/** Of one sighting, what was seen; of several, what they have in common. */
function sentenceOf({ title, seen, count }: JudgedFinding): string {
  const [only] = seen
  return count === 1 && only !== undefined ? only.text : `${title} (${count} times).`
}
