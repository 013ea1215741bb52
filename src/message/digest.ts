/**
 * Digest authentication (RFC 3261 §22.4, RFC 2617, RFC 7616, RFC 8760): both sides' arithmetic and header values. State
 * (nonces in use, counts, when to give up) belongs to who keeps the credentials.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { parseAuthValues } from './auth-params.js'
import { quote } from './grammar.js'
import { ParseError } from './violation.js'

export type DigestAlgorithm = 'MD5' | 'MD5-sess' | 'SHA-256' | 'SHA-256-sess' | 'SHA-512-256' | 'SHA-512-256-sess'
export type Qop = 'auth' | 'auth-int'

/** One challenge of a WWW-Authenticate or Proxy-Authenticate header field. */
export interface Challenge {
  /** As written; `Digest` is what is understood here. */
  readonly scheme: string
  readonly realm: string
  readonly nonce: string
  readonly opaque?: string | undefined
  readonly domain?: string | undefined
  /** As written; absent means MD5. */
  readonly algorithm?: string | undefined
  /** In lower case. Undefined: no qop parameter (RFC 2069 style). */
  readonly qop?: readonly string[] | undefined
  readonly stale: boolean
  /** RFC 7616 §3.4.4: the user name is to be sent hashed. */
  readonly userhash: boolean
  /** All parameters, names in lower case, values without quotes. */
  readonly params: ReadonlyMap<string, string>
}

/** What an Authorization or Proxy-Authorization header field says. */
export interface Authorization {
  readonly scheme: string
  readonly username: string
  readonly realm: string
  readonly nonce: string
  readonly uri: string
  readonly response: string
  readonly algorithm?: string | undefined
  readonly cnonce?: string | undefined
  readonly opaque?: string | undefined
  readonly qop?: string | undefined
  /** The eight digits as written. */
  readonly nc?: string | undefined
  readonly params: ReadonlyMap<string, string>
}

export interface AnswerOptions {
  readonly challenge: Challenge
  readonly method: string
  /** The Request-URI. */
  readonly uri: string
  readonly user: string
  readonly password: string
  /** Count of requests sent with this nonce, from 1. */
  readonly nc: number
  /** With a -sess algorithm it stays the same as long as the nonce does (RFC 2617 §3.2.2.2). */
  readonly cnonce: string
  readonly body?: Uint8Array | undefined
  /** Chooses among the challenge's qop values; unless told, `auth` is preferred. */
  readonly qop?: Qop | undefined
}

/** What the server knows: the password, or H(user:realm:password) in hexadecimal by the algorithm without -sess. */
export interface Secret {
  readonly password?: string | undefined
  readonly ha1?: string | undefined
  /** The user's name where the header field does not tell it (RFC 7616 §3.4.4 userhash). */
  readonly user?: string | undefined
}

export interface VerifyOptions extends Secret {
  readonly authorization: Authorization | string
  readonly method: string
  readonly body?: Uint8Array | undefined
}

/** Reads challenges: several header field values, and several challenges in one value. Never throws. */
export function parseChallenges(values: string | readonly string[]): Challenge[] {
  const challenges: Challenge[] = []
  for (const value of typeof values === 'string' ? [values] : values) {
    for (const { scheme, params } of parseAuthValues(value)) {
      challenges.push({
        scheme,
        realm: params.get('realm') ?? '',
        nonce: params.get('nonce') ?? '',
        opaque: params.get('opaque'),
        domain: params.get('domain'),
        algorithm: params.get('algorithm'),
        qop: params
          .get('qop')
          ?.toLowerCase()
          .split(/[\s,]+/)
          .filter(Boolean),
        stale: params.get('stale')?.toLowerCase() === 'true',
        userhash: params.get('userhash')?.toLowerCase() === 'true',
        params,
      })
    }
  }
  return challenges
}

/**
 * The challenge to answer: the topmost one that is understood (RFC 8760 §2.4), of a realm if one is given. Nothing but
 * Digest is understood (Basic is forbidden, RFC 3261 §22.4), nor is an algorithm or a qop that is not known here.
 */
export function chooseChallenge(challenges: readonly Challenge[], realm?: string): Challenge | undefined {
  return challenges.find((c) => (realm === undefined || c.realm === realm) && isAnswerable(c))
}

/** Can `answerChallenge` answer it? */
export function isAnswerable(challenge: Challenge): boolean {
  const algorithm = algorithmOf(challenge.algorithm)
  if (challenge.scheme.toLowerCase() !== 'digest' || algorithm === undefined || !challenge.params.has('nonce'))
    return false
  // RFC 3261 §22.4 (8): what depends on the cnonce requires qop.
  if (challenge.qop === undefined) return !algorithm.session
  return challenge.qop.includes('auth') || challenge.qop.includes('auth-int')
}

