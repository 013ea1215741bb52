/** Lets subscriptions in: who subscribes logs in as to a user agent server (RFC 6665 §4.2.1.3), under a name of its own. */
import { createResponse } from '../../message/build.js'
import type { SipRequest } from '../../message/message.js'
import type { ServerTransaction } from '../../transaction/transaction-layer.js'
import type { Admission } from '../admission.js'
import type { ProviderContext } from '../context.js'
import type { Identity } from '../identity.js'
import { serviceTransaction } from '../services/service-transaction.js'
import type { EventServer } from './event-server.js'

interface Desk {
  readonly context: ProviderContext
  readonly events: EventServer
  readonly identity: Identity
  readonly admission: Admission
}

/** A SUBSCRIBE outside of dialogs. @param copy as route processing left it */
export function takeSubscription(
  { context, events, identity, admission }: Desk,
  tx: ServerTransaction,
  copy: SipRequest,
): void {
  const account = admission.authenticate(tx, 'registrar')
  if (account === undefined) return
  const refusal = identity.check(copy, account)
  if (refusal === undefined) {
    events.subscribe(serviceTransaction(tx, copy, context), account)
    return
  }
  tx.respond(createResponse(tx.request, refusal.status, refusal.reason, { toTag: context.random.token(10) }))
}

/** A request within a subscription. From another address than before it has to show who sends it. */
export function takeRefresh({ context, events, admission }: Desk, tx: ServerTransaction, copy: SipRequest): void {
  const known = events.peerAddress(copy)
  const isElsewhere = known !== undefined && known !== tx.flow.remote.address
  if (isElsewhere && admission.authenticate(tx, 'registrar') === undefined) return
  events.inDialog(serviceTransaction(tx, copy, context))
}
