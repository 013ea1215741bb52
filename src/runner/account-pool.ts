/** Accounts are lent to one scenario at a time: two stories on one account would displace each other's devices. */
import type { TargetAccount, TargetDocument } from '../target/target-file.js'
import type { AnyScenario } from '../scenario/scenario.js'

export type Role = TargetAccount['roles'][number]

/** How many accounts of each role a scenario needs. */
export function accountsNeeded(definition: Pick<AnyScenario, 'devices'>): Map<Role, number> {
  const needed = new Map<Role, number>()
  for (const device of Object.values(definition.devices)) {
    if (device.sharesAccountOf !== undefined) continue
    const role = device.role ?? 'any'
    needed.set(role, (needed.get(role) ?? 0) + 1)
  }
  return needed
}

/** The accounts of a scenario's devices, by device name. */
export type Lease = ReadonlyMap<string, TargetAccount>

export class AccountPool {
  readonly #free: Set<TargetAccount>
  /** Where diversions lead: lent last, so that it is at hand for those who need just this one. */
  readonly #divertedTo: TargetAccount | undefined

  constructor(document: Pick<TargetDocument, 'accounts' | 'services'>) {
    this.#divertedTo = accountDivertedTo(document)
    this.#free = new Set(document.accounts)
    if (this.#divertedTo) {
      this.#free.delete(this.#divertedTo)
      this.#free.add(this.#divertedTo)
    }
  }

  /**
   * Lends accounts to all devices of a scenario, or none where there are not enough free now.
   * @param suits whether a device may have an account
   */
  take(
    definition: Pick<AnyScenario, 'devices'>,
    suits: (device: string, account: TargetAccount) => boolean = () => true,
  ): Lease | undefined {
    const lease = new Map<string, TargetAccount>()
    const taken = new Set<TargetAccount>()
    const particular = Object.entries(definition.devices).sort(
      ([, a], [, b]) => Number(b.isDivertedTo ?? false) - Number(a.isDivertedTo ?? false),
    )
    for (const [name, device] of particular) {
      if (device.sharesAccountOf !== undefined) continue
      const role = device.role ?? 'any'
      const account = [...this.#free].find(
        (candidate) =>
          suits(name, candidate) &&
          (device.isDivertedTo
            ? candidate === this.#divertedTo
            : candidate.roles.includes(role) && !taken.has(candidate)),
      )
      if (!account) return undefined
      taken.add(account)
      lease.set(name, account)
    }
    for (const [name, device] of Object.entries(definition.devices)) {
      const shared = device.sharesAccountOf && lease.get(device.sharesAccountOf)
      if (shared) lease.set(name, shared)
    }
    for (const account of taken) this.#free.delete(account)
    return lease
  }

  giveBack(lease: Lease): void {
    for (const account of lease.values()) this.#free.add(account)
    if (this.#divertedTo && this.#free.delete(this.#divertedTo)) this.#free.add(this.#divertedTo)
  }
}

/** The account of ours that diversions lead to; undefined where they lead elsewhere. */
export function accountDivertedTo({
  accounts,
  services,
}: Pick<TargetDocument, 'accounts' | 'services'>): TargetAccount | undefined {
  const { diversionTo } = services
  return accounts.find(
    (account) => diversionTo !== undefined && [account.user, ...account.numbers].includes(diversionTo),
  )
}