/** The value of the Authorization header field that answers a challenge. @throws ParseError when it is not answerable */
export function answerChallenge(o: AnswerOptions): string {
  const { challenge } = o
  if (!isAnswerable(challenge)) {
    throw new ParseError(
      'challenge-not-understood',
      'RFC 8760 §2.4',
      `cannot answer ${challenge.scheme} ${challenge.algorithm ?? 'MD5'}`,
    )
  }
  const qop = challenge.qop === undefined ? undefined : chooseQop(challenge.qop, o.qop)
  const nc = formatCount(o.nc)
  const { realm, nonce, algorithm } = challenge
  const response = digest({
    algorithm,
    secret: { user: o.user, password: o.password },
    realm,
    nonce,
    uri: o.uri,
    method: o.method,
    qop,
    nc,
    cnonce: o.cnonce,
    body: o.body,
  })
  const user = challenge.userhash ? hash(algorithm, `${o.user}:${realm}`) : o.user
  // RFC 7616 §3.4: which values stand in quotes and which must not.
  let value = `Digest username=${quote(user)}, realm=${quote(realm)}, nonce=${quote(nonce)}, uri=${quote(o.uri)}, response="${response}"`
  if (algorithm !== undefined) value += `, algorithm=${algorithm}`
  if (qop !== undefined) value += `, cnonce=${quote(o.cnonce)}, qop=${qop}, nc=${nc}`
  if (challenge.opaque !== undefined) value += `, opaque=${quote(challenge.opaque)}`
  if (challenge.userhash) value += ', userhash=true'
  return value
}

function chooseQop(offered: readonly string[], wanted: Qop | undefined): Qop {
  if (wanted !== undefined && offered.includes(wanted)) return wanted
  return offered.includes('auth') ? 'auth' : 'auth-int'
}

/** The eight hexadecimal digits of a nonce count. */
export function formatCount(nc: number): string {
  return nc.toString(16).padStart(8, '0')
}

/** Reads an Authorization or Proxy-Authorization value; of other schemes than Digest only `params` tells something. @throws ParseError */
export function parseAuthorization(value: string): Authorization {
  const [first] = parseAuthValues(value)
  if (first === undefined) throw malformed('a scheme was expected')
  const { scheme, params } = first
  if (scheme.toLowerCase() === 'digest') {
    for (const name of ['username', 'realm', 'nonce', 'uri', 'response'])
      if (!params.has(name) && !(name === 'username' && params.has('username*'))) throw malformed(`${name} is missing`)
  }
  return {
    scheme,
    username: params.get('username') ?? extendedName(params.get('username*')),
    realm: params.get('realm') ?? '',
    nonce: params.get('nonce') ?? '',
    uri: params.get('uri') ?? '',
    response: params.get('response') ?? '',
    algorithm: params.get('algorithm'),
    cnonce: params.get('cnonce'),
    opaque: params.get('opaque'),
    qop: params.get('qop')?.toLowerCase(),
    nc: params.get('nc'),
    params,
  }
}

function malformed(what: string): ParseError {
  return new ParseError('authorization-malformed', 'RFC 3261 §20.7', what)
}

/** RFC 7616 §3.4 username*: charset, language and the escaped name between apostrophes. */
function extendedName(value: string | undefined): string {
  const escaped = value?.split("'", 3)[2]
  if (escaped === undefined) return ''
  try {
    return decodeURIComponent(escaped)
  } catch {
    return ''
  }
}

/** Is the digest right? (Nonce, realm, uri and nc are for the caller to judge.) Never throws. */
export function verifyDigest(o: VerifyOptions): boolean {
  const authorization = read(o.authorization)
  if (authorization === undefined) return false
  const expected = expect(authorization, o, o.method, o.body)
  return expected !== undefined && sameDigits(expected, authorization.response)
}

/** What the digest of a request or (method '') of its answer has to be; undefined when it cannot be told. */
function expect(a: Authorization, secret: Secret, method: string, body: Uint8Array | undefined): string | undefined {
  const algorithm = algorithmOf(a.algorithm)
  if (a.scheme.toLowerCase() !== 'digest' || algorithm === undefined) return undefined
  if (secret.password === undefined && secret.ha1 === undefined) return undefined
  const { qop } = a
  if (qop !== undefined && qop !== 'auth' && qop !== 'auth-int') return undefined
  if (qop !== undefined && (a.cnonce === undefined || !/^[0-9a-f]{8}$/i.test(a.nc ?? ''))) return undefined
  if (algorithm.session && a.cnonce === undefined) return undefined
  return digest({
    algorithm: a.algorithm,
    secret: { ...secret, user: secret.user ?? a.username },
    realm: a.realm,
    nonce: a.nonce,
    uri: a.uri,
    method,
    qop,
    nc: a.nc ?? '',
    cnonce: a.cnonce ?? '',
    body,
  })
}

