/** The accounts of the provider. */
import { type Random, SystemRandom } from '../clock/random.js'

export type AccountRole = 'any' | 'trunk' | 'queue-agent' | 'wake-up' | 'limited' | 'paced'

/** A customer's line. */
export interface ProviderAccount {
  /** User part of the address-of-record. */
  readonly user: string
  /** User name of digest authentication; default: user. */
  readonly authUser?: string
  readonly password: string
  readonly displayName?: string
  /** Numbers that ring the account; of a trunk, the stem that extensions are appended to. */
  readonly numbers: readonly string[]
  readonly roles: readonly AccountRole[]
  /** How many calls it may have at a time, in and out. Absent: any number. */
  readonly callsAtATime?: number
  /** How many calls it may begin within a second. Absent: any number. */
  readonly callsPerSecond?: number
}

/** How many accounts the provider has when it is not told. */
export const DEFAULT_ACCOUNTS = 60

/** Of the account whose calls are limited: few enough to use them up, and more than one. */
const FEW_CALLS = 2
/** Of the account that may begin so many calls a second: three times as many are soon made. */
const SLOW_PACE = 2

/** Beyond that their names would be those of services. */
const FEW = 1000

/**
 * Makes accounts: the last four are a wake-up customer, two queue agents and a trunk, where there are at least ten; before
 * them comes one whose calls are limited, where there are at least thirteen, and one that may not call too often, where there
 * are at least sixteen.
 * @param passwordOf the password of the nth account, counted from 1; random ones by default
 */
export function makeAccounts(
  count: number,
  random: Random,
  passwordOf: (nth: number) => string = () => random.token(20),
): ProviderAccount[] {
  return Array.from({ length: count }, (_, index) => {
    const nth = index + 1
    const fromEnd = count < 10 ? Number.POSITIVE_INFINITY : count - nth
    const roles: AccountRole[] =
      fromEnd === 0 ? ['trunk'] : fromEnd <= 2 ? ['queue-agent'] : fromEnd === 3 ? ['wake-up'] : ['any']
    const isLimited = fromEnd === 4 && count >= 13
    const isPaced = fromEnd === 5 && count >= 16
    const [user, number] = nth <= FEW ? ['0003871', '021155'] : ['0003872', '02115']
    const digits = String(nth).padStart(nth <= FEW ? 4 : 7, '0')
    const account = { user: `${user}${digits}`, password: passwordOf(nth), numbers: [`${number}${digits}`] }
    if (isPaced) return { ...account, roles: ['paced'], callsPerSecond: SLOW_PACE }
    return isLimited ? { ...account, roles: ['limited'], callsAtATime: FEW_CALLS } : { ...account, roles }
  })
}

/** The accounts of `targets/embedded.yaml`: with passwords that everybody knows, for work on ringproof itself. */
export function developmentAccounts(): ProviderAccount[] {
  return makeAccounts(16, new SystemRandom(), (nth) => `development-${nth}`)
}

/** Finds accounts by what they are called. */
export class AccountBook {
  readonly all: readonly ProviderAccount[]
  readonly #byName = new Map<string, ProviderAccount>()
  readonly #byAuthUser = new Map<string, ProviderAccount>()
  readonly #trunks: { readonly stem: string; readonly account: ProviderAccount }[] = []

  constructor(accounts: readonly ProviderAccount[]) {
    this.all = accounts
    for (const account of accounts) {
      this.#byAuthUser.set(account.authUser ?? account.user, account)
      this.#byName.set(account.user, account)
      for (const number of account.numbers) {
        this.#byName.set(number, account)
        if (account.roles.includes('trunk')) this.#trunks.push({ stem: number, account })
      }
    }
  }

  byAuthUser(authUser: string): ProviderAccount | undefined {
    return this.#byAuthUser.get(authUser)
  }

  /** By user name or number, exactly. */
  byName(name: string): ProviderAccount | undefined {
    return this.#byName.get(name)
  }

  /** By what was dialled: also extensions of a trunk, and numbers with visual separators. */
  byDialled(dialled: string): ProviderAccount | undefined {
    const number = nationalForm(dialled)
    return (
      this.#byName.get(dialled) ??
      this.#byName.get(number) ??
      this.#trunks.find(({ stem }) => number.startsWith(stem) && /^\d{1,6}$/.test(number.slice(stem.length)))?.account
    )
  }

  /** May the account show this user part as its own in From? */
  owns(account: ProviderAccount, name: string): boolean {
    return this.byDialled(name) === account
  }
}

/** Of all numbers here. */
export const COUNTRY_CODE = '49'

/** A number as it is dialled within the country: 0211…, where +49211… or 0049211… was dialled. */
export function nationalForm(dialled: string): string {
  return withoutSeparators(dialled).replace(new RegExp(`^(?:\\+|00)${COUNTRY_CODE}(?=[1-9])`), '0')
}

/** A number without what only makes it readable (RFC 3966 §5.1.1). */
function withoutSeparators(dialled: string): string {
  return /^[+\d][\d\-.() ]*$/.test(dialled) ? dialled.replace(/[-.() ]/g, '') : dialled
}
