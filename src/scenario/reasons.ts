/** Why a story could not go on, as a code: told by the answer of the target, or by its absence. */
import type { Exchange } from '../agent/exchange.js'
import type { ReasonCode } from '../result/result.js'

const LOGIN_REFUSED = new Set([401, 403, 407])

/** Of a REGISTER that was not accepted. */
export function whyNotRegistered(exchange: Exchange): { readonly code: ReasonCode; readonly text: string } {
  const { final } = exchange
  if (final === undefined) return whyNoAnswer(exchange)

  return {
    code: LOGIN_REFUSED.has(final.status) ? 'login-refused' : 'not-reached',
    text: `was rejected with ${final.status} ${final.reason}`.trimEnd(),
  }
}

/** Of an INVITE that was not accepted. */
export function whyNotAnswered(exchange: Exchange): { readonly code: ReasonCode; readonly text: string } {
  const { final } = exchange
  if (final === undefined) return whyNoAnswer(exchange)

  return {
    code: final.status === 401 || final.status === 407 ? 'login-refused' : 'call-refused',
    text: `was rejected with ${final.status} ${final.reason}`.trimEnd(),
  }
}

function whyNoAnswer({ error }: Exchange): { readonly code: ReasonCode; readonly text: string } {
  return error instanceof Error
    ? { code: 'no-connection', text: `could not be sent: ${error.message}` }
    : { code: 'no-answer', text: 'got no final answer' }
}
