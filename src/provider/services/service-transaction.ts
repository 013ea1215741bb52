import type { SipRequest, SipResponse } from '../../message/message.js'
import type { Flow } from '../../transport/flow.js'

/** A request as a service gets it, straight from the caller or through a forking proxy. */
export interface ServiceTransaction {
  readonly request: SipRequest
  /** What the caller's request came on. */
  readonly flow: Flow
  /** Is the same request here already, by another path? (RFC 3261 §8.2.2.2) */
  readonly merged: boolean
  /** The caller gave up; the CANCEL is answered already. */
  onCancel: (() => void) | undefined
  respond(response: SipResponse): boolean
}

/** Hands a request to a service. */
export type ServiceCall = (tx: ServiceTransaction) => void
