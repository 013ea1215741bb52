/**
 * Logs in every account, once: the first alone, which shows where and how; then a few at a time. One that is refused is
 * not tried again by anybody.
 */
import type { CheckResult } from '../result/scenario-result.js'
import type { VitalSign } from '../result/survey-result.js'
import { accountDivertedTo } from '../runner/account-pool.js'
import type { Variant } from '../scenario/variant.js'
import type { TargetAccount, TargetDocument } from '../target/target-file.js'
import { accountStory, type LoginBy, type LoginOutcome } from './login.js'
import { type SurveyStage, tellSigns, type ToldSigns } from './sign.js'
import type { SurveyNeeds } from './survey-needs.js'

export interface LoggedIn {
  /** Those that can be used, in the order of the target file. */
  readonly good: readonly TargetAccount[]
  /** Where they were tried. */
  readonly variant: Variant
  /** A sign for each account that was refused, and one for all others. */
  readonly signs: readonly VitalSign[]
  /** Whether REGISTER without Contact is served. */
  readonly servesQuery: boolean | undefined
}

/** Log-ins under way at a time. */
const AT_ONCE = 16
/** So many refusals without one success, and no more are tried: servers ban addresses that go on. */
const MOST_REFUSALS = 10
/** So many without any answer, likewise: each takes seconds. */
const MOST_SILENT = 4

interface Tried {
  readonly account: TargetAccount
  readonly outcome: LoginOutcome
  readonly told: ToldSigns
}

/** @param variants where the server answers, the best first; at least one @param read gets each record */
export async function logInAccounts(
  document: TargetDocument,
  variants: readonly [Variant, ...Variant[]],
  needs: SurveyNeeds,
  stage: SurveyStage,
  read: (told: ToldSigns, variant: Variant) => void,
): Promise<LoggedIn> {
  let [variant] = variants
  let by: LoginBy = 'query'
  const tried: Tried[] = []
  const queue = inOrder(document, needs)
  const attempt = async (account: TargetAccount, over = variant, how = by): Promise<Tried> => {
    let outcome: LoginOutcome = { trouble: undefined, sent: false }
    const story = accountStory(how, (come) => {
      outcome = come
    })
    const lease = new Map([['phone', account]])
    const told = await tellSigns(story, { variant: over, lease, account: account.user, quiet: true }, stage)
    read(told, over)
    if (!outcome.queryRefused) return { account, outcome, told }
    const second = await attempt(account, over, 'contact')
    // Refused either way after the password was sent: that is about this account, not about queries.
    if (!(outcome.sent && second.outcome.trouble)) by = 'contact'
    return second
  }

  const first = queue.shift()
  if (first) {
    let found = await attempt(first)
    // As long as no password went out it may be asked elsewhere: another transport may be served where this one is not.
    if (found.outcome.trouble && !found.outcome.sent) {
      const others = await Promise.all(
        variants.slice(1).map(async (over) => ({ over, one: await attempt(first, over) })),
      )
      const better = others.find(({ one }) => !one.outcome.trouble) ?? others.find(({ one }) => one.outcome.sent)
      if (better) {
        variant = better.over
        found = better.one
      }
    }
    tried.push(found)
  }
  const good = () => tried.filter(({ outcome }) => !outcome.trouble).map(({ account }) => account)
  while (queue.length > 0 && !hopeless(tried) && !stage.signal?.aborted) {
    const width = tried.some(({ outcome }) => !outcome.trouble) ? AT_ONCE : MOST_SILENT
    const wave: TargetAccount[] = []
    for (const account of queue.splice(0, width))
      if (isWanted(account, [...good(), ...wave], document, needs)) wave.push(account)

    // oxlint-disable-next-line no-await-in-loop -- a wave at a time
    tried.push(...(await Promise.all(wave.map((account) => attempt(account)))))
  }
  return {
    good: document.accounts.filter((account) => good().includes(account)),
    variant,
    signs: signsOf(tried, document, variant),
    servesQuery: tried.length === 0 ? undefined : by === 'query',
  }
}

