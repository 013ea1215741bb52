/** What is not run because a vital sign of the target is missing: it would only fail, or wait, for that same reason. */
import type { NotRun } from '../result/finding.js'
import type { VitalSign } from '../result/survey-result.js'
import { variantKey } from '../scenario/facts.js'
import type { Variant } from '../scenario/variant.js'
import { type Reliance, RELIANCES } from '../scenario/vocabulary.js'
import type { TargetDocument } from '../target/target-file.js'
import { causeOfVitalSign } from '../verdict/vital-signs.js'
import { accountDivertedTo, accountsNeeded } from './account-pool.js'
import { usedVariants } from './needs.js'
import { aboutOf, type PlanEntry } from './plan.js'

/** What the survey found, as far as it decides what can be run. */
export interface KnownSigns {
  readonly vitalSigns: readonly VitalSign[]
  /** Users of the accounts that can log in; undefined: none was tried. */
  readonly accounts: readonly string[] | undefined
}

export interface Blocking {
  readonly entries: readonly PlanEntry[]
  /** A line a scenario and sign. */
  readonly notRun: readonly NotRun[]
  /** With how much each missing sign blocks. */
  readonly vitalSigns: readonly VitalSign[]
}

/** The sign of each step that stories rely on, in their order. */
const SIGNS: Readonly<Record<Exclude<Reliance, 'nothing'>, string>> = {
  reach: 'survey/reach',
  login: 'survey/login',
  call: 'survey/call',
  audio: 'survey/audio',
}
const ACCOUNT = 'survey/account'

/** Id of the sign of a service that scenarios name so under `needs`: `survey/echo`, `survey/codes-wake-up-query`. */
export const signOfService = (need: string): `survey/${string}` =>
  `survey/${need.replace(':', '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** Parts what can be run from what is blocked. */
export function block(entries: readonly PlanEntry[], document: TargetDocument, known: KnownSigns): Blocking {
  const missing = known.vitalSigns.filter(({ code }) => code !== undefined)
  const can: PlanEntry[] = []
  const lines = new Map<string, { entry: PlanEntry; sign: VitalSign; variants: Variant[] }>()
  const blocks = new Map<VitalSign, number>()
  for (const entry of entries) {
    const sign = entry.unsupported === undefined ? blockerOf(entry, missing, document, known) : undefined
    if (!sign) {
      can.push(entry)
      continue
    }
    blocks.set(sign, (blocks.get(sign) ?? 0) + 1)
    const key = `${entry.definition.id} ${sign.reason}`
    const line = lines.get(key) ?? { entry, sign, variants: [] }
    line.variants.push(entry.variant)
    lines.set(key, line)
  }
  return {
    entries: can,
    notRun: [...lines.values()].map(({ entry: { definition }, sign, variants }) => ({
      id: definition.id,
      kind: 'blocked',
      blockedBy: causeOfVitalSign(sign),
      why: `${variants.map(variantKey).join(', ')}: blocked by: ${sign.reason}`,
      variants: variants.map(({ transport, family }) => ({ transport, family })),
      count: variants.length,
      ...aboutOf(definition),
    })),
    vitalSigns: known.vitalSigns.map((sign) => {
      const count = blocks.get(sign)
      return count === undefined ? sign : { ...sign, blocks: count }
    }),
  }
}

/** The first missing sign that an execution rests on. */
function blockerOf(
  { definition, variant }: PlanEntry,
  missing: readonly VitalSign[],
  document: TargetDocument,
  known: KnownSigns,
): VitalSign | undefined {
  const steps = RELIANCES.slice(1, RELIANCES.indexOf(definition.reliesOn ?? 'login') + 1).filter(
    (one) => one !== 'nothing',
  )
  const used = usedVariants(definition, variant).map(variantKey)
  for (const step of steps) {
    const sign = missing.find(({ id, variant: of }) => id === SIGNS[step] && used.includes(keyOf(of)))
    if (sign) return sign
  }
  const service: string[] = (definition.needs ?? []).map(signOfService)
  const dead = missing.find(({ id }) => service.includes(id))
  if (dead) return dead
  return lacksAccounts(definition, document, known) ? missing.find(({ id }) => id === ACCOUNT) : undefined
}

const keyOf = ({ transport, family }: VitalSign['variant']): string => `${transport}/${family}`

function lacksAccounts(
  definition: PlanEntry['definition'],
  document: TargetDocument,
  { accounts: users }: KnownSigns,
): boolean {
  if (users === undefined) return false
  const good = document.accounts.filter(({ user }) => users.includes(user))
  const short = [...accountsNeeded(definition)].some(
    ([role, count]) => good.filter(({ roles }) => roles.includes(role)).length < count,
  )
  const divertedTo = accountDivertedTo(document)
  const needsDivertedTo = Object.values(definition.devices).some(({ isDivertedTo }) => isDivertedTo)
  return short || (needsDivertedTo && divertedTo !== undefined && !good.includes(divertedTo))
}

/** The target file's document with the accounts that can log in alone: a refused one is not tried again by anybody. */
export function withAccountsOf(
  document: TargetDocument,
  { accounts: users }: Pick<KnownSigns, 'accounts'>,
): TargetDocument {
  if (users === undefined) return document
  return { ...document, accounts: document.accounts.filter(({ user }) => users.includes(user)) }
}
