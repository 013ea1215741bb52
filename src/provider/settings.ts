/** What a customer switches with service codes (SC-7 to SC-14). */
import type { LocationService } from './location-service.js'
import type { ServiceRules } from './rules/service.js'

export interface AccountSettings {
  callerId: boolean
  mailbox: boolean
  chargeAnnouncement: boolean
  divertNoAnswer: boolean
  divertBusy: boolean
  divertNotReachable: boolean
  divertAll: boolean
  queuePaused: boolean
}

const AT_FIRST: AccountSettings = {
  callerId: true,
  mailbox: false,
  chargeAnnouncement: false,
  divertNoAnswer: false,
  divertBusy: false,
  divertNotReachable: false,
  divertAll: false,
  queuePaused: false,
}

/** The settings of all accounts; they begin with the number shown and everything else off. */
export class SettingsBook {
  readonly #rules: ServiceRules
  readonly #location: LocationService
  readonly #byUser: Map<string, AccountSettings>
  /** When the account registered last, as far as that is looked at. */
  readonly #registeredAt = new Map<string, number>()

  /** @param kept what customers have switched, by account */
  constructor(rules: ServiceRules, location: LocationService, kept: Map<string, AccountSettings>) {
    this.#rules = rules
    this.#location = location
    this.#byUser = kept
  }

  of(account: string): AccountSettings {
    const user = this.#rules.codesActOn === 'everybody' ? '' : account
    if (!this.#rules.settingsOutliveRegistration) this.#forgetIfAnew(user)
    let settings = this.#byUser.get(user)
    if (settings === undefined) {
      settings = { ...AT_FIRST }
      this.#byUser.set(user, settings)
    }
    return settings
  }

  #forgetIfAnew(user: string): void {
    const at = this.#location.of(user)[0]?.at
    if (at === undefined || at === this.#registeredAt.get(user)) return
    this.#registeredAt.set(user, at)
    this.#byUser.delete(user)
  }

  /** How many accounts have other settings than at first. */
  get changed(): number {
    const asAtFirst = JSON.stringify(AT_FIRST)
    return [...this.#byUser.values()].filter((settings) => JSON.stringify(settings) !== asAtFirst).length
  }
}
