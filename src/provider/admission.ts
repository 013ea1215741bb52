/** Lets requests outside of dialogs in, by the credentials of the account that sends them: RFC 3261 §22.3. */
import { createHash } from 'node:crypto'
import { createResponse } from '../message/build.js'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.js'
import { parseUri } from '../message/uri.js'
import type { ServerTransaction } from '../transaction/transaction-layer.js'
import type { Flow } from '../transport/flow.js'
import type { SipTransport } from '../transport/sip-transport.js'
import type { ProviderAccount } from './account.js'
import type { ProviderContext } from './context.js'
import type { DigestRole, DigestServer } from './digest-server.js'

export class Admission {
  readonly #context: ProviderContext
  readonly #digest: DigestServer
  readonly #transport: SipTransport
  /** Which INVITEs need credentials. */
  readonly #isGuarded: (request: SipRequest, flow: Flow) => boolean

  constructor(o: {
    context: ProviderContext
    digest: DigestServer
    transport: SipTransport
    isGuarded: (request: SipRequest, flow: Flow) => boolean
  }) {
    this.#context = o.context
    this.#digest = o.digest
    this.#transport = o.transport
    this.#isGuarded = o.isGuarded
    o.transport.intercept = (message, flow) => this.#beforeTransactions(message, flow)
  }

  /** The account behind a request; undefined: it was answered with a challenge. @param role a notifier asks as a server: RFC 6665 §4.2.1.3 */
  authenticate(tx: ServerTransaction, role: DigestRole = 'proxy'): ProviderAccount | undefined {
    const { request } = tx
    if (this.#isTrusted(request)) return this.#accountOfFrom(request)
    const credentials = this.#digest.verify(request, role)
    if (credentials.outcome === 'accepted' && this.#digest.consume(credentials.use)) return credentials.account
    const outcome = credentials.outcome === 'accepted' ? 'stale' : credentials.outcome
    tx.respond(this.#refusal(request, outcome, role))
    return undefined
  }

  /** Takes off what was meant for us, so that nobody behind us learns it. */
  removeOwnCredentials(copy: SipRequest): void {
    const all = copy.headers.all('Proxy-Authorization')
    const others = all.filter((value) => !value.includes(`"${this.#context.names.domain}"`))
    if (others.length === all.length) return
    copy.headers.remove('Proxy-Authorization')
    for (const value of others) copy.headers.add('Proxy-Authorization', value)
  }

  /**
   * A user agent server answers 401 and 407 without keeping state, so that a timer never repeats them (RFC 3261 §8.2.7,
   * §26.3.2.4). For INVITE this means before a transaction is made. True: the message goes no further.
   */
  #beforeTransactions(message: SipMessage, flow: Flow): boolean {
    if (message.kind !== 'request') return false
    const { rules } = this.#context
    try {
      if (!rules.transport.knowsCompactForms && message.method !== 'ACK' && hasCompactForms(message)) {
        this.#answer(createResponse(message, 400), flow)
        return true
      }
      if (message.method !== 'INVITE' || !rules.digest.challengesWithoutState || !this.#isGuarded(message, flow))
        return false
      const { outcome } = this.#digest.verify(message, 'proxy')
      if (outcome === 'accepted' || this.#isTrusted(message)) return false
      this.#answer(this.#refusal(message, outcome), flow)
      return true
    } catch {
      // Too malformed to be challenged: the transaction user refuses it.
      return false
    }
  }

  #answer(response: SipResponse, flow: Flow): void {
    this.#transport.sendResponse(response, flow).catch((error: unknown) => {
      this.#context.log(`no way back for ${response.status}: ${String(error)}`)
    })
  }

  #refusal(
    request: SipRequest,
    outcome: 'stale' | 'refused' | 'absent' | 'unknown-user',
    role: DigestRole = 'proxy',
  ): SipResponse {
    const toTag = statelessTag(request)
    if (outcome === 'unknown-user') return createResponse(request, 404, undefined, { toTag })
    const { status, headers } = this.#digest.challenge(role, outcome === 'stale')
    return createResponse(request, status, undefined, { headers, toTag })
  }

  /** Where the rules let a request in without credentials. */
  #isTrusted(request: SipRequest): boolean {
    const { rules } = this.#context
    return (
      (request.method === 'MESSAGE' && !rules.texts.asksForLogin) ||
      (rules.identity.trustsRoute && request.headers.has('Route')) ||
      (rules.identity.trustsToTag && request.to.tag !== undefined) ||
      (rules.identity.trustsBoth && request.headers.has('Route') && request.to.tag !== undefined)
    )
  }

  #accountOfFrom(request: SipRequest): ProviderAccount | undefined {
    const { accounts } = this.#context
    return accounts.byName(parseUri(request.from.uri).userDecoded ?? '') ?? accounts.all[0]
  }
}

// §8.2.7: the same tag for every repetition of the request.
function statelessTag(request: SipRequest): string {
  return createHash('sha1')
    .update(`${request.callId} ${request.cseq.number} ${request.headers.get('Via') ?? ''}`)
    .digest('hex')
    .slice(0, 16)
}

function hasCompactForms(message: SipMessage): boolean {
  return message.headers.entries().some(([name]) => name.length === 1)
}
