/** Somebody else on our accounts, such as a second ringproof or a desk phone: said once, and what it spoils is not held against the target. */
import type { CheckResult, Finding, ScenarioResult } from '../result/result.js'
import type { ForeignHand } from './facts.js'
import { placeOf } from './place.js'

/** What did not hold in a scenario that used such an account proves nothing. */
export function withoutForeignHands(result: ScenarioResult, foreign: readonly ForeignHand[] = []): ScenarioResult {
  const used = foreign.find(({ account }) => result.accounts?.includes(account))
  if (used === undefined || (result.verdict !== 'fail' && result.verdict !== 'warn')) return result
  const checks = result.checks.map((check): CheckResult => {
    if (check.verdict !== 'fail' && check.verdict !== 'warn') return check
    return { ...check, verdict: 'inconclusive', reasonCode: 'foreign-hands' }
  })
  return {
    ...result,
    checks,
    verdict: 'inconclusive',
    reason: `somebody else used the account ${used.account} during the run`,
    reasonCode: 'foreign-hands',
  }
}

const SEEN: Readonly<Record<ForeignHand['how'], string>> = {
  registered: 'was registered by another device',
  called: 'was in a call that is not ours',
  displaced: 'lost its registration to another device',
}

/**
 * @param results as performed
 * @param spoilt those of them that somebody else's use of an account made inconclusive
 */
export function foreignHandsFinding(
  foreign: readonly ForeignHand[] = [],
  spoilt: readonly ScenarioResult[],
): Finding[] {
  const [first] = foreign
  if (first === undefined) return []
  const accounts = [...new Set(foreign.map(({ account }) => account))]
  const contacts = [...new Set(foreign.flatMap(({ contact }) => contact ?? []))]
  return [
    {
      id: 'FOREIGN-HANDS',
      kind: 'foreign-hands',
      severity: 'warn',
      gravity: 'harm',
      title: `Somebody else used ${accounts.length === 1 ? `account ${accounts[0]}` : `${accounts.length} of the accounts`} during the run`,
      provider: [],
      evidence: [...new Set(spoilt.flatMap(({ evidence }) => evidence))].slice(0, 5),
      harm:
        spoilt.length === 0
          ? 'No result of this run depends on it.'
          : `${spoilt.length} ${spoilt.length === 1 ? 'result is' : 'results are'} inconclusive: what was seen may be the other user’s doing.`,
      advice:
        'Stop the other user (another ringproof, a telephone, a second test job), or give this run accounts of its own; then run again. What an earlier run left registered when it was killed looks the same until it expires.',
      scenarios: spoilt.map(placeOf),
      count: foreign.length,
      expected: 'only this run uses the accounts of the target file',
      actual: `${first.account} ${SEEN[first.how]}${contacts.length === 0 ? '' : ` (${contacts.slice(0, 3).join(', ')})`}`,
    },
  ]
}
