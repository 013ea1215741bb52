import type { Random } from '../clock/random.js'

export type AccountRole = 'any' | 'trunk' | 'queue-agent' | 'wake-up'

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
}

/** How many accounts the provider has when it is not told. */
export const DEFAULT_ACCOUNTS = 60

/**
 * Makes accounts: the last four are a wake-up customer, two queue agents and a trunk, where there are at least ten.
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
    const digits = String(nth).padStart(4, '0')
    return {
      user: `0003871${digits}`,
      password: passwordOf(nth),
      numbers: [`021155${digits}`],
      roles,
    }
  })
}
