/** One call to an account: whom it rings, and whom instead (SC-10 to SC-14, and what a telephone answers with 302). */
import type { SipResponse } from '../message/message.js'
import type { ProviderAccount } from './account.js'
import type { ProviderContext } from './context.js'
import type { Destination } from './dial-plan.js'
import { type DiversionReason, type DiversionStep, headersOfWay } from './diversion-headers.js'
import type { SettingsBook } from './settings.js'
import type { DeviceTarget, Exhaustion, Target } from './targets.js'

/** What becomes of a call: who is rung, or the status that refuses it. */
export type Outlook = readonly Target[] | number

/** How often one call may be diverted. */
const MOST_DIVERSIONS = 5

const REASONS: Readonly<Record<Exclude<Exhaustion, 'other'>, DiversionReason>> = {
  busy: 'user-busy',
  'no-answer': 'no-answer',
  'not-reachable': 'unavailable',
}

/** What a call needs of the router. */
interface Ways {
  readonly context: ProviderContext
  readonly settings: SettingsBook
  /** The devices of an account that may be rung. */
  readonly devices: (account: ProviderAccount) => readonly DeviceTarget[]
  /** A service, for an account: its mailbox, say. */
  readonly service: (destination: Extract<Destination, { kind: 'service' }>, whose: ProviderAccount) => Target
  /** Where circles are followed. */
  readonly circle: () => Target
  /** Where the first Contact of a 3xx leads; undefined: to others, or nowhere. */
  readonly leadsTo: (response: SipResponse) => Destination | undefined
  /** Has the account as many calls as it may have? */
  readonly isFull: (account: ProviderAccount) => boolean
}

export class RingingCall {
  readonly #ways: Ways
  readonly #caller: ProviderAccount
  readonly #visited = new Set<ProviderAccount>()
  readonly #steps: DiversionStep[] = []
  /** What is called now, and whose it is. */
  #called: string
  #account: ProviderAccount

  /** @param called as it was dialled */
  constructor(ways: Ways, o: { called: string; first: ProviderAccount; caller: ProviderAccount }) {
    this.#ways = ways
    this.#called = o.called
    this.#account = o.first
    this.#caller = o.caller
  }

  begin(): Outlook {
    return this.#follow(this.#account)
  }

  /** Milliseconds after which a call that rings goes elsewhere; undefined: never. */
  get noAnswerMs(): number | undefined {
    const { divertNoAnswer, mailbox } = this.#settingsOf(this.#account)
    return divertNoAnswer || mailbox ? this.#ways.context.policy.noAnswerMs : undefined
  }

  /** Whom to ask when all who were asked have declined. */
  whenRefused(why: Exhaustion): readonly Target[] {
    const settings = this.#settingsOf(this.#account)
    const diverts =
      (why === 'busy' && settings.divertBusy) ||
      (why === 'no-answer' && settings.divertNoAnswer) ||
      (why === 'not-reachable' && settings.divertNotReachable)
    if (diverts) {
      const targets = this.#divert(REASONS[why])
      if (typeof targets !== 'number') return targets
    }
    if (!settings.mailbox || why === 'other') return []
    return [this.#ways.service({ kind: 'service', service: 'mailboxDeposit' }, this.#account)]
  }

  /** What becomes of a 3xx of a telephone (RFC 3261 §16.7 step 4); undefined: it goes back to the caller. */
  whenRedirected(response: SipResponse): Outlook | undefined {
    const { rules } = this.#ways.context
    if (!rules.proxy.followsRedirects) return undefined
    const destination = this.#ways.leadsTo(response)
    if (destination?.kind === 'account') {
      this.#note('deflection')
      this.#called = destination.account.numbers[0] ?? destination.account.user
      return this.#follow(destination.account)
    }
    // Codes and services act for who calls them, and the caller has not dialled this one.
    if (destination?.kind === 'service' && rules.proxy.redirectsReachServices)
      return [this.#ways.service(destination, this.#caller)]
    return 480
  }

  /** The devices of the account, or of whom it diverts to; a status when the way ends. */
  #follow(next: ProviderAccount): Outlook {
    const { rules } = this.#ways.context
    this.#account = next
    if (this.#visited.has(next) || this.#visited.size > MOST_DIVERSIONS) {
      const { endsRedirectCircles, endsDiversionCircles } = rules.proxy
      const ends = this.#steps.at(-1)?.reason === 'deflection' ? endsRedirectCircles : endsDiversionCircles
      return ends ? 482 : [this.#ways.circle()]
    }

    this.#visited.add(next)
    const settings = this.#settingsOf(next)
    const always = settings.divertAll || (!rules.proxy.keepsConditions && this.#divertsAtTimes(next))
    const targets = this.#devicesOf(next)
    if (always) {
      const diverted = this.#divert('unconditional')
      return typeof diverted === 'number' || rules.proxy.divertsInstead ? diverted : [...diverted, ...targets]
    }
    if (targets.length > 0 && this.#ways.isFull(next)) {
      const instead = this.whenRefused('busy')
      return instead.length > 0 ? instead : 486
    }
    if (targets.length > 0) return targets
    const more = this.whenRefused('not-reachable')
    return more.length > 0 ? more : 480
  }

  #divert(reason: DiversionReason): Outlook {
    // Where diversions lead: to the third account, whoever diverts.
    const to = this.#ways.context.accounts.all[2]
    if (to === undefined) return 480
    this.#note(reason)
    this.#called = to.numbers[0] ?? to.user
    return this.#follow(to)
  }

  #note(reason: DiversionReason): void {
    this.#steps.push({ called: this.#called, reason, withheld: !this.#settingsOf(this.#account).callerId })
  }

  #devicesOf(account: ProviderAccount): readonly Target[] {
    const devices = this.#ways.devices(account)
    if (this.#steps.length === 0) return devices
    const { names, rules } = this.#ways.context
    const told = rules.identity.namesCallerAsDiverter
      ? this.#steps.map((step) => ({ ...step, called: this.#numberOf(this.#caller), withheld: false }))
      : this.#steps
    return devices.map((device) => {
      const headers = headersOfWay(told, this.#called, device.uri, names.domain)
      return { ...device, headers, shows: this.#shown() }
    })
  }

  /** Whose number the called party of a diverted call is shown, where it is not the caller's. */
  #shown(): string | undefined {
    const { identity } = this.#ways.context.rules
    if (identity.divertedShows === 'the caller, withheld or not') return this.#numberOf(this.#caller)
    const [first] = this.#steps
    return identity.divertedShows === 'who diverts' ? first?.called : undefined
  }

  #numberOf(account: ProviderAccount): string {
    return account.numbers[0] ?? account.user
  }

  #divertsAtTimes(account: ProviderAccount): boolean {
    const { divertBusy, divertNoAnswer, divertNotReachable } = this.#settingsOf(account)
    return divertBusy || divertNoAnswer || divertNotReachable
  }

  #settingsOf(account: ProviderAccount) {
    return this.#ways.settings.of(account.user)
  }
}