function read(value: Authorization | string): Authorization | undefined {
  if (typeof value !== 'string') return value
  try {
    return parseAuthorization(value)
  } catch {
    return undefined
  }
}

function sameDigits(expected: string, actual: string): boolean {
  const a = Buffer.from(expected.toLowerCase(), 'utf8')
  const b = Buffer.from(actual.toLowerCase(), 'utf8')
  return a.length === b.length && timingSafeEqual(a, b)
}

/** H(user:realm:password) in hexadecimal: what a server stores instead of the password. */
export function digestHa1(o: {
  algorithm?: string | undefined
  user: string
  realm: string
  password: string
}): string {
  return hash(o.algorithm, `${o.user}:${o.realm}:${o.password}`)
}

/** Writes a challenge as a header field value. Servers must send qop (RFC 8760 §2.6 (8)): it is `auth` unless told. */
export function formatChallenge(o: {
  realm: string
  nonce: string
  algorithm?: DigestAlgorithm | undefined
  /** `null`: no qop parameter (what a server of RFC 2069 did). */
  qop?: readonly Qop[] | null | undefined
  opaque?: string | undefined
  stale?: boolean | undefined
  domain?: string | undefined
}): string {
  let value = `Digest realm=${quote(o.realm)}, nonce=${quote(o.nonce)}`
  if (o.domain !== undefined) value += `, domain=${quote(o.domain)}`
  if (o.opaque !== undefined) value += `, opaque=${quote(o.opaque)}`
  if (o.stale === true) value += ', stale=true'
  if (o.algorithm !== undefined) value += `, algorithm=${o.algorithm}`
  if (o.qop !== null) value += `, qop="${(o.qop ?? ['auth']).join(',')}"`
  return value
}

/** The server's next nonce, where an Authentication-Info value names one (RFC 7616 §3.5). Never throws. */
export function nextNonceOf(authenticationInfo: string): string | undefined {
  return parseAuthValues(authenticationInfo, '')[0]?.params.get('nextnonce')
}

interface DigestInput {
  readonly algorithm: string | undefined
  readonly secret: Secret
  readonly realm: string
  readonly nonce: string
  readonly uri: string
  readonly method: string
  readonly qop: string | undefined
  readonly nc: string
  readonly cnonce: string
  readonly body: Uint8Array | undefined
}

/** The request-digest (RFC 7616 §3.4.1 to §3.4.3, and RFC 2617 §3.2.2.1 without qop). */
function digest(o: DigestInput): string {
  const { algorithm, secret, nonce, cnonce } = o
  let ha1 = secret.ha1?.toLowerCase() ?? hash(algorithm, `${secret.user ?? ''}:${o.realm}:${secret.password ?? ''}`)
  if (algorithmOf(algorithm)?.session === true) ha1 = hash(algorithm, `${ha1}:${nonce}:${cnonce}`)
  let a2 = `${o.method}:${o.uri}`
  // RFC 8760 §2.6 (7): no body counts as an empty one.
  if (o.qop === 'auth-int') a2 += `:${hash(algorithm, o.body ?? '')}`
  const ha2 = hash(algorithm, a2)
  return hash(
    algorithm,
    o.qop === undefined ? `${ha1}:${nonce}:${ha2}` : `${ha1}:${nonce}:${o.nc}:${cnonce}:${o.qop}:${ha2}`,
  )
}

interface Algorithm {
  /** As node:crypto calls it. */
  readonly name: string
  readonly session: boolean
}

const ALGORITHMS = new Map<string, Algorithm>(
  (
    [
      ['md5', 'md5'],
      ['sha-256', 'sha256'],
      ['sha-512-256', 'sha512-256'],
    ] as const
  ).flatMap(([name, hashName]) => [
    [name, { name: hashName, session: false }],
    [`${name}-sess`, { name: hashName, session: true }],
  ]),
)

function algorithmOf(text: string | undefined): Algorithm | undefined {
  return ALGORITHMS.get(text?.toLowerCase() ?? 'md5')
}

function hash(algorithm: string | undefined, data: string | Uint8Array): string {
  const known = algorithmOf(algorithm)
  if (known === undefined) throw new ParseError('algorithm-unknown', 'RFC 7616 §3.3', `algorithm ${algorithm}`)
  return createHash(known.name).update(data).digest('hex')
}
