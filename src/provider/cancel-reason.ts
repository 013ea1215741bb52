/** Why a branch is cancelled, as its telephone is told: RFC 3326. */
import type { SipRequest } from '../message/message.js'
import type { CallSetupRules } from './rules/call-setup.js'

const COMPLETED_ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'

export type Because =
  /** A telephone has answered: the status that it gave. */
  | { readonly answered: number }
  /** The caller has hung up. */
  | { readonly givenUp: SipRequest }
  | 'no-answer'

/** Header fields of the CANCEL. */
export function reasonsFor(because: Because, rules: CallSetupRules): [string, string][] {
  if (because === 'no-answer') return []
  if ('givenUp' in because) {
    // RFC 3326 §2
    const told = rules.copiesReason ? because.givenUp.headers.all('Reason') : []
    if (told.length > 0) return told.map((value) => ['Reason', value])
    return rules.saysCompletedElsewhere === 'always' ? [['Reason', COMPLETED_ELSEWHERE]] : []
  }
  if (rules.saysCompletedElsewhere === 'never') return []
  return [['Reason', because.answered < 300 ? COMPLETED_ELSEWHERE : `SIP;cause=${because.answered}`]]
}
