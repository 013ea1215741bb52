/** The record of an exchange while it runs, and how its messages get the header fields and body that were asked for. */
import type { SipMessage, SipRequest, SipResponse } from '../message/message.js'
import type { Flow } from '../transport/flow.js'
import type { Exchange, ExchangeError, ExtraHeaders, RequestOptions } from './exchange.js'

/** An exchange while it is filled. */
export class ExchangeRecord implements Exchange {
  readonly method: string
  readonly requests: SipRequest[] = []
  readonly provisionals: SipResponse[] = []
  readonly challenges: SipResponse[] = []
  final: SipResponse | undefined
  error: ExchangeError | undefined
  startedAt: number
  lastSentAt: number
  endedAt: number | undefined
  flow: Flow | undefined

  constructor(method: string, now: number) {
    this.method = method
    this.startedAt = now
    this.lastSentAt = now
  }

  get status(): number | undefined {
    if (this.final !== undefined) return this.final.status

    // RFC 3261 §8.1.3.1
    return this.error === undefined ? undefined : this.error instanceof Error ? 503 : 408
  }
}

/** Puts a caller's header fields into a message. */
export function applyHeaders(message: SipMessage, extra: ExtraHeaders | undefined): void {
  for (const [name, value] of Object.entries(extra ?? {})) {
    const [first, ...rest] = typeof value === 'string' ? [value] : (value ?? [])
    if (first === undefined) {
      message.headers.remove(name)
      continue
    }
    message.headers.set(name, first)
    for (const more of rest) message.headers.add(name, more)
  }
}

/** Body and its type as `createRequest` and `createResponse` want them. */
export function bodyOf(o: {
  readonly body?: RequestOptions['body'] | undefined
  readonly contentType?: string | undefined
}): {
  body: string | Buffer | undefined
  contentType: string | undefined
} {
  if (o.body === undefined || o.body.length === 0) return { body: undefined, contentType: o.contentType }

  const begin = typeof o.body === 'string' ? o.body.slice(0, 2) : o.body.toString('latin1', 0, 2)
  return { body: o.body, contentType: o.contentType ?? (begin === 'v=' ? 'application/sdp' : 'text/plain') }
}

export { sessionDescriptionIn as sdpOf } from '../message/body-parts.js'
