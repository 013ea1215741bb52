/** Somebody else on our accounts, such as a second ringproof or a desk phone: said once, and what it spoils is not held against the target. */
import type { ReasonCode } from '../result/terms.js'
import type { CheckResult, ScenarioResult } from '../result/scenario-result.js'
import type { Finding } from '../result/finding.js'
import type { ForeignHand, RunFacts } from './facts.js'
import { placeOf } from './place.js'
import { counted, listed } from '../result/texts.js'

/** A scenario that did not get as far as its checks may have been kept from there by the other user. */
const KEPT_FROM: ReadonlySet<ReasonCode | undefined> = new Set<ReasonCode>([
  'not-reached',
  'no-answer',
  'login-refused',
  'call-refused',
  'call-not-arrived',
  'no-audio',
  // Told by comparing both ends of a call, of which one may be the other user's.
  'is-b2bua',
  'is-proxy',
])

/** What did not hold in a scenario that used such an account, or did not come about, proves nothing. */
export function withoutForeignHands(result: ScenarioResult, foreign: readonly ForeignHand[] = []): ScenarioResult {
  const used = foreign.find(({ account }) => result.accounts?.includes(account))
  if (used === undefined) return result
  const broke = result.verdict === 'fail' || result.verdict === 'warn'
  const stopped =
    (result.verdict === 'inconclusive' || result.verdict === 'not applicable') && KEPT_FROM.has(result.reasonCode)
  if (!broke && !stopped) return result
  const checks = result.checks.map((check): CheckResult => {
    if (check.verdict !== 'fail' && check.verdict !== 'warn') return check
    return { ...check, verdict: 'inconclusive', reasonCode: 'foreign-hands' }
  })
  const how = `somebody else used the account ${used.account} during the run`
  return {
    ...result,
    checks,
    verdict: 'inconclusive',
    reason: stopped && result.reason ? `${how}: ${result.reason}` : how,
    reasonCode: 'foreign-hands',
  }
}

const SEEN: Readonly<Record<ForeignHand['how'], string>> = {
  registered: 'was registered by another device',
  called: 'was in a call that is not ours',
  displaced: 'lost its registration to another device',
}

/** @param facts with the scenarios as they are judged: some may be inconclusive because somebody else used an account */
export function foreignHandsFinding({ foreign = [], scenarios, survey, notes }: RunFacts): Finding[] {
  const [first] = foreign
  if (first === undefined) return []
  const spoilt = scenarios.filter(isSpoilt)
  const signs = (survey?.vitalSigns ?? []).filter(isSpoilt)
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
      harm: harmOf(spoilt.length, signs.length, notes.filter(({ disturbed }) => disturbed === true).length),
      advice:
        'Stop the other user (another ringproof, a telephone, a second test job), or give this run accounts of its own; then run again. What an earlier run left registered when it was killed looks the same until it expires.',
      scenarios: spoilt.map(placeOf),
      count: foreign.length,
      expected: 'only this run uses the accounts of the target file',
      actual: `${first.account} ${SEEN[first.how]}${contacts.length === 0 ? '' : ` (${contacts.slice(0, 3).join(', ')})`}`,
    },
  ]
}

const isSpoilt = ({ reasonCode }: Pick<ScenarioResult, 'reasonCode'>) => reasonCode === 'foreign-hands'

function harmOf(results: number, signs: number, notes: number): string {
  const open = [
    results === 0 ? '' : counted(results, 'result'),
    signs === 0 ? '' : counted(signs, 'basic function'),
  ].filter((part) => part !== '')
  const parts = [
    open.length === 0
      ? ''
      : `${listed(open)} ${results + signs === 1 ? 'is' : 'are'} inconclusive: what was seen may be the other user’s doing.`,
    notes === 0
      ? ''
      : `${counted(notes, 'observation')} of the standing checks ${notes === 1 ? 'was' : 'were'} left out: calls of the other user reached devices of this run there.`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'No result of this run depends on it.' : parts.join(' ')
}
