/** Digest authentication as a server does it: RFC 3261 §22, RFC 7616, RFC 8760. */
import { createHmac } from 'node:crypto'
import {
  type Authorization,
  type DigestAlgorithm,
  digestHa1,
  formatChallenge,
  parseAuthorization,
  verifyDigest,
} from '../message/digest.js'
import type { SipRequest } from '../message/message.js'
import { parseUri, uriEquals } from '../message/uri.js'
import type { ProviderAccount } from './account.js'
import type { ProviderContext } from './context.js'
import type { DigestRules } from './rules/digest.js'

/** By which header fields it asks: as the user agent server that a registrar is, or as a proxy (RFC 3261 §22.2, §22.3). */
export type DigestRole = 'registrar' | 'proxy'

export type Credentials =
  | { readonly outcome: 'accepted'; readonly account: ProviderAccount; readonly use?: NonceUse }
  /** Right password, but the nonce is no longer or was never good. */
  | { readonly outcome: 'stale'; readonly isUnknown: boolean }
  | { readonly outcome: 'refused' }
  /** Told apart from `refused` only where the rules do not hide users. */
  | { readonly outcome: 'unknown-user' }
  | { readonly outcome: 'absent' }

interface NonceUse {
  readonly nonce: string
  readonly nc: number
}

interface NonceRecord {
  readonly expiresAt: number
  readonly used: Set<number>
}

export class DigestServer {
  readonly #context: ProviderContext
  readonly #rules: DigestRules
  readonly #secret: Buffer
  readonly #hashes = new Map<string, string>()
  readonly #nonces = new Map<string, NonceRecord>()

  constructor(context: ProviderContext) {
    this.#context = context
    this.#rules = context.rules.digest
    this.#secret = context.random.bytes(32)
  }

  /** Status and header fields that ask for credentials. */
  challenge(role: DigestRole, stale: boolean): { status: 401 | 407; headers: [string, string][] } {
    const { names, policy } = this.#context
    const name = role === 'proxy' ? this.#rules.proxyChallengeHeader : 'WWW-Authenticate'
    const nonce = this.#makeNonce()
    const realm = this.#rules.keepsRealm ? names.domain : `${this.#context.random.token(8)}.${names.domain}`
    const digests = (this.#rules.algorithms ?? policy.digestAlgorithms).map((algorithm): [string, string] => {
      const flagged = stale && this.#rules.flagsStale
      // RFC 8760 §2.6 item 8: a server always sends qop.
      const challenge = formatChallenge({
        realm,
        nonce,
        algorithm,
        qop: ['auth'],
        ...(flagged ? { stale: true } : {}),
      })
      return [name, this.#rules.sendsQop ? challenge : challenge.replace(/,\s*qop="?[^",]*"?/, '')]
    })
    return {
      status: role === 'registrar' ? 401 : 407,
      headers: this.#rules.offersBasic ? [[name, `Basic realm="${realm}"`], ...digests] : digests,
    }
  }

