/** Lends accounts that can log in to the stories of the survey, which wait for their turn. */
import { AccountPool, type Lease } from '../runner/account-pool.js'
import type { Devices } from '../scenario/device-options.js'
import type { TargetAccount, TargetDocument } from '../target/target-file.js'

export class Lender {
  readonly #pool: AccountPool
  readonly #size: number
  readonly #waiting: (() => void)[] = []

  constructor({ services }: TargetDocument, accounts: readonly TargetAccount[]) {
    this.#pool = new AccountPool({ accounts: [...accounts], services })
    this.#size = accounts.filter(({ roles }) => roles.includes('any')).length
  }

  hasFor(devices: Devices): boolean {
    return Object.keys(devices).length <= this.#size
  }

  /** Undefined where there are too few accounts for these devices. */
  async lend<T>(devices: Devices, use: (lease: Lease) => Promise<T>): Promise<T | undefined> {
    if (!this.hasFor(devices)) return undefined
    let lease = this.#pool.take({ devices })
    while (!lease) {
      // oxlint-disable-next-line no-await-in-loop -- until somebody gives an account back
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
      lease = this.#pool.take({ devices })
    }
    try {
      return await use(lease)
    } finally {
      this.#pool.giveBack(lease)
      for (const go of this.#waiting.splice(0)) go()
    }
  }
}
