/** What a customer switches with service codes (SC-7 to SC-14). */
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
  readonly #byUser = new Map<string, AccountSettings>()

  of(user: string): AccountSettings {
    let settings = this.#byUser.get(user)
    if (settings === undefined) {
      settings = { ...AT_FIRST }
      this.#byUser.set(user, settings)
    }
    return settings
  }

  /** How many accounts have other settings than at first. */
  get changed(): number {
    const asAtFirst = JSON.stringify(AT_FIRST)
    return [...this.#byUser.values()].filter((settings) => JSON.stringify(settings) !== asAtFirst).length
  }
}
