/** The standing checks: everything that the target sends in any scenario or load goes through them, whatever its purpose. */
import type { ScenarioRecord } from '../evidence/record.js'
import type { Device } from '../scenario/device.js'
import type { Target } from '../scenario/target.js'

/** One thing a standing check noticed. */
export interface ExaminerNote {
  /** Stable: `EXAM-KEYS-IN-CLEAR`. */
  readonly id: string
  readonly severity: 'fail' | 'warn' | 'info'
  readonly title: string
  readonly rule: string
  readonly provider: readonly string[]
  readonly expected: string
  readonly actual: string
  readonly harm: string
  readonly advice: string
  /** How often in this scenario. */
  readonly count: number
}

/** What the standing checks say of one scenario's record. */
export function examineRecord(
  _record: ScenarioRecord,
  _about: { readonly target: Target; readonly devices: readonly Device[] },
): ExaminerNote[] {
  return []
}
