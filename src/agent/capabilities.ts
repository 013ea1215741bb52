/** What the agent can do: what it says of itself, and which requests it therefore refuses. */
import { type BodyPart, bodyOfMessage } from '../message/body-parts.js'
import { createResponse } from '../message/build.js'
import type { SipRequest, SipResponse, Violation } from '../message/message.js'

/** Methods that every agent takes (RFC 3261 §20.5). */
const METHODS = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'INFO', 'PRACK', 'UPDATE'] as const
/** Methods that some agents take: 405 for these where they do not, 501 for what nobody has heard of (RFC 3261 §21.5.2). */
const OTHER_METHODS = new Set(['REGISTER', 'MESSAGE', 'NOTIFY', 'SUBSCRIBE', 'REFER', 'PUBLISH'])
/** RFC 5621 §4.2: every user agent reads multipart bodies. */
const ACCEPT = 'application/sdp, multipart/mixed, multipart/alternative'

/** What an agent says that it can do, in requests and in answers. */
export interface Capabilities {
  /** As Allow says them. */
  readonly allow: string
  readonly methods: ReadonlySet<string>
  /** Option tags (RFC 3261 §19.2) that it applies as a client and as a server. */
  readonly supported: readonly string[]
  /** What a 200 to OPTIONS says, the same within a dialog and outside (RFC 3261 §11.2). */
  readonly headers: Readonly<Record<string, string>>
}

/** @param supported option tags */
function capabilities(methods: readonly string[], supported: readonly string[]): Capabilities {
  const allow = methods.join(', ')
  return {
    allow,
    methods: new Set(methods),
    supported,
    headers: {
      Allow: allow,
      Accept: ACCEPT,
      'Accept-Encoding': 'identity',
      'Accept-Language': 'en',
      ...(supported.length === 0 ? {} : { Supported: supported.join(', ') }),
    },
  }
}

export const PLAIN = capabilities(METHODS, ['100rel'])
/** Of a telephone that does not know reliable provisional responses (RFC 3262). */
export const WITHOUT_PRACK = capabilities(
  METHODS.filter((method) => method !== 'PRACK'),
  [],
)
/** Of a telephone that transfers calls and lets its calls be transferred (RFC 5589 §6, §7). */
export const TRANSFERRING = capabilities([...METHODS, 'REFER', 'NOTIFY'], ['100rel', 'replaces'])

/** Body types that are understood in a request: a session for INVITE and its like, anything for INFO (RFC 6086 §4.2). */
const BODY_TYPES = new Set(['application/sdp'])

export const MEDIA_METHODS = new Set(['INVITE', 'UPDATE', 'PRACK', 'ACK'])

/**
 * The checks that RFC 3261 §8.2 makes of every request, in its order: method, URI scheme, extensions, content.
 * Undefined: nothing against it. @param timer where the agent knows session timers
 */
export function refusal(
  request: SipRequest,
  toTag: string,
  violations: readonly Violation[],
  { methods, allow, supported }: Capabilities = PLAIN,
  timer?: { tooBrief(request: SipRequest): number | undefined },
): SipResponse | undefined {
  const refuse = (status: number, headers: readonly (readonly [string, string])[] = []) =>
    createResponse(request, status, undefined, { toTag, headers })
  // What cannot be read as a request at all: 400 and its like.
  const fatal = violations.find((one) => one.status !== undefined)
  if (fatal?.status !== undefined) {
    return createResponse(request, fatal.status, fatal.status === 400 ? `Bad Request: ${fatal.code}` : undefined, {
      toTag,
    })
  }
  // RFC 3261 §8.2.1, §21.5.2
  if (!methods.has(request.method))
    return OTHER_METHODS.has(request.method) ? refuse(405, [['Allow', allow]]) : refuse(501)

  // RFC 3261 §8.2.2.1
  if (!/^sips?:/i.test(request.uri)) return refuse(416)

  // RFC 3261 §8.2.2.3; in CANCEL and ACK the field is ignored.
  if (request.method !== 'CANCEL' && request.method !== 'ACK') {
    const unknown = request.headers
      .values('Require')
      .filter(
        (tag) => !supported.includes(tag.toLowerCase()) && !(timer !== undefined && tag.toLowerCase() === 'timer'),
      )
    if (unknown.length > 0) return refuse(420, [['Unsupported', unknown.join(', ')]])
  }
  // RFC 4028 §9
  const least = request.method === 'INVITE' || request.method === 'UPDATE' ? timer?.tooBrief(request) : undefined
  if (least !== undefined) return refuse(422, [['Min-SE', String(least)]])
  // RFC 3261 §8.2.3
  if (MEDIA_METHODS.has(request.method) && request.body.length > 0) {
    const strange = notUnderstood(bodyOfMessage(request))
    if (strange !== undefined)
      return refuse(415, [strange === 'encoding' ? ['Accept-Encoding', 'identity'] : ['Accept', ACCEPT]])
  }
  return undefined
}

/** Does the peer list the option tag under Supported or Require? */
export function lists(message: SipRequest | SipResponse, header: 'Supported' | 'Require', tag: string): boolean {
  return message.headers.values(header).some((value) => value.toLowerCase() === tag)
}

/** What of a body has to be understood and is not (RFC 3261 §8.2.3, RFC 5621 §8.1). */
function notUnderstood(part: BodyPart): 'encoding' | 'type' | undefined {
  if (part.optional) return undefined

  if (part.encoding !== undefined && part.encoding !== 'identity') return 'encoding'

  if (part.parts === undefined) return BODY_TYPES.has(part.type ?? '') ? undefined : 'type'

  const found = part.parts.map(notUnderstood)
  // RFC 5621 §6.1: of alternatives one is enough.
  return part.type === 'multipart/alternative' && found.includes(undefined)
    ? undefined
    : found.find((one) => one !== undefined)
}
