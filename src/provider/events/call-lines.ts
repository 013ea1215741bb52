/** One call, as the lines of all who have a part in it: tells the book what becomes of it. */
import type { ProviderAccount } from '../account.js'
import type { EventRules } from '../rules/events.js'
import type { LineBook, LineUse } from './line-book.js'

/** One device that is called. */
export interface CalledDevice {
  rings(): void
  answers(): void
  declines(): void
}

export class CallLines {
  readonly #rules: EventRules
  readonly #book: LineBook
  readonly #callId: string
  readonly #caller: LineUse | undefined
  /** What the called are shown of the caller. */
  readonly #shown: Pick<LineUse, 'remote' | 'remoteNumber'>
  /** By account: its line, and how many of its devices have not declined yet. */
  readonly #called = new Map<ProviderAccount, { readonly use: LineUse; open: number }>()
  #answered = false
  #cancelled = false
  #isWithService = false
  /** The call counts as on, although it was hung up. */
  awaitsAnswerToBye = false

  /** @param o.dialled whom the caller calls; @param o.withheld the caller's number is not shown */
  constructor(
    rules: EventRules,
    book: LineBook,
    o: { callId: string; caller: ProviderAccount; dialled: string; withheld: boolean },
  ) {
    this.#rules = rules
    this.#book = book
    this.#callId = o.callId
    const { caller, dialled } = o
    const number = caller.numbers[0] ?? caller.user
    this.#shown = { remote: o.withheld ? undefined : number, remoteNumber: number }
    if (rules.lampsFollowOutgoing)
      this.#caller = this.#begins(caller, 'initiator', { remote: dialled, remoteNumber: dialled })
  }

  /** A device of that account is called. */
  called(account: ProviderAccount): CalledDevice {
    const known = this.#called.get(account)
    const line = known ?? { use: this.#begins(account, 'recipient', this.#shown), open: 0 }
    this.#called.set(account, line)
    const isFollowed = known === undefined || this.#rules.lampsFollowEveryDevice
    line.open += 1
    let declined = false
    return {
      rings: () => {
        if (isFollowed) this.#book.becomes(line.use, 'early')
        this.rings()
      },
      answers: () => {
        if (isFollowed) this.#book.becomes(line.use, 'confirmed')
        this.answers()
      },
      declines: () => {
        if (declined) return
        declined = true
        line.open -= 1
        if ((line.open === 0 || !isFollowed) && line.use.state !== 'confirmed') this.#ends(line.use)
        if (line.use.state === 'terminated') this.#called.delete(account)
      },
    }
  }

  /** The caller hears that it rings, wherever. */
  rings(): void {
    if (this.#caller) this.#book.becomes(this.#caller, 'early')
  }

  answers(): void {
    this.#answered = true
    if (this.#caller) this.#book.becomes(this.#caller, 'confirmed')
  }

  /** A service has answered: it says when the call is over. */
  answersAsService(): void {
    this.#isWithService = true
    this.answers()
  }

  /** What a service answers that is called by itself. */
  serviceSays(status: number): void {
    if (status >= 300) this.over()
    else if (status >= 200) this.answersAsService()
    else if (status > 100) this.rings()
  }

  /** The caller has given up. */
  cancelled(): void {
    this.#cancelled = true
  }

  serviceIsOver(): void {
    this.#isWithService = false
    this.over()
  }

  over(): void {
    if (this.awaitsAnswerToBye) return
    for (const { use } of this.#called.values()) this.#ends(use)
    if (this.#caller && !this.#isWithService) this.#ends(this.#caller)
  }

  #begins(account: ProviderAccount, direction: LineUse['direction'], o: Pick<LineUse, 'remote' | 'remoteNumber'>) {
    return this.#book.begins({ account, callId: this.#callId, direction, ...o })
  }

  #ends(use: LineUse): void {
    if (use.state !== 'confirmed' && !this.#answered) {
      if (this.#cancelled && !this.#rules.lampsFollowCancel) return
      if (!this.#cancelled && !this.#rules.lampsFollowRefusal) return
    }
    this.#book.ends(use)
  }
}
