/** The captures that a worker keeps of calls that are over: the worst call of each relay, and some that failed. */
import { badness } from './badness.js'
import type { CallRecord } from './call-record.js'
import type { CallCapture } from './worker-protocol.js'

/** Captures of failed calls that are kept besides the worst of each relay. */
const MOST_FAILED = 12

export class KeptCaptures {
  readonly #captures = new Map<string, CallCapture>()
  readonly #worst = new Map<string, { readonly id: string; readonly badness: number }>()
  readonly #failed = new Set<string>()

  /** @param capture makes the capture, where it is wanted */
  consider(record: CallRecord, capture: () => CallCapture): void {
    const bad = badness(record)
    const before = this.#worst.get(record.relay)
    const isWorst = before === undefined || bad > before.badness
    const failed = !record.success && this.#failed.size < MOST_FAILED
    if (!isWorst && !failed) return
    this.#captures.set(record.id, capture())
    if (failed) this.#failed.add(record.id)
    if (!isWorst) return
    this.#worst.set(record.relay, { id: record.id, badness: bad })
    if (before !== undefined && !this.#failed.has(before.id)) this.#captures.delete(before.id)
  }

  /** Those that there are of these calls. */
  of(ids: readonly string[]): CallCapture[] {
    return ids.flatMap((id) => this.#captures.get(id) ?? [])
  }
}
