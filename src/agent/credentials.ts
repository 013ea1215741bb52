/** The digest client: what it answers challenges with, and when it stops. */
import type { Random } from '../clock/random.js'
import { answerChallenge, type Challenge, chooseChallenge, nextNonceOf, parseChallenges } from '../message/digest.js'
import type { SipRequest, SipResponse } from '../message/message.js'

export interface Secret {
  readonly user: string
  readonly password: string
}

type Header = 'Authorization' | 'Proxy-Authorization'

interface Known {
  readonly header: Header
  challenge: Challenge
  cnonce: string
  /** Requests sent with this nonce (RFC 7616 §3.4.5). */
  count: number
}

/** Keeps count, within one exchange, of the challenges answered; what makes an endless loop impossible. */
export class Tries {
  // Most exchanges meet no challenge.
  #answered: Map<string, number> | undefined

  count(key: string): number {
    return this.#answered?.get(key) ?? 0
  }

  add(key: string): void {
    this.#answered ??= new Map()
    this.#answered.set(key, this.count(key) + 1)
  }

  /** Challenges answered, whoever asked. */
  get total(): number {
    return [...(this.#answered?.values() ?? [])].reduce((sum, count) => sum + count, 0)
  }
}

/** Nonces that go stale one after the other are followed so often within one exchange. */
const STALE_LIMIT = 3
/** Realms that are answered in one challenge, and remembered: two proxies and a registrar are many (RFC 3261 §22.3). */
const MOST_REALMS = 4
/** Two proxies and a registrar, each with a nonce that goes stale. A realm that changes with each challenge would never end. */
const CHALLENGE_LIMIT = 6

/**
 * The digest client for the requests of one Call-ID (RFC 3261 §22.2, §22.3, RFC 7616, RFC 8760): what it once was asked
 * for it gives unasked from then on, counting `nc` up. Credentials are not carried over to another Call-ID (§22.3).
 */
export class Credentials {
  readonly #secret: Secret
  readonly #random: Random
  /** Undefined until somebody asks: calls that nobody challenges are the many. */
  #known: Map<string, Known> | undefined

  constructor(secret: Secret, random: Random) {
    this.#secret = secret
    this.#random = random
  }

  /** Puts credentials for every realm that has asked into a request, in place of those it has. */
  apply(request: SipRequest): void {
    if (this.#known === undefined || this.#known.size === 0) return

    request.headers.remove('Authorization')
    request.headers.remove('Proxy-Authorization')
    for (const known of this.#known.values()) {
      known.count += 1
      request.headers.add(
        known.header,
        answerChallenge({
          challenge: known.challenge,
          method: request.method,
          uri: request.uri,
          user: this.#secret.user,
          password: this.#secret.password,
          nc: known.count,
          cnonce: known.cnonce,
          body: request.body,
        }),
      )
    }
  }

  /**
   * Learns from a 401 or 407 whether to send the request again, with `apply`; not where the credentials were refused, or no
   * challenge can be answered.
   */
  learn(response: SipResponse, tries: Tries): boolean {
    if (tries.total >= CHALLENGE_LIMIT) return false
    let answerable = false
    for (const [from, header] of [
      ['WWW-Authenticate', 'Authorization'],
      ['Proxy-Authenticate', 'Proxy-Authorization'],
    ] as const) {
      const challenges = parseChallenges(response.headers.all(from))
      for (const realm of [...new Set(challenges.map((challenge) => challenge.realm))].slice(0, MOST_REALMS)) {
        // RFC 8760 §2.4: of each realm the topmost challenge that is understood; others are ignored.
        const challenge = chooseChallenge(challenges, realm)
        if (challenge === undefined) continue

        const key = `${header} ${realm}`
        if (!this.#acceptable(key, challenge, tries)) {
          this.#known?.delete(key)
          return false
        }
        answerable = true
        tries.add(key)
        this.#known ??= new Map()
        this.#known.delete(key)
        this.#known.set(key, { header, challenge, cnonce: this.#random.token(16), count: 0 })
        this.#forgetOldest()
      }
    }
    return answerable
  }

  /** RFC 7616 §3.5: the server may name its next nonce in Authentication-Info. */
  followNonce(response: SipResponse): void {
    if (this.#known === undefined || this.#known.size === 0) return

    for (const [from, header] of [
      ['Authentication-Info', 'Authorization'],
      ['Proxy-Authentication-Info', 'Proxy-Authorization'],
    ] as const) {
      const value = response.headers.get(from)
      const nonce = value === undefined ? undefined : nextNonceOf(value)
      const known = [...this.#known.values()].filter((one) => one.header === header)
      const only = known[0]
      // The field names no realm: it is unambiguous only where one realm is in use.
      if (nonce !== undefined && known.length === 1 && only !== undefined) {
        only.challenge = { ...only.challenge, nonce }
        only.cnonce = this.#random.token(16)
        only.count = 0
      }
    }
  }

  /** Of a server that names another realm each time, credentials would grow without end. */
  #forgetOldest(): void {
    for (const key of this.#known?.keys() ?? []) {
      if ((this.#known?.size ?? 0) <= MOST_REALMS) return
      this.#known?.delete(key)
    }
  }

  #acceptable(key: string, challenge: Challenge, tries: Tries): boolean {
    const before = this.#known?.get(key)
    if (tries.count(key) === 0) {
      // Not answered in this exchange yet. What may have been sent is a nonce from an earlier exchange; asked again
      // with that very nonce, and not called stale, the credentials themselves were refused (RFC 3261 §22.1).
      return before === undefined || before.count === 0 || challenge.stale || challenge.nonce !== before.challenge.nonce
    }
    // RFC 3261 §22.1: credentials that were just rejected are not tried again, unless only the nonce was stale.
    return challenge.stale && challenge.nonce !== before?.challenge.nonce && tries.count(key) < STALE_LIMIT
  }
}
