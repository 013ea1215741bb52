/** A call that does not arrive may be about the account that is called, and not about the transport: other accounts tell. */
import type { CheckResult } from '../result/scenario-result.js'
import type { VitalSign } from '../result/survey-result.js'
import { CALL, CALL_WORDS } from './call.js'
import { ACCOUNT } from './login.js'
import type { ToldSigns } from './sign.js'

/** The user who was called in vain; undefined where calls arrived, or something else went wrong. */
export const calledInVain = ({ troubles }: ToldSigns): string | undefined =>
  troubles.find(({ called }) => called !== undefined)?.called

const HARM = 'Whoever calls this customer does not get through; calls to other accounts arrive.'

/** The sign that calls to one account do not arrive, made of the sign that a call did not. */
export function accountNotCalled(told: ToldSigns, user: string): VitalSign[] {
  const trouble = told.troubles.find(({ called }) => called === user)
  const sign = told.signs.find(({ id }) => id === CALL.id)
  if (sign === undefined || trouble === undefined) return []
  const reason = `Account ${user} cannot be called: ${trouble.sentence.replace(CALL_WORDS, 'a call to it')}; tried from two other accounts`
  const checks = sign.checks.map((check): CheckResult => {
    if (check.verdict !== 'fail') return check
    const { follows: _, ...rest } = check
    return { ...rest, cause: 'account-not-called', actual: reason, harm: `${reason}. ${HARM}` }
  })
  return [
    {
      ...sign,
      id: ACCOUNT.id,
      title: 'The account can be called',
      reason,
      checks,
      harm: HARM,
      advice:
        'Look at the settings of this account: diversion, do not disturb, a block, a device elsewhere. If they are right, look for its binding in the registrar. No scenario uses it in this run.',
      account: user,
    },
  ]
}

/** The signs of a call that arrived, after one that did not and would not fail again: it is left open. */
export function calledOnce(first: ToldSigns, then: ToldSigns): VitalSign[] {
  const failed = first.signs.find(({ id }) => id === CALL.id)
  if (failed === undefined) return [...then.signs]
  const { code: _, ...rest } = failed
  const open: VitalSign = {
    ...rest,
    verdict: 'inconclusive',
    reasonCode: 'unsteady',
    reason: `${failed.reason}; once, and not in the calls after it`,
    checks: failed.checks.map((check) =>
      check.verdict === 'fail' ? { ...check, verdict: 'inconclusive', reasonCode: 'unsteady' } : check,
    ),
  }
  return then.signs.map((sign) => (sign.id === CALL.id ? open : sign))
}
