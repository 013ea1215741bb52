// Messages by account, for as long as the services run.

export class Mailboxes {
  #byAccount = new Map()

  /** @param onChange gets the account whose mailbox has changed */
  constructor(onChange) {
    this.onChange = onChange
  }

  of(account) {
    if (!this.#byAccount.has(account)) this.#byAccount.set(account, new Mailbox(() => this.onChange(account)))
    return this.#byAccount.get(account)
  }
}

class Mailbox {
  messages = []
  #changed

  constructor(changed) {
    this.#changed = changed
  }

  add(message) {
    this.messages.push(message)
    this.#changed()
  }

  /** The message behind this one; the first one where there is none before. */
  after = (message) => this.messages[message === undefined ? 0 : this.messages.indexOf(message) + 1]

  delete(message) {
    this.messages = this.messages.filter((one) => one !== message)
    this.#changed()
  }
}
