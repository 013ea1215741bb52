/**
 * Deals scenarios out to parts of a run that may go on at the same time. Whatever there is only one of (the account of a role such as
 * `queue-agent`, the account that diversions lead to) is one part's alone, with all scenarios that need it; the other accounts are shared out.
 */
import type { TargetDocument } from '../target/target-file.js'
import { SLOW_SECONDS, variantsOf } from '../scenario/scenario.js'
import { accountDivertedTo, accountsNeeded, type Role } from './account-pool.js'
import { isChosen, type LoadedScenario, type Selection } from './plan.js'

/** One part of a run that is split, counted from 1. */
export interface Shard {
  readonly index: number
  readonly of: number
}

interface Dealt {
  /** In the order in which they were given. */
  readonly scenarios: readonly LoadedScenario[]
  /** The target with the accounts of this part alone; undefined where there was no target file. */
  readonly document: TargetDocument | undefined
  /** Why it may not go on beside the other parts, in a sentence. */
  readonly warning?: string
}

/** What there is one of, as far as scenarios ask for it: names of roles, and this. */
const DIVERTED = 'diverted-to'

/** Pure: each part deals the same. @param document the target's; absent: the embedded provider, of which each part starts its own */
export function dealt(
  scenarios: readonly LoadedScenario[],
  shard: Shard,
  { selection, document }: { readonly selection: Selection; readonly document?: TargetDocument | undefined },
): Dealt {
  const bins = Array.from({ length: shard.of }, (): Bin => ({ seconds: 0, units: [] }))
  const units = unitsOf(scenarios, (one) => weightOf(one, selection, document))
  // The longest first, each into the part that has least to do.
  for (const unit of units.toSorted((a, b) => b.seconds - a.seconds || compareIds(a, b))) {
    const lightest = bins.reduce((least, bin) => (bin.seconds < least.seconds ? bin : least))
    lightest.seconds += unit.seconds
    lightest.units.push(unit)
  }
  const own = bins[shard.index - 1]
  const ids = new Set(own?.units.flatMap((unit) => unit.scenarios))
  const chosen = scenarios.filter((one) => ids.has(one))
  if (document === undefined) return { scenarios: chosen, document }
  const accounts = sharedOut(document, bins)
  const number = shard.index - 1
  const needs = bins.map((bin) => mostNeeded(bin.units.flatMap((unit) => unit.scenarios)))
  const short = accounts.findIndex((some, part) => some.filter(isForAny).length < (needs[part] ?? 0))
  if (short < 0) return { scenarios: chosen, document: { ...document, accounts: accounts[number] ?? [] } }
  const warning = `${document.name} has ${document.accounts.filter(isForAny).length} accounts for any use, too few for ${shard.of} parts at a time: part ${short + 1} needs ${needs[short]} of its own. Run the parts one after the other, or add accounts.`
  return { scenarios: chosen, document, warning }
}

interface Unit {
  seconds: number
  readonly scenarios: LoadedScenario[]
  readonly resources: Set<string>
}

interface Bin {
  seconds: number
  readonly units: Unit[]
}

const isForAny = ({ roles }: TargetDocument['accounts'][number]): boolean => roles.includes('any')
const idOf = ({ definition }: LoadedScenario): string => definition.id
const compareIds = (a: Unit, b: Unit): number => (a.scenarios.map(idOf).join() < b.scenarios.map(idOf).join() ? -1 : 1)

/** Scenarios that share something of which there is one stay together; all others stand alone. */
function unitsOf(scenarios: readonly LoadedScenario[], weight: (one: LoadedScenario) => number): Unit[] {
  const units: Unit[] = []
  for (const one of scenarios) {
    const resources = particularOf(one)
    const joined = units.filter((unit) => resources.some((name) => unit.resources.has(name)))
    for (const unit of joined) units.splice(units.indexOf(unit), 1)
    units.push({
      seconds: weight(one) + joined.reduce((sum, unit) => sum + unit.seconds, 0),
      scenarios: [...joined.flatMap((unit) => unit.scenarios), one],
      resources: new Set([...resources, ...joined.flatMap((unit) => [...unit.resources])]),
    })
  }
  return units
}

function particularOf({ definition }: LoadedScenario): string[] {
  const roles = [...accountsNeeded(definition).keys()].filter((role: Role) => role !== 'any')
  const isDiverted = Object.values(definition.devices).some(({ isDivertedTo }) => isDivertedTo === true)
  return [...roles, ...(isDiverted ? [DIVERTED] : [])]
}

/** Seconds that it takes on all transports and families that are chosen and that the target has; what is not run takes none. */
function weightOf({ definition }: LoadedScenario, selection: Selection, document: TargetDocument | undefined): number {
  if (!isChosen(definition, selection)) return 0
  if (definition.seconds > SLOW_SECONDS && selection.slow !== true) return 0
  const { transport, family } = selection
  const variants = variantsOf(definition).filter(
    (one) =>
      (transport ?? one.transport) === one.transport &&
      (family ?? one.family) === one.family &&
      (document === undefined ||
        (document.endpoints[one.transport] !== undefined && document.families.includes(one.family))),
  )
  return definition.seconds * variants.length
}

/** Accounts of a particular role go where its scenarios are, the others to the parts by turns. */
function sharedOut(document: TargetDocument, bins: readonly Bin[]): TargetDocument['accounts'][] {
  const diverted = accountDivertedTo(document)
  const homeOf = (resource: string): number =>
    bins.findIndex(({ units }) => units.some(({ resources }) => resources.has(resource)))
  const parts = bins.map((): TargetDocument['accounts'] => [])
  let turn = 0
  for (const account of document.accounts) {
    const particular: string[] = account.roles.filter((role) => role !== 'any')
    const names = [...(account === diverted ? [DIVERTED] : []), ...particular]
    const home = names.map(homeOf).find((part) => part >= 0)
    parts[home ?? turn % bins.length]?.push(account)
    if (home === undefined) turn += 1
  }
  return parts
}

/** Accounts for any use that the neediest scenario has at a time. */
const mostNeeded = (scenarios: readonly LoadedScenario[]): number =>
  Math.max(0, ...scenarios.map(({ definition }) => accountsNeeded(definition).get('any') ?? 0))
