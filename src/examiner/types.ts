/** What the examiner is given. What it says are standing notes (src/result). */
import type { SipMessage } from '../message/message.js'
import type { Violation } from '../message/parse.js'
import type { StandingNote } from '../result/finding.js'
import type { PublishedList } from '../target/published-list.js'
import type { Endpoint } from '../transport/network.js'

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
  /** What the strict parser named; of what we sent, too: scenarios send wrong messages on purpose. */
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

/** One of our accounts, as far as its secrets matter. */
export interface OwnAccount {
  readonly user: string
  readonly authUser?: string | undefined
  readonly password?: string | undefined
}

export interface ExaminerOptions {
  /** The target's firewall list; without it nothing is said about addresses. */
  readonly published?: PublishedList | undefined
  /** Is that one of our own sockets? What comes from there is not the target's doing. */
  readonly isOwn?: ((endpoint: Endpoint) => boolean) | undefined
  /** Whose passwords must not come back. */
  readonly accounts?: readonly OwnAccount[]
  /** Milliseconds; default 500 and 4000. */
  readonly timers?: { readonly T1: number; readonly T2: number } | undefined
  /**
   * `record` (default): everything. `load`: what a few microseconds allow: no grammar of session descriptions, no
   * comparison of payloads, and a short memory.
   */
  readonly depth?: 'record' | 'load'
  /** Told each time that something is noticed, while the message or packet that shows it is looked at. One object for each kind. */
  readonly noted?: ((note: StandingNote) => void) | undefined
}
