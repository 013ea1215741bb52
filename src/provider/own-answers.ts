/** What the proxy answers itself, in place of those whom it forwards to. */
import { createResponse, type ResponseOptions } from '../message/build.js'
import type { ServerTransaction } from '../transaction/transaction-layer.js'
import type { ProviderContext } from './context.js'

/** What the domain itself knows of methods; others are forwarded all the same (RFC 3261 §16.3 step 1). */
export const METHODS: ReadonlySet<string> = new Set([
  'INVITE',
  'ACK',
  'CANCEL',
  'BYE',
  'OPTIONS',
  'REGISTER',
  'PRACK',
  'UPDATE',
  'INFO',
  'SUBSCRIBE',
  'NOTIFY',
  'REFER',
  'MESSAGE',
  'PUBLISH',
])

export function refuse(
  { random }: ProviderContext,
  tx: ServerTransaction,
  status: number,
  reason?: string,
  o: ResponseOptions = {},
): void {
  tx.respond(createResponse(tx.request, status, reason, { toTag: random.token(10), ...o }))
}

/** RFC 3261 §16.2 */
export function trying({ rules }: ProviderContext, tx: ServerTransaction): void {
  if (rules.transactions.sendsTrying) tx.respond(createResponse(tx.request, 100))
}

/** RFC 3261 §11.2 */
export function answerOptions(context: ProviderContext, tx: ServerTransaction): void {
  const headers: [string, string][] = [
    ['Allow', [...METHODS].join(', ')],
    ['Accept', 'application/sdp'],
    ['Supported', 'path, outbound'],
  ]
  refuse(context, tx, 200, undefined, { headers })
}
