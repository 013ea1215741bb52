/** Which caller a request names, and whether that is one of an account's numbers. */
import type { SipMessage } from '../message/message.js'
import { parseUri } from '../message/uri.js'
import type { TargetAccount } from '../target/target-file.js'

/** User parts, escapes undone, of the header fields that show a caller. */
export interface CallerIdentity {
  readonly from: string | undefined
  /** P-Asserted-Identity (RFC 3325 §9.1). */
  readonly asserted: readonly string[]
  /** P-Preferred-Identity (RFC 3325 §9.2). */
  readonly preferred: readonly string[]
  /** Remote-Party-ID, older than RFC 3325 and still in use. */
  readonly remoteParty: readonly string[]
  /** What a telephone shows: P-Asserted-Identity, else From. */
  readonly shown: string | undefined
}

export function callerIdentity(message: SipMessage): CallerIdentity {
  const users = (name: string) => message.headers.values(name).flatMap((value) => userOf(value) ?? [])
  const from = userOf(message.headers.get('From') ?? '')
  const asserted = users('P-Asserted-Identity')
  return {
    from,
    asserted,
    preferred: users('P-Preferred-Identity'),
    remoteParty: users('Remote-Party-ID'),
    shown: asserted[0] ?? from,
  }
}

/** Is what was shown one of the account's numbers, or its user name? */
export function isOf(account: TargetAccount, shown: string): boolean {
  return [account.user, account.authUser ?? account.user, ...account.numbers].some((own) => isSameNumber(own, shown))
}

/**
 * Are these one number, or one name? Numbers are compared without leading zeros, plus sign and country code, whichever of
 * the two has them: 0211550001, +49211550001 and 211550001 are one.
 */
export function isSameNumber(a: string, b: string): boolean {
  if (a === b) return true
  const [short = '', long = ''] = [significant(a), significant(b)].toSorted((one, other) => one.length - other.length)
  return short.length >= 5 && long.endsWith(short)
}

function significant(number: string): string {
  const digits = number.replace(/[-.() ]/g, '')
  return /^\+?\d+$/.test(digits) ? digits.replace(/^\+|^0+/g, '') : ''
}

function userOf(value: string): string | undefined {
  const uri = /<([^>]*)>/.exec(value)?.[1] ?? value.split(';')[0]?.trim() ?? ''
  try {
    const parsed = parseUri(uri)
    return parsed.scheme === 'tel' ? uri.replace(/^tel:/i, '').replace(/;.*$/, '') : parsed.userDecoded
  } catch {
    return undefined
  }
}
