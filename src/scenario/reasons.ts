/** Why a story could not go on, as a code: told by the answer of the target, or by its absence. */
import { CallError } from '../agent/call-error.js'
import type { Exchange } from '../agent/exchange.js'
import { MediaError } from '../media/media-error.js'
import { ParseError } from '../message/violation.js'
import type { ReasonCode } from '../result/terms.js'
import { isForeseen } from '../transport/foreseen.js'
import { NetworkError } from '../transport/network.js'

interface Reason {
  readonly code: ReasonCode
  readonly text: string
}

const LOGIN_REFUSED = new Set([401, 403, 407])

/** Of a REGISTER that was not accepted. */
export function whyNotRegistered(exchange: Exchange): Reason {
  const { final } = exchange
  if (final === undefined) return whyNoAnswer(exchange)

  return {
    code: LOGIN_REFUSED.has(final.status) ? 'login-refused' : 'not-reached',
    text: `was rejected with ${final.status} ${final.reason}`.trimEnd(),
  }
}

/** Of an INVITE that was not accepted. */
export function whyNotAnswered(exchange: Exchange): Reason {
  const { final } = exchange
  if (final === undefined) return whyNoAnswer(exchange)

  return {
    code: final.status === 401 || final.status === 407 ? 'login-refused' : 'call-refused',
    text: `was rejected with ${final.status} ${final.reason}`.trimEnd(),
  }
}

/** Of a SUBSCRIBE that was not accepted. */
export function whyNotSubscribed(exchange: Exchange): Reason {
  const { final } = exchange
  if (final === undefined) return whyNoAnswer(exchange)
  return { code: 'not-reached', text: `was rejected with ${final.status} ${final.reason}`.trimEnd() }
}

function whyNoAnswer({ error }: Exchange): Reason {
  if (error instanceof NetworkError && error.code === 'not-allowed')
    return { code: 'out-of-reach', text: error.message }
  return error instanceof Error
    ? { code: 'no-connection', text: `could not be sent: ${error.message}` }
    : { code: 'no-answer', text: 'got no final answer' }
}

/** Of an error that the target or the wire has brought about; undefined: it is a defect of ringproof or of the scenario. */
export function whyThrown(error: unknown): Reason | undefined {
  // A scenario reads nothing but what the target sent, which is examined and blamed elsewhere.
  if (error instanceof ParseError)
    return { code: 'unreadable-answer', text: `a message of the target could not be read: ${error.message}` }

  if (error instanceof MediaError || error instanceof CallError) return { code: 'not-reached', text: error.message }
  if (error instanceof NetworkError && error.code === 'not-allowed')
    return { code: 'out-of-reach', text: error.message }
  if (error instanceof NetworkError && error.code === 'no-descriptors')
    return { code: 'no-local-address', text: error.message }

  // The way to the target broke off where the story did not reckon with it: no rule is about that.
  return isForeseen(error) ? { code: 'no-connection', text: error.message } : undefined
}
