/**
 * The pace of accounts that may begin so many calls a second and no more, and devices that are shunned since they have said that they are
 * overloaded: by a right proxy none (RFC 3261 §21.5.4 lets it, but for the time that Retry-After tells alone).
 */
import type { SipRequest } from '../message/message.js'
import { parseUri } from '../message/uri.js'
import type { ProviderAccount } from './account.js'
import type { ProviderContext } from './context.js'
import type { OverloadRules } from './rules/overload.js'

const SECOND_MS = 1_000
/** For which a device is shunned, ms. */
const SHUNNED_MS = 600_000

interface Pace {
  /** When the calls that were let in within the last second came, ms of the clock. */
  moments: number[]
  /** When one was refused last. */
  refusedAt: number
}

/** How a call beyond the pace is refused; `'nothing'` is answered. */
export type PaceRefusal = 'nothing' | { readonly status: number; readonly headers: [string, string][] }

export class Overload {
  readonly #context: ProviderContext
  readonly #rules: OverloadRules
  readonly #paces: ReadonlyMap<ProviderAccount, Pace>
  /** Accounts and addresses, with the time until which nobody there is called. */
  readonly #shunned = new Map<ProviderAccount | string, number>()

  constructor(context: ProviderContext) {
    this.#context = context
    this.#rules = context.rules.proxy
    const paced = context.accounts.all.filter(({ callsPerSecond }) => callsPerSecond !== undefined)
    this.#paces = new Map(paced.map((account) => [account, { moments: [], refusedAt: Number.NEGATIVE_INFINITY }]))
  }

  /** One more call of an account: undefined lets it in. */
  refusalOfCall(caller: ProviderAccount): PaceRefusal | undefined {
    const { beyondPace, paceStops } = this.#rules
    const pace = this.#paces.get(caller)
    if (pace === undefined) {
      const stopped = paceStops === 'everybody' && [...this.#paces.keys()].some((account) => this.#isAbove(account))
      return stopped ? this.#refusal() : undefined
    }
    if (beyondPace === 'is put through') return undefined
    const now = this.#context.clock.now()
    if (this.#isFull(caller, pace) || now - pace.refusedAt < this.#rules.paceHoldsMs) {
      pace.refusedAt = now
      return beyondPace === 'is not answered' ? 'nothing' : this.#refusal()
    }
    pace.moments.push(now)
    return undefined
  }

  /** A request in a call, or a REGISTER: undefined lets it pass. Whose it is its From says. */
  refusalOf(request: SipRequest): PaceRefusal | undefined {
    const { paceRefuses } = this.#rules
    if (paceRefuses === 'calls' || this.#paces.size === 0) return undefined
    const isRegistration = request.method === 'REGISTER'
    if (isRegistration !== (paceRefuses === 'calls and registrations')) return undefined
    const account = this.#context.accounts.byName(parseUri(request.from.uri).userDecoded ?? '')
    return account !== undefined && this.#isAbove(account) ? this.#refusal() : undefined
  }

  /** A device has answered 503. @param account whose it is */
  isOverloaded(account: ProviderAccount | undefined, address: string): void {
    const { shunsOverloaded } = this.#rules
    const shunned = shunsOverloaded === 'the account' ? account : address
    if (shunsOverloaded === 'nothing' || shunned === undefined) return
    this.#shunned.set(shunned, this.#context.clock.now() + SHUNNED_MS)
  }

  /** Is a device of this account, at this address, not called at present? */
  isShunned(account: ProviderAccount, address: string): boolean {
    const until = Math.max(this.#shunned.get(account) ?? 0, this.#shunned.get(address) ?? 0)
    return this.#context.clock.now() < until
  }

  #isAbove(account: ProviderAccount): boolean {
    const pace = this.#paces.get(account)
    return pace !== undefined && this.#context.clock.now() - pace.refusedAt < SECOND_MS
  }

  #isFull({ callsPerSecond = Number.POSITIVE_INFINITY }: ProviderAccount, pace: Pace): boolean {
    const now = this.#context.clock.now()
    pace.moments = pace.moments.filter((at) => at > now - SECOND_MS)
    return pace.moments.length >= callsPerSecond
  }

  #refusal(): PaceRefusal {
    const { paceStatus, paceWaitS } = this.#rules
    return { status: paceStatus, headers: paceWaitS === undefined ? [] : [['Retry-After', String(paceWaitS)]] }
  }
}
