/**
 * The calls that accounts have at a time, where they may have so many and no more. A call counts for its caller from where it is
 * forwarded, for an account whose devices ring from then on, and for both until it has ended. Services of the provider's own do not count.
 */
import type { ProviderAccount } from './account.js'
import type { ProxiedCall } from './call-table.js'
import type { ProviderContext } from './context.js'
import type { ChannelRules } from './rules/channels.js'

/** What the channels need of the calls that lead through the proxy. */
interface Calls {
  /** How many have not ended, of all accounts. */
  readonly on: () => number
  /** Ends a call for both sides. */
  readonly ends: (call: ProxiedCall) => void
}

export class Channels {
  readonly #rules: ChannelRules
  readonly #calls: Calls
  /** Of the accounts that may have so many calls and no more. */
  readonly #taken: ReadonlyMap<ProviderAccount, Set<ProxiedCall>>

  constructor({ rules, accounts }: ProviderContext, calls: Calls) {
    this.#rules = rules.proxy
    this.#calls = calls
    const limited = accounts.all.filter(({ callsAtATime }) => callsAtATime !== undefined)
    this.#taken = new Map(limited.map((account) => [account, new Set()]))
  }

  /** Has the account as many calls as it may have? */
  isFull(account: ProviderAccount): boolean {
    const taken = this.#taken.get(account)
    if (taken === undefined) return false
    const count = this.#rules.countsCalls === 'of all accounts' ? Math.max(taken.size, this.#calls.on()) : taken.size
    return count >= (account.callsAtATime ?? Number.POSITIVE_INFINITY)
  }

  /** The status that refuses one more call of this caller; undefined: it may call. */
  refusal(caller: ProviderAccount): number | undefined {
    const { beyondLimit, fullStopsOthers, limitStatus } = this.#rules
    if (fullStopsOthers && [...this.#taken.keys()].some((account) => this.isFull(account))) return limitStatus
    if (beyondLimit === 'is put through' || !this.isFull(caller)) return undefined
    const [first] = this.#taken.get(caller) ?? []
    if (beyondLimit === 'is refused, and a call that is on ends' && first !== undefined) this.#calls.ends(first)
    return limitStatus
  }

  /** From now on the call counts for the account. */
  take(account: ProviderAccount, call: ProxiedCall): void {
    if (!call.ended) this.#taken.get(account)?.add(call)
  }

  /** The call has ended. @param isAnswered nothing of its end is waited for any more */
  free(call: ProxiedCall, isAnswered = false): void {
    const end = endOf(call)
    if (this.#rules.channelKeptAfter === end) return
    if (this.#rules.countsUntilAnswer && end === 'BYE' && !isAnswered) return
    for (const calls of this.#taken.values()) calls.delete(call)
  }
}

function endOf({ final = 0 }: ProxiedCall): ChannelRules['channelKeptAfter'] {
  if (final < 300) return 'BYE'
  return final === 487 ? 'CANCEL' : 'a refusal'
}
