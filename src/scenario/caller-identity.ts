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
  const users = (name: string) => usersIn(message, name)
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

/** Names and values of the header fields in which an account is named: by number or user name, in whatever field. */
export function fieldsNaming(account: TargetAccount, message: SipMessage): [name: string, value: string][] {
  const words = (value: string) => value.match(/\+?[\w.-]+/g) ?? []
  return message.headers.entries().filter(([, value]) => words(value).some((one) => isOf(account, one)))
}

/** User parts of the values of a header field that holds addresses, escapes undone, as they stand in it. */
export const usersIn = (message: SipMessage, name: string): string[] =>
  message.headers.values(name).flatMap((value) => userOf(value) ?? [])

/** Does this stand for somebody who is not named (RFC 3261 §8.1.1.3, RFC 3323 §4.1.1.3)? */
export const isAnonymous = (user: string): boolean => /^(?:anonymous|unavailable|restricted|unknown)?$/i.test(user)

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

/** The user part of a URI or of an address with brackets, escapes undone; of a tel URI the number. */
export function userOf(value: string): string | undefined {
  const uri = /<([^>]*)>/.exec(value)?.[1] ?? value.split(';')[0]?.trim() ?? ''
  try {
    const parsed = parseUri(uri)
    return parsed.scheme === 'tel' ? uri.replace(/^tel:/i, '').replace(/;.*$/, '') : parsed.userDecoded
  } catch {
    return undefined
  }
}
