/** What the standing checks noticed under load, as findings of the result. */
import type { ExaminerNote } from '../examiner/types.js'
import type { Finding } from '../result/result.js'

/** These read the clock: where the generator was late itself, they would blame the target for it. */
const READS_THE_CLOCK = new Set(['EXAM-RTP-TIMING', 'EXAM-RTP-AFTER-BYE', 'EXAM-PROVISIONAL'])
const SEVERITIES = ['fail', 'warn', 'info'] as const

/**
 * Groups the notes of all threads.
 * @param valid whether the generator was fast enough
 */
export function standingFindings(notes: readonly ExaminerNote[], profile: string, valid: boolean): Finding[] {
  const groups = new Map<string, { note: ExaminerNote; count: number }>()
  for (const note of notes) {
    if (!valid && READS_THE_CLOCK.has(note.id)) continue
    const key = `${note.id} ${note.title}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { note, count: note.count })
    else group.count += note.count
  }
  return [...groups.values()]
    .toSorted((a, b) => SEVERITIES.indexOf(a.note.severity) - SEVERITIES.indexOf(b.note.severity))
    .map(({ note, count }) => ({
      id: note.id,
      kind: 'standing-check',
      gravity: note.gravity,
      severity: note.severity,
      title: note.title,
      provider: [...note.provider],
      evidence: [],
      harm: note.harm,
      advice: note.advice,
      scenarios: [{ scenario: `load/${profile}`, transport: '', family: '' }],
      count,
      rule: note.rule,
      expected: note.expected,
      actual: note.actual,
    }))
}

/**
 * Findings of conformance and load in one list: what both saw is one finding. Calls that failed in number come first: that is
 * what most customers notice. Ranks are given anew.
 */
export function togetherWith(first: readonly Finding[], second: readonly Finding[]): Finding[] {
  const merged = first.map((finding) => {
    const other = second.find((one) => one.id === finding.id && one.title === finding.title)
    if (other === undefined) return finding
    return {
      ...finding,
      count: (finding.count ?? 0) + (other.count ?? 0),
      scenarios: [...(finding.scenarios ?? []), ...(other.scenarios ?? [])],
    }
  })
  const added = second.filter((one) => !first.some((finding) => finding.id === one.id && finding.title === one.title))
  return [...merged, ...added].toSorted((a, b) => weight(a) - weight(b)).map((finding, rank) => ({ ...finding, rank }))
}

function weight({ id, severity }: Finding): number {
  return SEVERITIES.indexOf(severity) * 2 + (severity === 'fail' && id.startsWith('LOAD-') ? 0 : 1)
}
