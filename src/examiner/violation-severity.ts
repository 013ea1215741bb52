/** How grave a departure from the grammar is, and which check it belongs to. */
import type { Violation } from '../message/parse.js'
import type { SdpViolation } from '../sdp/violation.js'
import type { CheckId } from './catalogue.js'
import type { Severity } from './types.js'

/** Codes of the message parser that have a check of their own. */
const CHECKS: ReadonlyMap<string, CheckId> = new Map<string, CheckId>([
  ['content-length-missing', 'EXAM-CONTENT-LENGTH'],
  ['content-length-malformed', 'EXAM-CONTENT-LENGTH'],
  ['content-length-conflict', 'EXAM-CONTENT-LENGTH'],
  ['body-truncated', 'EXAM-CONTENT-LENGTH'],
  ['body-excess', 'EXAM-CONTENT-LENGTH'],
  ['cseq-method-mismatch', 'EXAM-CSEQ'],
  ['cseq-range', 'EXAM-CSEQ'],
  ['from-tag-missing', 'EXAM-TAGS'],
  ['to-tag-missing', 'EXAM-TAGS'],
  ['via-branch-missing', 'EXAM-BRANCH'],
  ['via-branch-cookie', 'EXAM-BRANCH'],
  ['via-branch-empty', 'EXAM-BRANCH'],
  ['contact-missing', 'EXAM-CONTACT'],
  ['contact-repeated', 'EXAM-CONTACT'],
  ['max-forwards-missing', 'EXAM-MAX-FORWARDS'],
  ['challenge-qop-missing', 'EXAM-CHALLENGE'],
  ['basic-forbidden', 'EXAM-CHALLENGE'],
])

export function checkOf(code: string): CheckId {
  return CHECKS.get(code) ?? 'EXAM-GRAMMAR'
}

/** A MUST with harm, though a receiver could still go on. */
const GRAVE = new Set([
  'header-end-missing',
  'content-type-missing',
  'cseq-range',
  'from-tag-missing',
  'to-tag-missing',
  'via-branch-missing',
  'via-branch-cookie',
  'via-branch-empty',
  'contact-missing',
  'contact-repeated',
  'max-forwards-missing',
  'challenge-qop-missing',
  'basic-forbidden',
  'content-length-missing',
])

/** Written wrongly all over the world and read by everybody; nobody's call fails. */
const COSMETIC = new Set([
  'uri-component-forbidden',
  'user-agent-malformed',
  'server-malformed',
  'date-malformed',
  'timestamp-malformed',
  'warning-malformed',
  'reason-malformed',
  'accept-language-malformed',
  'alert-info-malformed',
  'call-info-malformed',
  'version-case',
])

/** Refused by the letter, and yet understood by all but the strictest. */
const TOLERATED = new Set(['display-name-malformed', 'request-uri-component-forbidden', 'header-repeated'])

/**
 * A receiver that goes by the book refuses (request) or drops (response) what has a status: that is a failure. The rest
 * is worth a warning, or only a remark.
 */
export function severityOf({ code, status }: Violation): Severity {
  if (GRAVE.has(code)) return 'fail'
  if (COSMETIC.has(code)) return 'info'
  return status === undefined || TOLERATED.has(code) ? 'warn' : 'fail'
}

/** Without these a description cannot be used: no address, no port, no meaning of a payload type. */
const UNUSABLE = new Set([
  'version-missing',
  'version-unknown',
  'origin-missing',
  'session-name-missing',
  'connection-missing',
  'connection-fields',
  'connection-address',
  'media-fields',
  'media-port',
  'rtpmap-missing',
])

/** Seen daily and harmless. */
const HARMLESS = new Set(['rtcp-level', 'bandwidth', 'time', 'value-empty', 'payload-type-repeated'])

export function sdpSeverityOf({ code }: SdpViolation): Severity {
  // RFC 4568 §5.1.1, §6: crypto lines that are not understood are passed over, others may be beside them.
  if (code.startsWith('crypto-')) return 'info'
  if (UNUSABLE.has(code)) return 'fail'
  return HARMLESS.has(code) ? 'info' : 'warn'
}
