/** Entries of a target file that stand for many accounts: `{ user: 'phone-{n:5}', password: 'x-{n}', from: 1, to: 100000 }`. */

/** Enough for any load; a slip of the pen must not fill the memory. */
const MOST_ACCOUNTS = 1_000_000
export const LARGEST_NUMBER = 9_999_999_999

/** What is dialled, with the number of an account in it. */
export const dialTemplate = /^(?:[\w*#+.-]|\{n(?::\d)?\})+$/

const PLACE = /\{n(?::(\d))?\}/g

interface Entry {
  readonly user: string
  readonly passwordFile?: string | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly numbers: readonly string[]
}

interface Reports {
  addIssue(issue: { code: 'custom'; path: string[]; message: string; input: undefined }): void
}

/** Names what is wrong with the range of an entry. */
export function checkRange({ user, passwordFile, from, to, numbers }: Entry, context: Reports): void {
  const problem = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message, input: undefined })
  if (from === undefined && to === undefined) {
    if (numbers.some(hasPlace)) problem('numbers', "expected 'from' and 'to' in this entry, as a number has {n}")
    return
  }
  if (from === undefined || to === undefined) {
    problem(from === undefined ? 'from' : 'to', "expected both 'from' and 'to'")
    return
  }
  if (to < from) problem('to', `expected a number from ${from} on`)
  if (to - from >= MOST_ACCOUNTS) problem('to', `expected at most ${MOST_ACCOUNTS} accounts`)
  if (!hasPlace(user)) problem('user', 'expected {n} where the number goes, as in phone-{n}')
  if (numbers.some((number) => !hasPlace(number))) problem('numbers', 'expected {n} in each number')
  if (passwordFile !== undefined) problem('passwordFile', "expected 'password' for a range of accounts")
}

/** The place of its entry in the file, of each account of a range. */
export const entryOf = new WeakMap<object, number>()

/** The accounts that entries stand for, in their order. */
export function eachOfRanges<T extends Entry & Texts>(entries: readonly T[]): Omit<T, 'from' | 'to'>[] {
  return entries.flatMap(({ from, to, ...account }, index) => {
    if (from === undefined || to === undefined) {
      entryOf.set(account, index)
      return [account]
    }
    return Array.from({ length: to - from + 1 }, (_, nth) => {
      const filled = (text: string) => numbered(text, from + nth)
      const one = {
        ...account,
        user: filled(account.user),
        password: filled(account.password),
        ...(account.authUser === undefined ? {} : { authUser: filled(account.authUser) }),
        ...(account.displayName === undefined ? {} : { displayName: filled(account.displayName) }),
        numbers: account.numbers.map(filled),
      }
      entryOf.set(one, index)
      return one
    })
  })
}

interface Texts {
  readonly password: string
  readonly authUser?: string | undefined
  readonly displayName?: string | undefined
}

const hasPlace = (text: string): boolean => text.search(PLACE) >= 0

const numbered = (text: string, number: number): string =>
  text.replace(PLACE, (_, digits: string | undefined) => String(number).padStart(Number(digits ?? 0), '0'))
