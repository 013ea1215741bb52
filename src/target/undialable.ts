/** Numbers of a target file that ringproof would refuse to dial: better said before a run than by what comes of it. */
import { DialPolicy } from './dial-policy.js'
import type { Report } from './schema-issue.js'
import type { Path } from './target-problem.js'
import type { TargetDocument } from './target-schema.js'

/**
 * Reports each number that is dialled in a run and is, or looks like, an emergency or premium number (decision 0004).
 * @param written entries under `accounts`: where they are fewer than the accounts, some are ranges, in which such a number may be
 */
export function reportUndialable(target: TargetDocument, written: number, report: Report): void {
  const accounts = target.accounts.slice(0, MOST_LOOKED_AT)
  const policy = new DialPolicy({ ...target, accounts })
  const why = (number: string): string | undefined => {
    const decision = policy.decide(number)
    if (decision.allowed || !['emergency', 'premium'].includes(decision.because)) return undefined
    const kind = decision.because === 'emergency' ? 'an emergency or helpline number' : 'a number that costs extra'
    return `'${number}' is, or looks like, ${kind}, and is never dialled, whatever a file says`
  }
  const check = (path: Path, number: string | undefined, advice: string): void => {
    const reason = number === undefined ? undefined : why(number)
    if (reason !== undefined) report(path, `${reason}; ${advice}`)
  }
  const { services } = target
  const isFine =
    target.accounts.length !== written &&
    accounts.filter((one) => why(one.numbers[0] ?? one.user) === undefined).length > 1
  // One account alone is never called.
  for (const [index, { user, numbers }] of isFine ? [] : accounts.entries()) {
    for (const [at, number] of numbers.entries())
      check(['accounts', index, 'numbers', at], number, 'give the account another number')
    if (accounts.length > 1 && numbers.length === 0) check(['accounts', index, 'user'], user, CALLED_BY_NAME)
  }
  const { echo, dtmfTest, mailbox, diversionTo, queue } = services
  const service = 'give the service another number, or leave it out'
  check(['services', 'echo'], echo, service)
  check(['services', 'dtmfTest'], dtmfTest, service)
  check(['services', 'mailbox', 'internal'], mailbox?.internal, service)
  check(['services', 'mailbox', 'external'], mailbox?.external, service)
  check(['services', 'diversionTo'], diversionTo, service)
  check(['services', 'queue'], queue, service)
}

const CALLED_BY_NAME = 'give the account a number that can be dialled (numbers), or leave it out'

/** Of a hundred thousand accounts, the first show what is meant. */
const MOST_LOOKED_AT = 100
