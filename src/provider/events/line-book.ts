/** What every account's line does: the calls that it has a part in, whoever leads them. RFC 4235 §3.7.1 */
import type { LineState } from '../../message/dialog-info.js'
import type { ProviderAccount } from '../account.js'

/** One call as one account has it: a dialog of RFC 4235, or the half of one. */
export interface LineUse {
  readonly account: ProviderAccount
  /** The same for as long as the call lasts, and of no other. */
  readonly id: string
  readonly callId: string
  readonly direction: 'initiator' | 'recipient'
  /** Whom the other end is shown as; undefined: it is withheld. */
  readonly remote: string | undefined
  /** Whom it would be shown as, were it not withheld. */
  readonly remoteNumber: string | undefined
  state: LineState
}

export class LineBook {
  /** Told after every change that somebody can see: not of a call that has only begun. */
  onChange: ((use: LineUse) => void) | undefined
  readonly #uses = new Map<ProviderAccount, Set<LineUse>>()
  #last = 0

  /** Calls of an account that are not over, the oldest first. */
  of(account: ProviderAccount): readonly LineUse[] {
    return [...(this.#uses.get(account) ?? [])]
  }

  /** A call that does not ring yet. */
  begins(o: Omit<LineUse, 'id' | 'state'>): LineUse {
    this.#last += 1
    const use: LineUse = { ...o, id: `line-${this.#last}`, state: 'trying' }
    const uses = this.#uses.get(use.account) ?? new Set()
    uses.add(use)
    this.#uses.set(use.account, uses)
    return use
  }

  /** It rings, or is answered. What has been answered does not ring any more. */
  becomes(use: LineUse, state: 'early' | 'confirmed'): void {
    if (use.state === state || use.state === 'confirmed' || use.state === 'terminated') return
    use.state = state
    this.onChange?.(use)
  }

  ends(use: LineUse): void {
    if (use.state === 'terminated') return
    use.state = 'terminated'
    const uses = this.#uses.get(use.account)
    uses?.delete(use)
    if (uses?.size === 0) this.#uses.delete(use.account)
    this.onChange?.(use)
  }
}
