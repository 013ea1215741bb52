/** Which contacts a device may have left at a registrar: read from the record of all that it sent and heard, by whatever means. */
import type { SipSighting } from '../evidence/record.js'
import type { NameAddr, SipRequest } from '../message/message.js'
import { ParseError } from '../message/violation.js'

/** A contact that a registrar has taken, or may have. */
export interface ContactLeft {
  /** Address-of-record, URI of To. */
  readonly aor: string
  /** Request-URI of the REGISTER. */
  readonly registrar: string
  readonly contact: NameAddr
  /** Supported of that request: without `outbound` a registrar takes the contact of a flow for another one (RFC 5626 §6). */
  readonly supported: string | undefined
}

/**
 * A contact counts from its 2xx on, and where a log-in for it is still unanswered; until a 2xx to a request that takes it
 * back (RFC 3261 §10.2.2).
 */
export function contactsLeft(messages: readonly SipSighting[], device: string): ContactLeft[] {
  const left = new Map<string, ContactLeft>()
  const open = new Map<string, SipRequest>()
  for (const { device: whose, direction, message } of messages) {
    if (whose !== device) continue
    const key = readable(() => (message.cseq.method === 'REGISTER' ? `${message.callId} ${message.cseq.number}` : ''))
    if (key === undefined || key === '') continue
    if (direction === 'out' && message.kind === 'request') {
      open.set(key, message)
      continue
    }
    const request = open.get(key)
    if (direction === 'out' || message.kind !== 'response' || message.status < 200 || !request) continue
    open.delete(key)
    if (message.status < 300) apply(request, left)
  }
  for (const request of open.values()) {
    const isLogin = request.headers.has('Authorization') || request.headers.has('Proxy-Authorization')
    // What may have been removed may as well be there still.
    if (isLogin) for (const one of contactsOf(request)) if (one.seconds !== 0) left.set(one.key, one.left)
  }
  return [...left.values()]
}

function apply(request: SipRequest, left: Map<string, ContactLeft>): void {
  const aor = readable(() => request.to.uri)
  if (readable(() => request.contacts()) === '*') {
    for (const [key, one] of left) if (one.aor === aor) left.delete(key)
    return
  }
  for (const one of contactsOf(request)) {
    if (one.seconds === 0) left.delete(one.key)
    else left.set(one.key, one.left)
  }
}

function contactsOf(request: SipRequest): { key: string; seconds: number; left: ContactLeft }[] {
  const aor = readable(() => request.to.uri)
  const contacts = readable(() => request.contacts()) ?? []
  if (aor === undefined || contacts === '*') return []
  return contacts.map((contact) => ({
    // RFC 5626 §6: of a flow, instance and number tell which binding it is.
    key: [aor, contact.uri, contact.params.get('+sip.instance'), contact.params.get('reg-id')].join(' '),
    seconds: Number(contact.params.get('expires') ?? request.headers.get('Expires') ?? Number.NaN),
    left: { aor, registrar: request.uri, contact, supported: request.headers.get('Supported') },
  }))
}

/** Stories send requests by hand that break the grammar. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof ParseError) return undefined
    throw error
  }
}