/** Those for any use first, as they were written. */
function inOrder({ accounts, services }: TargetDocument, needs: SurveyNeeds): TargetAccount[] {
  const divertedTo = needs.divertedTo ? accountDivertedTo({ accounts, services }) : undefined
  const weight = (account: TargetAccount) => (account === divertedTo ? 1 : account.roles.includes('any') ? 0 : 2)
  return accounts.toSorted((a, b) => weight(a) - weight(b))
}

function isWanted(
  account: TargetAccount,
  good: readonly TargetAccount[],
  document: TargetDocument,
  { accounts, divertedTo }: SurveyNeeds,
): boolean {
  if (accounts === undefined || (divertedTo && account === accountDivertedTo(document))) return true
  return account.roles.some((role) => {
    const have = good.filter((one) => one.roles.includes(role)).length
    return have < (accounts.get(role) ?? 0)
  })
}

function hopeless(tried: readonly Tried[]): boolean {
  const failed = tried.filter(({ outcome }) => outcome.trouble)
  if (failed.length < tried.length) return false
  const silent = failed.filter(({ outcome }) => outcome.trouble?.code === 'no-answer')
  return failed.length >= MOST_REFUSALS || silent.length >= MOST_SILENT
}

function signsOf(tried: readonly Tried[], { accounts }: TargetDocument, variant: Variant): VitalSign[] {
  const refused = tried.filter(({ outcome }) => outcome.trouble)
  if (refused.length > 0 && refused.length === tried.length) return [nobody(refused, accounts)]
  const signs = refused.flatMap(({ outcome, told }) => {
    const alike = refused.filter((one) => one.outcome.trouble?.code === outcome.trouble?.code)
    const group = alike.length < 2 ? undefined : groupWords(alike)
    return told.signs.map((sign) =>
      group === undefined ? sign : { ...sign, checks: sign.checks.map(withHarm(group)) },
    )
  })
  const others = tried.filter(({ outcome }) => !outcome.trouble)
  const [shown] = others.flatMap(({ told }) => told.signs)
  if (!shown) return signs
  const { account: _, ...rest } = shown
  const title =
    refused.length === 0 && others.length > 1
      ? `All ${others.length} accounts can log in`
      : `${others.length} of ${tried.length} accounts can log in`
  return [...signs, { ...rest, variant: { ...variant }, title, accounts: others.map(({ account }) => account.user) }]
}

const withHarm =
  (harm: string) =>
  (check: CheckResult): CheckResult =>
    check.verdict === 'fail' ? { ...check, harm } : check

const MOST_NAMED = 5

const usersOf = (tried: readonly Tried[]): string => {
  const users = tried.map(({ account }) => account.user)
  return users.length > MOST_NAMED ? `${users.slice(0, MOST_NAMED).join(', ')} …` : users.join(', ')
}

/** What is told of one account is told of all that were refused alike, so that they are one finding. */
function groupWords(alike: readonly Tried[]): string {
  const why = alike[0]?.outcome.trouble?.why ?? ''
  return `${alike.length} accounts cannot log in (${usersOf(alike)}): ${why}. Telephones with these accounts cannot register, call or be called.`
}

/** Where no account can log in it is not about one of them: one sign, as the first one saw it. */
function nobody(refused: readonly Tried[], accounts: readonly TargetAccount[]): VitalSign {
  const [first] = refused
  const [sign] = first?.told.signs ?? []
  if (!first || !sign) throw new Error('an account was tried')
  const untried = accounts.length - refused.length
  const rest = untried > 0 ? `; ${untried} more were not tried, so that the server does not ban this machine` : ''
  // One of each kind: the words hold what differs from account to account.
  const reasons = new Map(refused.toReversed().map(({ outcome: { trouble } }) => [trouble?.code, trouble?.why ?? '']))
  const reason = `No account can log in: ${[...reasons.values()].slice(0, 2).join('; ')}`
  const harm = `${reason}. Tried once each: ${usersOf(refused)}${rest}.`
  const { account: _, ...common } = sign
  return {
    ...common,
    title: 'Accounts can log in',
    reason,
    accounts: refused.map(({ account }) => account.user),
    checks: sign.checks.map((check) => (check.verdict === 'fail' ? { ...check, actual: reason, harm } : check)),
  }
}
