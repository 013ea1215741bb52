/**
 * The standing checks: everything that the target sends in any scenario and under load goes through them, whatever its
 * purpose. What cannot be told for certain to be the target's doing is passed over: a wrong alarm is worse than none.
 */
import type { ScenarioRecord } from '../evidence/record.js'
import type { MediaPacketEvent } from '../media/media-events.js'
import type { Device } from '../scenario/device.js'
import type { Target } from '../scenario/target.js'
import type { ExaminerNote, ExaminerOptions, SeenGarbage, SeenMessage } from './types.js'

export type { ExaminerNote, ExaminerOptions, SeenGarbage, SeenMessage, Severity } from './types.js'

/**
 * Reads along. Messages and packets of both directions go in, in the order in which they happened: what our devices
 * sent is never judged, but tells what the target may be blamed for. Its memory is bounded.
 */
export class Examiner {
  constructor(_options: ExaminerOptions = {}) {}

  /** A SIP message, sent or received. */
  message(_seen: SeenMessage): void {}

  /** An RTP or RTCP packet, sent or received. */
  packet(_event: MediaPacketEvent): void {}

  /** Bytes on a signalling port that are no SIP. */
  garbage(_garbage: SeenGarbage): void {}

  /** What was noticed so far. */
  notes(): ExaminerNote[] {
    return []
  }
}

/** What the standing checks say of one scenario's record. */
export function examineRecord(
  _record: ScenarioRecord,
  _about: { readonly target: Target; readonly devices: readonly Device[] },
): ExaminerNote[] {
  return []
}
