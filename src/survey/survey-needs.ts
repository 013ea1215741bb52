/** Which vital signs planned scenarios rest on: `--only x` has those tried that x needs, and no more. */
import { type Role, accountsNeeded } from '../runner/account-pool.js'
import { usedVariants } from '../runner/needs.js'
import type { PlanEntry, Selection } from '../runner/plan.js'
import { variantKey } from '../scenario/facts.js'
import { type Reliance, RELIANCES } from '../scenario/vocabulary.js'
import { FAMILIES, TRANSPORTS } from '../scenario/target.js'
import type { TargetDocument } from '../target/target-file.js'
import type { TransportName } from '../transport/flow.js'
import { servicesOf } from './services.js'

export interface SurveyNeeds {
  /** How far each transport and family is to be tried, by `udp/ipv4`. */
  readonly reliance: ReadonlyMap<string, Reliance>
  /** Services to be called, by the word of `needs`. */
  readonly services: ReadonlySet<string>
  /** How many accounts of each role are to be logged in; undefined: all. */
  readonly accounts: ReadonlyMap<Role, number> | undefined
  /** True where the account that diversions lead to must be among them. */
  readonly divertedTo: boolean
  /** Calls that only tell facts are made, too. */
  readonly facts: boolean
}

const FURTHEST = RELIANCES.at(-1) ?? 'audio'

/** Everything that a target file names. */
export function allOf(document: TargetDocument): SurveyNeeds {
  const variants = TRANSPORTS.flatMap((transport) => FAMILIES.map((family) => variantKey({ transport, family })))
  return {
    reliance: new Map(variants.map((key) => [key, FURTHEST])),
    services: new Set(servicesOf(document).map(({ need }) => need)),
    accounts: undefined,
    divertedTo: true,
    facts: true,
  }
}

/** Whether anything answers. */
export const reachAlone = (): SurveyNeeds => ({
  reliance: new Map(
    TRANSPORTS.flatMap((transport) =>
      FAMILIES.map((family): [string, Reliance] => [variantKey({ transport, family }), 'reach']),
    ),
  ),
  services: new Set(),
  accounts: new Map(),
  divertedTo: false,
  facts: false,
})

/**
 * What a load rests on: that accounts log in over its transports, and that the one they call is there.
 * @param asked its transports; absent: the one that devices prefer
 */
export function needsOfLoad(
  document: TargetDocument,
  to: 'echo' | 'account',
  asked?: readonly TransportName[],
): SurveyNeeds {
  const preferred = TRANSPORTS.find((transport) => document.endpoints[transport] !== undefined) ?? 'udp'
  const ways = (asked ?? [preferred]).flatMap((transport) =>
    FAMILIES.map((family) => variantKey({ transport, family })),
  )
  const furthest: Reliance = to === 'account' ? 'call' : 'login'
  return {
    ...reachAlone(),
    reliance: new Map(ways.map((way) => [way, furthest])),
    services: new Set(to === 'echo' ? ['echo'] : []),
    accounts: new Map([['any', 2]]),
  }
}

/** What a run needs: everything of the target where nothing was selected, else what the planned executions rest on. */
export function needsOfRun(
  selection: Selection,
  document: TargetDocument,
): (entries: readonly PlanEntry[]) => SurveyNeeds {
  const { only = [], area, transport, family } = selection
  const isWhole = only.length === 0 && [area, transport, family].every((one) => one === undefined)
  return isWhole ? () => allOf(document) : needsOf
}

/** What these executions need. */
export function needsOf(planned: readonly PlanEntry[]): SurveyNeeds {
  const entries = planned.filter(({ unsupported }) => unsupported === undefined)
  const reliance = new Map<string, Reliance>()
  const accounts = new Map<Role, number>()
  for (const { definition, variant } of entries) {
    for (const used of usedVariants(definition, variant)) {
      const key = variantKey(used)
      reliance.set(key, further(reliance.get(key), definition.reliesOn ?? 'login'))
    }
    for (const [role, count] of accountsNeeded(definition)) accounts.set(role, (accounts.get(role) ?? 0) + count)
  }
  // A call needs two, however few devices the scenario itself has.
  if ([...reliance.values()].some((one) => RELIANCES.indexOf(one) >= RELIANCES.indexOf('call')))
    accounts.set('any', Math.max(2, accounts.get('any') ?? 0))

  return {
    reliance,
    services: new Set(entries.flatMap(({ definition }) => definition.needs ?? [])),
    accounts,
    divertedTo: entries.some(({ definition }) => Object.values(definition.devices).some((one) => one.isDivertedTo)),
    facts: false,
  }
}

const further = (a: Reliance = 'nothing', b: Reliance): Reliance =>
  RELIANCES.indexOf(a) >= RELIANCES.indexOf(b) ? a : b

/** Does a wish go as far as `sign`? */
export const reaches = (wish: Reliance | undefined, sign: Reliance): boolean =>
  RELIANCES.indexOf(wish ?? 'nothing') >= RELIANCES.indexOf(sign)
