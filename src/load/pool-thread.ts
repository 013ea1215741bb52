/** A thread of the pool, as the main thread knows it. */
import type { Worker } from 'node:worker_threads'
import type { StandingNote } from '../result/finding.js'
import type { PendingCall } from './call-book.js'
import type { ContactMade } from './left.js'
import type { StormReport } from './registration-storm.js'
import type { CallCapture } from './worker-protocol.js'

export interface PoolThread {
  readonly index: number
  readonly worker: Worker
  readonly calls: Map<string, PendingCall>
  readonly accounts: number
  /** What its accounts are registered with. */
  contacts: readonly ContactMade[]
  alive: boolean
  stopped: () => void
  captured: ((captures: readonly CallCapture[]) => void) | undefined
  noted: ((notes: readonly StandingNote[]) => void) | undefined
  stormed: ((reports: readonly StormReport[]) => void) | undefined
  retired: ((nothing: readonly never[]) => void) | undefined
}

/** Nothing more comes from it: whoever waits is told so. */
export function settle(thread: PoolThread): void {
  thread.stopped()
  thread.captured?.([])
  thread.noted?.([])
  thread.stormed?.([])
  thread.retired?.([])
}
