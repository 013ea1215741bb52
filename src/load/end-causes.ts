/** Why a call ended, as its record says it. */
import type { EndOfCall, OutgoingCall } from '../agent/call.js'
import type { Exchange } from '../agent/exchange.js'
import { NetworkError } from '../transport/network.js'
import type { EndCause } from './call-record.js'

export function causeOfTheirs(end: EndOfCall): EndCause {
  return end.cause === 'bye' && end.by === 'remote' ? 'bye-from-far-side' : 'error'
}

export function reasonOfTheirs(end: EndOfCall): string {
  if (end.cause === 'bye') return `the far end hung up${end.reason === undefined ? '' : ` (${end.reason})`}`
  return end.what ?? `the call ended: ${end.cause}`
}

export function causeOfOurs(exchange: Exchange | undefined): EndCause {
  const status = exchange?.final?.status
  if (status === undefined) return 'bye-unanswered'
  return status < 300 ? 'normal' : 'bye-refused'
}

/** Seconds that a rejection asks to wait (RFC 3261 §20.33); undefined where it asks for nothing. */
export function retryAfterOf(call: OutgoingCall | undefined): number | undefined {
  const seconds = Number.parseInt(call?.final?.headers.get('Retry-After') ?? '', 10)
  return Number.isNaN(seconds) ? undefined : seconds
}

/** What only the generator is to blame for. */
export function troubleOf(error: unknown): string | undefined {
  if (!(error instanceof NetworkError)) return undefined
  if (error.code === 'port-taken') return 'ports ran out'
  return error.code === 'no-descriptors' ? 'file descriptors ran out' : undefined
}
