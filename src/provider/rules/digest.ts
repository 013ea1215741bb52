/** What log-ins go by: RFC 3261 §22, RFC 7616, RFC 8760. Faults change single values. */
import type { DigestAlgorithm } from '../../message/digest.js'

export interface DigestRules {
  /** Asked for in this order, where it is not as the policy says. */
  readonly algorithms: readonly DigestAlgorithm[] | undefined
  /** Their right answers are refused. */
  readonly refusedAlgorithms: readonly string[]
  /** RFC 8760 §2.6 item 8 */
  readonly sendsQop: boolean
  readonly offersBasic: boolean
  /** RFC 3261 §22.1: every challenge of a domain names the same realm. */
  readonly keepsRealm: boolean
  /** RFC 3261 §22.3 */
  readonly proxyChallengeHeader: 'Proxy-Authenticate' | 'WWW-Authenticate'
  /** A challenge to an expired nonce has stale=true. */
  readonly flagsStale: boolean
  readonly noncesExpire: boolean
  /** Only nonces that were given out are good. */
  readonly checksNonce: boolean
  /** A nonce that is not known is challenged anew; else it gets 403. */
  readonly challengesUnknownNonce: boolean
  /** RFC 7616 §5.5: a nonce count is good once. */
  readonly checksNonceCount: boolean
  /** RFC 8760 §2.6 item 6 */
  readonly checksUri: boolean
  readonly checksPassword: boolean
  /** An unknown user gets the same answer as a wrong password. */
  readonly hidesUsers: boolean
  /** RFC 3261 §26.3.2.4: challenges to INVITE are never repeated. */
  readonly challengesWithoutState: boolean
  /** RFC 3261 §22.1: a CANCEL is not challenged. */
  readonly challengesCancel: boolean
}

export const RIGHT_DIGEST: DigestRules = {
  algorithms: undefined,
  refusedAlgorithms: [],
  sendsQop: true,
  offersBasic: false,
  keepsRealm: true,
  proxyChallengeHeader: 'Proxy-Authenticate',
  flagsStale: true,
  noncesExpire: true,
  checksNonce: true,
  challengesUnknownNonce: true,
  checksNonceCount: true,
  checksUri: true,
  checksPassword: true,
  hidesUsers: true,
  challengesWithoutState: true,
  challengesCancel: false,
}
