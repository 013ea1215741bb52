/** One call on one hop, and what belongs to it. */
import type { Endpoint } from '../transport/network.js'
import type { Agreement } from './descriptions.js'
import type { SipSeen } from './sip-reader.js'
import type { Transaction } from './transactions.js'

/** One call on one hop: from the INVITE's sender to its receiver. */
export interface Leg {
  readonly caller: Endpoint
  readonly callee: Endpoint
  /** The INVITE that counts: after challenges. */
  readonly invite: Transaction
  /** The first 2xx; undefined where none was seen. */
  readonly answer: SipSeen | undefined
  /** Each time that it, or the 2xx of another fork, was seen. */
  readonly answers: readonly SipSeen[]
  /** ACKs of the first 2xx, wherever they went. */
  readonly acks: readonly SipSeen[]
  /** ACKs of the dialog's later INVITEs. */
  readonly laterAcks: readonly SipSeen[]
  /** Requests within the dialog, wherever they went. */
  readonly inDialog: readonly Transaction[]
  readonly bye: Transaction | undefined
  readonly cancel: Transaction | undefined
  readonly agreements: readonly Agreement[]
}

/** The same two tags, either way round. */
export function isOfDialog(seen: SipSeen, answer: SipSeen): boolean {
  if (seen.callId !== answer.callId) return false
  return (
    (seen.fromTag === answer.fromTag && seen.toTag === answer.toTag) ||
    (seen.fromTag === answer.toTag && seen.toTag === answer.fromTag)
  )
}

/** It was seen between the two ends of that hop. */
export function isOnHop(
  { from, to }: Pick<SipSeen, 'from' | 'to'>,
  { caller, callee }: Pick<Leg, 'caller' | 'callee'>,
): boolean {
  return (
    (from.address === caller.address && to.address === callee.address) ||
    (from.address === callee.address && to.address === caller.address)
  )
}
