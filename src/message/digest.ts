export type DigestAlgorithm = 'MD5' | 'MD5-sess' | 'SHA-256' | 'SHA-256-sess' | 'SHA-512-256' | 'SHA-512-256-sess'
export type Qop = 'auth' | 'auth-int'

/** One challenge of a WWW-Authenticate or Proxy-Authenticate header field. */
export interface Challenge {
  /** As written; `Digest` is what is understood here. */
  readonly scheme: string
  readonly realm: string
  readonly nonce: string
  readonly opaque?: string
  readonly domain?: string
  /** As written; absent means MD5. */
  readonly algorithm?: string
  /** Undefined: no qop parameter (RFC 2069 style). */
  readonly qop?: readonly string[]
  readonly stale: boolean
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
  readonly algorithm?: string
  readonly cnonce?: string
  readonly opaque?: string
  readonly qop?: string
  /** The eight digits as written. */
  readonly nc?: string
  readonly params: ReadonlyMap<string, string>
}

export interface AnswerOptions {
  readonly challenge: Challenge
  readonly method: string
  readonly uri: string
  readonly user: string
  readonly password: string
  /** Count of requests sent with this nonce, from 1. */
  readonly nc: number
  readonly cnonce: string
  readonly body?: Uint8Array
  /** Chooses among the challenge's qop values; the default prefers `auth`. */
  readonly qop?: Qop
}

export interface VerifyOptions {
  readonly authorization: Authorization | string
  readonly method: string
  readonly password?: string
  /** H(user:realm:password) in hexadecimal, instead of a password; of the algorithm used, without -sess. */
  readonly ha1?: string
  readonly body?: Uint8Array
}

/** Reads challenges: several header field values, and several challenges in one value. Never throws. */
export function parseChallenges(_values: string | readonly string[]): Challenge[] {
  throw new Error('not yet')
}

/** The challenge to answer: the topmost one whose algorithm and qop are understood (RFC 8760 §2.4), one per realm. */
export function chooseChallenge(_challenges: readonly Challenge[], _realm?: string): Challenge | undefined {
  throw new Error('not yet')
}

/** Writes a challenge as a header field value. */
export function formatChallenge(_o: {
  realm: string
  nonce: string
  algorithm?: DigestAlgorithm
  qop?: readonly Qop[]
  opaque?: string
  stale?: boolean
  domain?: string
}): string {
  throw new Error('not yet')
}

/** The value of the Authorization header field that answers a challenge. @throws ParseError for an unknown algorithm */
export function answerChallenge(_o: AnswerOptions): string {
  throw new Error('not yet')
}

/** Reads an Authorization or Proxy-Authorization value. @throws ParseError */
export function parseAuthorization(_value: string): Authorization {
  throw new Error('not yet')
}

/** Is the digest right? (Nonce, realm and nc are for the caller to judge.) */
export function verifyDigest(_o: VerifyOptions): boolean {
  throw new Error('not yet')
}

/** H(user:realm:password) in hexadecimal. */
export function digestHa1(_o: { algorithm?: string; user: string; realm: string; password: string }): string {
  throw new Error('not yet')
}

export interface AuthenticationInfo {
  readonly nextnonce?: string
  readonly qop?: string
  readonly rspauth?: string
  readonly cnonce?: string
  readonly nc?: string
}

/** Reads an Authentication-Info value (RFC 7616 §3.5). Never throws. */
export function parseAuthenticationInfo(_value: string): AuthenticationInfo {
  throw new Error('not yet')
}

/** Writes Authentication-Info for a request that came with `authorization`. */
export function formatAuthenticationInfo(_o: {
  authorization: Authorization | string
  password?: string
  ha1?: string
  body?: Uint8Array
  nextnonce?: string
}): string {
  throw new Error('not yet')
}

/** Did the server know the password too? Checks `rspauth` of an Authentication-Info value. */
export function verifyAuthenticationInfo(_o: {
  info: AuthenticationInfo | string
  authorization: Authorization | string
  password?: string
  ha1?: string
  body?: Uint8Array
}): boolean {
  throw new Error('not yet')
}
