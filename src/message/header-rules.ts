/** The header fields that are known: where each is defined, and what its value must look like. */
import {
  type Check,
  checkAddress,
  checkBracketed,
  checkCSeq,
  checkChallenge,
  checkContact,
  checkCredentials,
  checkMediaType,
  checkNumber,
  checkNumberWithParams,
  checkProducts,
  checkRetryAfter,
  checkToken,
  checkTokenWithParams,
  checkVia,
  eachOf,
  matching,
} from './header-checks.js'

/** Grammar of a header field: where it is defined, and what its value must look like. */
export interface HeaderRule {
  readonly rule: string
  readonly check: Check
  /** A server cannot process a request in which this field is malformed, and refuses it with 400. */
  readonly vital?: boolean
}

/** The grammar of the known header fields. */
export const HEADER_RULES: ReadonlyMap<string, HeaderRule> = new Map<string, HeaderRule>([
  ['via', { rule: 'RFC 3261 §20.42', check: eachOf(checkVia, 1), vital: true }],
  ['from', { rule: 'RFC 3261 §20.20', check: (v) => checkAddress(v, 'from'), vital: true }],
  ['to', { rule: 'RFC 3261 §20.39', check: (v) => checkAddress(v, 'to'), vital: true }],
  ['contact', { rule: 'RFC 3261 §20.10', check: checkContact, vital: true }],
  ['route', { rule: 'RFC 3261 §20.34', check: eachOf((v) => checkAddress(v, 'route'), 1), vital: true }],
  ['record-route', { rule: 'RFC 3261 §20.30', check: eachOf((v) => checkAddress(v, 'route'), 1), vital: true }],
  ['path', { rule: 'RFC 3327 §4', check: eachOf((v) => checkAddress(v, 'route'), 1) }],
  ['service-route', { rule: 'RFC 3608 §5', check: eachOf((v) => checkAddress(v, 'route'), 1) }],
  ['reply-to', { rule: 'RFC 3261 §20.31', check: (v) => checkAddress(v, 'other') }],
  ['refer-to', { rule: 'RFC 3515 §2.1', check: (v) => checkAddress(v, 'other') }],
  ['referred-by', { rule: 'RFC 3892 §3', check: (v) => checkAddress(v, 'other') }],
  ['p-asserted-identity', { rule: 'RFC 3325 §9.1', check: eachOf((v) => checkAddress(v, 'other'), 1) }],
  ['p-preferred-identity', { rule: 'RFC 3325 §9.2', check: eachOf((v) => checkAddress(v, 'other'), 1) }],
  [
    'call-id',
    {
      rule: 'RFC 3261 §20.8',
      check: matching(/^[\w\-.!%*+`'~()<>:\\"/[\]?{}]+(?:@[\w\-.!%*+`'~()<>:\\"/[\]?{}]+)?$/, 'word or word@word'),
      vital: true,
    },
  ],
  ['cseq', { rule: 'RFC 3261 §20.16', check: checkCSeq, vital: true }],
  ['max-forwards', { rule: 'RFC 3261 §20.22', check: (v) => checkNumber(v, 255) }],
  ['expires', { rule: 'RFC 3261 §20.19', check: (v) => checkNumber(v, 0xffff_ffff) }],
  ['min-expires', { rule: 'RFC 3261 §20.23', check: (v) => checkNumber(v, 0xffff_ffff) }],
  ['content-type', { rule: 'RFC 3261 §20.15', check: checkMediaType }],
  ['content-disposition', { rule: 'RFC 3261 §20.11', check: checkTokenWithParams }],
  ['content-encoding', { rule: 'RFC 3261 §20.12', check: eachOf(checkToken, 1) }],
  [
    'content-language',
    { rule: 'RFC 3261 §20.13', check: eachOf(matching(/^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*$/, 'a language tag'), 1) },
  ],
  ['accept', { rule: 'RFC 3261 §20.1', check: eachOf(checkMediaType, 0) }],
  ['accept-encoding', { rule: 'RFC 3261 §20.2', check: eachOf(checkTokenWithParams, 0) }],
  ['accept-language', { rule: 'RFC 3261 §20.3', check: eachOf(checkTokenWithParams, 0) }],
  ['alert-info', { rule: 'RFC 3261 §20.4', check: eachOf(checkBracketed, 1) }],
  ['call-info', { rule: 'RFC 3261 §20.9', check: eachOf(checkBracketed, 1) }],
  ['error-info', { rule: 'RFC 3261 §20.18', check: eachOf(checkBracketed, 1) }],
  ['allow', { rule: 'RFC 3261 §20.5', check: eachOf(checkToken, 0) }],
  ['supported', { rule: 'RFC 3261 §20.37', check: eachOf(checkToken, 0) }],
  ['require', { rule: 'RFC 3261 §20.32', check: eachOf(checkToken, 1) }],
  ['proxy-require', { rule: 'RFC 3261 §20.29', check: eachOf(checkToken, 1) }],
  ['unsupported', { rule: 'RFC 3261 §20.40', check: eachOf(checkToken, 1) }],
  ['in-reply-to', { rule: 'RFC 3261 §20.21', check: eachOf(matching(/^[^\s,;@]+(?:@[^\s,;@]+)?$/, 'Call-IDs'), 1) }],
  [
    'date',
    {
      rule: 'RFC 3261 §20.17',
      check: matching(
        /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} (?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60) GMT$/,
        'a date like Sat, 13 Nov 2010 23:29:00 GMT',
      ),
    },
  ],
  ['mime-version', { rule: 'RFC 3261 §20.24', check: matching(/^[0-9]+\.[0-9]+$/, 'digits.digits') }],
  ['priority', { rule: 'RFC 3261 §20.26', check: checkToken }],
  ['retry-after', { rule: 'RFC 3261 §20.33', check: checkRetryAfter }],
  [
    'timestamp',
    {
      rule: 'RFC 3261 §20.38',
      check: matching(/^[0-9]+(?:\.[0-9]*)?(?:\s+[0-9]*(?:\.[0-9]*)?)?$/, 'a decimal number, and a delay'),
    },
  ],
  [
    'warning',
    {
      rule: 'RFC 3261 §20.43',
      check: eachOf(matching(/^[0-9]{3} [^\s"]+ "(?:[^"\\]|\\.)*"$/, 'three digits, an agent and a quoted text'), 1),
    },
  ],
  ['server', { rule: 'RFC 3261 §20.35', check: checkProducts }],
  ['user-agent', { rule: 'RFC 3261 §20.41', check: checkProducts }],
  ['www-authenticate', { rule: 'RFC 3261 §20.44', check: checkChallenge }],
  ['proxy-authenticate', { rule: 'RFC 3261 §20.27', check: checkChallenge }],
  ['authorization', { rule: 'RFC 3261 §20.7', check: checkCredentials }],
  ['proxy-authorization', { rule: 'RFC 3261 §20.28', check: checkCredentials }],
  ['event', { rule: 'RFC 6665 §8.4', check: checkTokenWithParams }],
  ['allow-events', { rule: 'RFC 6665 §8.4', check: eachOf(checkToken, 1) }],
  ['subscription-state', { rule: 'RFC 6665 §8.4', check: checkTokenWithParams }],
  ['session-expires', { rule: 'RFC 4028 §4', check: (v) => checkNumberWithParams(v) }],
  ['min-se', { rule: 'RFC 4028 §5', check: (v) => checkNumberWithParams(v) }],
  ['rseq', { rule: 'RFC 3262 §7.1', check: (v) => checkNumber(v, 0xffff_ffff, 1) }],
  [
    'rack',
    { rule: 'RFC 3262 §7.2', check: matching(/^[0-9]+\s+[0-9]+\s+[\w\-.!%*+`'~]+$/, 'two numbers and a method') },
  ],
  ['reason', { rule: 'RFC 3326 §2', check: eachOf(checkTokenWithParams, 1) }],
  ['sip-etag', { rule: 'RFC 3903 §11.3.1', check: checkToken }],
  ['sip-if-match', { rule: 'RFC 3903 §11.3.2', check: checkToken }],
])
