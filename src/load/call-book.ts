/** The calls that the threads of an agent make, as its main thread knows them: what each has come to, and how many there are. */
import { unixNow } from '../clock/wall-clock.js'
import type { CallOrder } from './call-order.js'
import { callRecord, type CallRecord, type EndCause } from './call-record.js'
import type { DialogLeft } from './left.js'
import type { CallAnswer, CallEvent } from './worker-protocol.js'

export interface CallBookOptions {
  /** Every call that begins, and how much later than it should, ms. */
  readonly onBegun: (lateMs: number) => void
  /** Every final answer. */
  readonly onAnswered: (answer: CallAnswer) => void
  /** Every call that ended. */
  readonly onRecord: (record: CallRecord) => void
}

/** A call that is not over. */
export interface PendingCall {
  readonly order: CallOrder
  /** Unix ms. */
  readonly startedAt: number
  readonly answered?: (answer: CallAnswer) => void
  readonly ended: (record: CallRecord) => void
  readonly dropped?: () => void
  state: 'coming' | 'setting-up' | 'up'
  /** Of a call that is up: what it takes to end it where its thread cannot any more. */
  dialog?: DialogLeft | undefined
}

/** Calls that wait for their answer, that are up, and the most that were up at once. */
export interface CallLoad {
  readonly settingUp: number
  readonly up: number
  readonly peak: number
}

export class CallBook {
  readonly #o: CallBookOptions
  #settingUp = 0
  #up = 0
  #peak = 0

  constructor(o: CallBookOptions) {
    this.#o = o
  }

  get load(): CallLoad {
    return { settingUp: this.#settingUp, up: this.#up, peak: this.#peak }
  }

  begun(pending: PendingCall, lateMs: number): void {
    pending.state = 'setting-up'
    this.#settingUp += 1
    this.#o.onBegun(lateMs)
  }

  /** Something became of a call. */
  happened(pending: PendingCall, event: CallEvent): void {
    switch (event.kind) {
      case 'begun':
        this.begun(pending, event.lateMs)
        return
      case 'answered':
        this.#answered(pending, event.answer)
        return
      case 'ended':
        this.#conclude(pending, event.record)
        return
      case 'dropped':
        pending.dropped?.()
        return
      default: {
        const never: never = event
        throw new Error(`unknown event ${String(never)}`)
      }
    }
  }

  /** Its thread is gone: nothing more is learnt of it. */
  lose(id: string, pending: PendingCall, end: EndCause, reason: string): void {
    if (pending.state === 'coming') this.begun(pending, 0)
    this.#conclude(pending, lostRecord(id, pending, end, reason))
  }

  #answered(pending: PendingCall, answer: CallAnswer): void {
    if (answer.status >= 200 && answer.status < 300 && pending.state === 'setting-up') {
      pending.state = 'up'
      pending.dialog = answer.dialog
      this.#settingUp -= 1
      this.#up += 1
      this.#peak = Math.max(this.#peak, this.#up)
    }
    this.#o.onAnswered(answer)
    pending.answered?.(answer)
  }

  #conclude(pending: PendingCall, record: CallRecord): void {
    if (pending.state === 'up') this.#up -= 1
    else this.#settingUp -= 1
    pending.answered?.({ status: record.status, setupMs: record.setupMs, relay: record.relay, reason: record.reason })
    this.#o.onRecord(record)
    pending.ended(record)
  }
}

/** All that can be said of a call whose thread is gone. */
function lostRecord(id: string, { order, startedAt }: PendingCall, end: EndCause, reason: string): CallRecord {
  return callRecord({
    id,
    callId: '',
    to: order.dialled?.user ?? 'account',
    far: order.far,
    transport: order.transport,
    family: order.family,
    status: 0,
    startedAt,
    endedAt: unixNow(),
    end,
    reason,
    generatorTrouble: reason,
    outcome: order.outcome,
    name: order.name,
    legs: [],
  })
}
