/** A NOTIFY as its receiver keeps it: RFC 6665 §4.1.3. */
import { type EventName, parseEvent, parseSubscriptionState, type SubscriptionState } from '../message/event.js'
import type { SipRequest } from '../message/message.js'

export interface Notification {
  readonly request: SipRequest
  /** Milliseconds of the agent's clock. */
  readonly at: number
  /** Undefined: without Event. */
  readonly event: EventName | undefined
  /** Undefined: without Subscription-State. */
  readonly subscription: SubscriptionState | undefined
  /** Media type in lower case, without parameters; undefined: no body. */
  readonly contentType: string | undefined
  /** Empty: no body. */
  readonly body: string
  /** It came before the answer to a SUBSCRIBE that was under way. */
  readonly beforeAnswer: boolean
}

export function notificationOf(request: SipRequest, at: number, beforeAnswer: boolean): Notification {
  return {
    request,
    at,
    event: parseEvent(request.headers.get('Event')),
    subscription: parseSubscriptionState(request.headers.get('Subscription-State')),
    contentType: request.body.length === 0 ? undefined : request.contentType?.split(';')[0]?.trim().toLowerCase(),
    body: request.body.toString('utf8'),
    beforeAnswer,
  }
}
