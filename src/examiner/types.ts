/** What the examiner is given, and what it says. */
import type { Gravity } from '../result/result.js'
import type { SipMessage } from '../message/message.js'
import type { Violation } from '../message/parse.js'
import type { PublishedList } from '../target/published-list.js'
import type { Endpoint } from '../transport/network.js'

/** `fail`: a MUST was broken; `warn`: a SHOULD, or something that operations must know; `info`: good to know. */
export type Severity = 'fail' | 'warn' | 'info'

/** One thing a standing check noticed. */
export interface ExaminerNote {
  readonly gravity: Gravity
  /** Stable: `EXAM-KEYS-IN-CLEAR`. */
  readonly id: string
  readonly severity: Severity
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

/** A SIP message as one of our devices sent or received it; a `SipSighting` is one. */
export interface SeenMessage {
  /** Milliseconds of the run's clock. */
  readonly at: number
  /** Who of us: a device, or under load whatever tells one user from another. */
  readonly device: string
  readonly direction: 'in' | 'out'
  readonly transport: 'udp' | 'tcp' | 'tls'
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly message: SipMessage
  /** What the strict parser named; of what we sent, too: stories send wrong things on purpose. */
  readonly violations: readonly Violation[]
  /** The same bytes went the same way before. */
  readonly again?: boolean
}

/** Bytes on a signalling port that are no SIP message. */
export interface SeenGarbage {
  readonly remote: Endpoint
  readonly bytes: Buffer
  readonly violations: readonly Violation[]
}

export interface ExaminerOptions {
  /** The target's firewall list; without it nothing is said about addresses. */
  readonly published?: PublishedList | undefined
  /** Is that one of our own sockets? What comes from there is not the target's doing. */
  readonly isOwn?: ((endpoint: Endpoint) => boolean) | undefined
  /** Whose passwords must not come back. */
  readonly accounts?: readonly {
    readonly user: string
    readonly authUser?: string | undefined
    readonly password?: string | undefined
  }[]
  /** Milliseconds; default 500 and 4000. */
  readonly timers?: { readonly T1: number; readonly T2: number } | undefined
  /**
   * `record` (default): everything. `load`: what a few microseconds allow: no grammar of session descriptions, no
   * comparison of payloads, and a short memory.
   */
  readonly depth?: 'record' | 'load'
}
