/** Lends accounts that can log in to the stories of the survey, which wait for their turn. */
import { AccountPool, type Lease } from '../runner/account-pool.js'
import type { Devices } from '../scenario/device-options.js'
import type { TargetAccount, TargetDocument } from '../target/target-file.js'

export type Suits = (device: string, account: TargetAccount) => boolean

export class Lender {
  readonly #pool: AccountPool
  readonly #accounts: readonly TargetAccount[]
  readonly #waiting: (() => void)[] = []

  constructor({ services }: TargetDocument, accounts: readonly TargetAccount[]) {
    this.#pool = new AccountPool({ accounts: [...accounts], services })
    this.#accounts = accounts.filter(({ roles }) => roles.includes('any'))
  }

  /** @param suits whether a device may have an account; no two devices want the same one and no other */
  hasFor(devices: Devices, suits: Suits = () => true): boolean {
    const names = Object.keys(devices)
    const fit = this.#accounts.filter((account) => names.some((name) => suits(name, account)))
    return names.length <= fit.length && names.every((name) => fit.some((account) => suits(name, account)))
  }

  /** Undefined where there are too few accounts for these devices. */
  async lend<T>(devices: Devices, use: (lease: Lease) => Promise<T>, suits?: Suits): Promise<T | undefined> {
    if (!this.hasFor(devices, suits)) return undefined
    let lease = this.#pool.take({ devices }, suits)
    while (!lease) {
      // oxlint-disable-next-line no-await-in-loop -- until somebody gives an account back
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
      lease = this.#pool.take({ devices }, suits)
    }
    try {
      return await use(lease)
    } finally {
      this.#pool.giveBack(lease)
      for (const go of this.#waiting.splice(0)) go()
    }
  }
}