  /** Judges the credentials of a request for our realm. Changes nothing: see `consume`. */
  verify(request: SipRequest, role: DigestRole): Credentials {
    const authorization = this.#ofOurRealm(request, role)
    if (authorization === undefined) return { outcome: 'absent' }
    const account = this.#context.accounts.byAuthUser(authorization.username)
    // An unknown user costs the same work and gets the same answer as a wrong password.
    const ha1 = this.#ha1(account, authorization)
    const broken = this.#rules.refusedAlgorithms.includes(authorization.algorithm?.toUpperCase() ?? '')
    const right =
      !broken &&
      this.#offered(authorization) !== undefined &&
      verifyDigest({ authorization, method: request.method, ha1, body: request.body })
    const accepted = !this.#rules.checksPassword || right
    if (account === undefined && !this.#rules.hidesUsers) return { outcome: 'unknown-user' }
    if (account === undefined || !accepted) return { outcome: 'refused' }
    if (this.#rules.checksUri && !this.#sameResource(authorization.uri, request.uri)) return { outcome: 'refused' }

    if (!this.#isNonceGood(authorization.nonce))
      return { outcome: 'stale', isUnknown: !this.#isNonceOurs(authorization.nonce) }
    if (authorization.qop === undefined || authorization.nc === undefined) return { outcome: 'accepted', account }
    return {
      outcome: 'accepted',
      account,
      use: { nonce: authorization.nonce, nc: Number.parseInt(authorization.nc, 16) },
    }
  }

  /** Marks a nonce count as used. False: it was used before, which is a replay (RFC 7616 §5.5). */
  consume(use: NonceUse | undefined): boolean {
    if (use === undefined || !this.#rules.checksNonceCount) return true
    const now = this.#context.clock.now()
    let record = this.#nonces.get(use.nonce)
    if (record === undefined) {
      this.#forgetExpired(now)
      record = { expiresAt: now + this.#context.policy.nonceLifetimeMs, used: new Set() }
      this.#nonces.set(use.nonce, record)
    }
    if (record.used.has(use.nc)) return false
    record.used.add(use.nc)
    return true
  }

  #ofOurRealm(request: SipRequest, role: DigestRole): Authorization | undefined {
    const name = role === 'registrar' ? 'Authorization' : 'Proxy-Authorization'
    for (const value of request.headers.all(name)) {
      try {
        const authorization = parseAuthorization(value)
        // RFC 3261 §22.3: credentials for other realms are not ours to look at. Basic is never accepted (§22.4).
        if (authorization.scheme.toLowerCase() === 'digest' && authorization.realm === this.#context.names.domain)
          return authorization
      } catch {
        // Unreadable credentials are no credentials.
      }
    }
    return undefined
  }

  /** The algorithm of credentials, if it is one that is asked for. */
  #offered(authorization: Authorization): DigestAlgorithm | undefined {
    const algorithm = (authorization.algorithm ?? 'MD5').replace(/-sess$/i, '').toUpperCase()
    return this.#context.policy.digestAlgorithms.find((one) => one === algorithm)
  }

  #ha1(account: ProviderAccount | undefined, authorization: Authorization): string {
    const known = this.#offered(authorization) ?? 'MD5'
    const key = `${known} ${account?.user ?? ''}`
    let ha1 = this.#hashes.get(key)
    if (ha1 === undefined) {
      ha1 = digestHa1({
        algorithm: known,
        user: account?.authUser ?? account?.user ?? '',
        realm: this.#context.names.domain,
        password: account?.password ?? this.#secret.toString('hex'),
      })
      this.#hashes.set(key, ha1)
    }
    return ha1
  }

  // RFC 8760 §2.6 item 6: the two URIs need not be equal text, but must mean one that we serve.
  #sameResource(digestUri: string, requestUri: string): boolean {
    if (digestUri === requestUri) return true
    try {
      return uriEquals(digestUri, requestUri) || resourceOf(digestUri) === resourceOf(requestUri)
    } catch {
      return false
    }
  }

  #makeNonce(): string {
    const born = Math.floor(this.#context.clock.now()).toString(36)
    const body = `${born}.${this.#context.random.token(16)}`
    return `${body}.${this.#seal(body)}`
  }

  #isNonceGood(nonce: string): boolean {
    if (!this.#rules.checksNonce) return true
    if (!this.#isNonceOurs(nonce)) return false
    if (!this.#rules.noncesExpire) return true
    const born = Number.parseInt(nonce, 36)
    return this.#context.clock.now() - born <= this.#context.policy.nonceLifetimeMs
  }

  /** Given out since the servers started. */
  #isNonceOurs(nonce: string): boolean {
    const end = nonce.lastIndexOf('.')
    return end >= 0 && this.#seal(nonce.slice(0, end)) === nonce.slice(end + 1)
  }

  #seal(body: string): string {
    return createHmac('sha256', this.#secret).update(body).digest('hex').slice(0, 24)
  }

  #forgetExpired(now: number): void {
    for (const [nonce, record] of this.#nonces) {
      // In the order of their first use, so that the first live one ends the search.
      if (record.expiresAt > now) return
      this.#nonces.delete(nonce)
    }
  }
}

/** What a URI names, parameters aside; where there is no port it is the usual one (RFC 3261 §19.1.2). */
function resourceOf(uri: string): string {
  const { scheme, userDecoded, host, port } = parseUri(uri)
  return `${scheme}:${userDecoded ?? ''}@${host.toLowerCase()}:${port ?? (scheme === 'sips' ? 5061 : 5060)}`
}
