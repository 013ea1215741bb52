/** A request as a service gets it. */
import { createResponse } from '../../message/build.js'
import type { SipRequest, SipResponse } from '../../message/message.js'
import type { ServerTransaction } from '../../transaction/transaction-layer.js'
import type { Flow } from '../../transport/flow.js'
import type { CallLines } from '../events/call-lines.js'
import type { ProviderContext } from '../context.js'

/** A request as a service gets it, straight from the caller or through a forking proxy. */
export interface ServiceTransaction {
  readonly request: SipRequest
  /** What the caller's request came on. */
  readonly flow: Flow
  /** Is the same request here already, by another path? (RFC 3261 §8.2.2.2) */
  readonly merged: boolean
  /** The caller gave up; the CANCEL is answered already. */
  onCancel: (() => void) | undefined
  /** Told when the call that it began is over. */
  readonly onOver?: (() => void) | undefined
  respond(response: SipResponse): boolean
}

/** Hands a request to a service. */
export type ServiceCall = (tx: ServiceTransaction) => void

/** The request of a transaction, straight from the caller. @param request as route processing left it @param lines of who calls */
export function serviceTransaction(
  tx: ServerTransaction,
  request: SipRequest,
  { random }: ProviderContext,
  lines?: CallLines,
): ServiceTransaction {
  const service: ServiceTransaction = {
    request,
    flow: tx.flow,
    merged: tx.merged !== undefined,
    onCancel: undefined,
    onOver: () => lines?.serviceIsOver(),
    respond: (response) => {
      lines?.serviceSays(response.status)
      return tx.respond(response)
    },
  }
  tx.onCancel = (cancel) => {
    cancel.respond(createResponse(cancel.request, 200, undefined, { toTag: random.token(10) }))
    service.onCancel?.()
  }
  return service
}
