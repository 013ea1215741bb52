/** Says who is calling: RFC 3323, RFC 3325. */
import { formatNameAddr, type NameAddr, type SipRequest } from '../message/message.js'
import { parseUri } from '../message/uri.js'
import { COUNTRY_CODE, type ProviderAccount } from './account.js'
import type { ProviderContext } from './context.js'
import type { OwnHosts } from './own-hosts.js'
import type { IdentityRules } from './rules/identity.js'

const ANONYMOUS = 'sip:anonymous@anonymous.invalid'
/** Levels of RFC 3323 §4.2 that need a back-to-back user agent. */
const BEYOND_A_PROXY = new Set(['header', 'session', 'user'])

export interface IdentityRefusal {
  readonly status: number
  readonly reason: string
}

export class Identity {
  readonly #context: ProviderContext
  readonly #rules: IdentityRules
  readonly #hosts: OwnHosts

  constructor(context: ProviderContext, hosts: OwnHosts) {
    this.#context = context
    this.#rules = context.rules.identity
    this.#hosts = hosts
  }

  /** May the account send this request under this From? */
  check(request: SipRequest, account: ProviderAccount): IdentityRefusal | undefined {
    const { texts } = this.#context.rules
    if (!this.#rules.checksFrom || (request.method === 'MESSAGE' && !texts.checksFrom)) return undefined
    const from = parseUri(request.from.uri)
    const name = from.userDecoded ?? ''
    // RFC 3323 §4.1.1.3: who hides writes this; the credentials tell us who it is.
    const isAnonymous = name.toLowerCase() === 'anonymous'
    if (!isAnonymous && !(this.#hosts.isDomain(from.host) && this.#context.accounts.owns(account, name)))
      return { status: 403, reason: 'From Is Not Yours' }

    const privacy = privacyOf(request)
    if (privacy.has('critical') && [...privacy].some((level) => BEYOND_A_PROXY.has(level))) {
      // RFC 3323 §5
      return { status: 500, reason: 'Privacy Level Not Available' }
    }
    return undefined
  }

  /**
   * What is asserted about the caller towards the callee, whom nobody trusts (RFC 3325 §5 to §7). Changes the request.
   * @param withheld the customer has switched number transfer off
   */
  assert(request: SipRequest, account: ProviderAccount, withheld: boolean): void {
    const { names } = this.#context
    const own = request.headers.values('P-Asserted-Identity')
    const preferred = request.headers.values('P-Preferred-Identity').map(nameOf)
    request.headers.remove('P-Asserted-Identity')
    if (this.#rules.removesPreferred) request.headers.remove('P-Preferred-Identity')
    if (this.#rules.removesRemoteParty) request.headers.remove('Remote-Party-ID')
    if (this.#rules.removesDiversion) for (const name of ['Diversion', 'History-Info']) request.headers.remove(name)
    if (!this.#rules.removesAsserted && own.length > 0) {
      for (const value of own) request.headers.add('P-Asserted-Identity', value)
      return
    }
    const privacy = privacyOf(request)
    if ((privacy.has('id') || withheld) && this.#rules.honoursPrivacy) {
      this.#withoutPrivacyValue(request, 'id')
      if (this.#rules.namesHidden)
        request.headers.add('History-Info', `<sip:${account.numbers[0] ?? account.user}@${names.domain}>;index=1`)
      return
    }
    const wanted = preferred.find((name) => name !== undefined && this.#context.accounts.owns(account, name))
    const shown = this.#rules.assertsOwnNumber ? account : (this.#context.accounts.all[0] ?? account)
    const number = this.#written(wanted ?? shown.numbers[0] ?? shown.user, request)
    request.headers.add('P-Asserted-Identity', formatNameAddr({ uri: `sip:${number}@${names.domain}` }))
  }

  /** From as the callee sees it where the number is withheld: same tag, no name. */
  anonymous(from: NameAddr): string {
    return formatNameAddr({ display: 'Anonymous', uri: ANONYMOUS, params: from.params })
  }

  #written(number: string, request: SipRequest): string {
    const { numberForm } = this.#rules
    if (numberForm === 'as owned' || !/^0[1-9]/.test(number)) return number
    if (numberForm === 'without prefix') return number.slice(1)
    if (numberForm === 'prefix doubled') return `+${COUNTRY_CODE}${number}`
    const prefix = /^(?:\+|00)(?=[1-9])/.exec(parseUri(request.to.uri).userDecoded ?? '')?.[0]
    return prefix === undefined ? number : `${prefix}${COUNTRY_CODE}${number.slice(1)}`
  }

  // RFC 3323 §5: what was done is no longer asked for.
  #withoutPrivacyValue(request: SipRequest, done: string): void {
    const rest = [...privacyOf(request)].filter((level) => level !== done && level !== 'critical')
    if (rest.length === 0) request.headers.remove('Privacy')
    else request.headers.set('Privacy', rest.join(';'))
  }
}

export function privacyOf(request: SipRequest): Set<string> {
  return new Set(
    request.headers
      .all('Privacy')
      .flatMap((value) => value.split(/[;,]/))
      .map((level) => level.trim().toLowerCase())
      .filter((level) => level !== ''),
  )
}

function nameOf(value: string): string | undefined {
  try {
    return parseUri(/<([^>]*)>/.exec(value)?.[1] ?? value).userDecoded
  } catch {
    return undefined
  }
}
