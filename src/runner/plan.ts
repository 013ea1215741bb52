/** Which scenarios are run in which variants, and what is left out and why. */
import type { TargetDocument } from '../target/target-file.js'
import { type AnyScenario, SLOW_SECONDS, variantsOf } from '../scenario/scenario.js'
import type { Variant } from '../scenario/variant.js'
import type { World } from '../scenario/world.js'
import type { NotRun } from '../result/finding.js'
import type { RunResult } from '../result/result.js'
import { accountsNeeded } from './account-pool.js'
import { type Availability, availability } from './needs.js'

/** A scenario and the file it stands in, as given on the command line. */
export interface LoadedScenario {
  readonly definition: AnyScenario
  readonly file: string
  /** What is wrong with the file, with its line and column, where this stands for one that cannot be used. */
  readonly mistake?: string
}

export interface Selection {
  /** Ids, or parts of them with `*`; a scenario is taken if any matches. */
  readonly only?: readonly string[]
  readonly area?: string
  readonly transport?: string
  readonly family?: string
  readonly slow?: boolean
}

export interface PlanEntry extends LoadedScenario {
  readonly variant: Variant
  /** The target says that it lacks what the scenario needs. */
  readonly unsupported?: string
}

export interface Plan {
  readonly entries: readonly PlanEntry[]
  readonly notRun: RunResult['notRun']
}

/** Identifies one execution: `registrar/refresh udp/ipv4`. */
export const keyOf = ({ definition, variant }: { definition: Pick<AnyScenario, 'id'>; variant: Variant }): string =>
  `${definition.id} ${variant.transport}/${variant.family}`

/** What is said of a scenario that is not run. */
export const aboutOf = ({ title, area, purposes, provider = [] }: LoadedScenario['definition']) => ({
  title,
  area,
  purposes: [...purposes],
  provider: [...provider],
})

/** Plans a run. What the selection leaves out is only counted; what it asks for and cannot have is listed. */
export function plan(
  scenarios: readonly LoadedScenario[],
  selection: Selection,
  target: TargetDocument,
  wire: World['network']['kind'],
): Plan {
  const entries: PlanEntry[] = []
  const notRun: Plan['notRun'] = []
  let deselected = 0
  for (const loaded of scenarios) {
    const { definition } = loaded
    if (!isChosen(definition, selection)) {
      deselected += chosenVariants(definition, selection).length
      continue
    }
    const about = aboutOf(definition)
    if (definition.seconds > SLOW_SECONDS && !selection.slow) {
      const variants = chosenVariants(definition, selection)
      const why = `takes ${lasting(definition.seconds)}`
      if (variants.length > 0) notRun.push({ id: definition.id, kind: 'slow', ...counted(variants), why, ...about })
      continue
    }
    const reasons = new Map<string, { kind: NotRun['kind']; variants: Variant[] }>()
    for (const variant of chosenVariants(definition, selection)) {
      const available = enoughAccounts(definition, target) ?? availability(definition, variant, target, wire)
      if (available.can) {
        entries.push({ ...loaded, variant })
      } else if (available.kind === 'unsupported') {
        entries.push({ ...loaded, variant, unsupported: available.why })
      } else {
        const reason = reasons.get(available.why) ?? { kind: available.because, variants: [] }
        reason.variants.push(variant)
        reasons.set(available.why, reason)
      }
    }
    for (const [why, { kind, variants }] of reasons) {
      const places = variants.map(({ transport, family }) => `${transport}/${family}`).join(', ')
      notRun.push({ id: definition.id, kind, ...counted(variants), why: `${places}: ${why}`, ...about })
    }
  }
  if (deselected > 0) {
    notRun.push({
      id: 'others',
      kind: 'not selected',
      count: deselected,
      why: `${deselected} ${deselected === 1 ? 'test was' : 'tests were'} not selected`,
    })
  }
  return { entries, notRun }
}

/** The transports and families of a scenario that the command line leaves. */
function chosenVariants(definition: AnyScenario, { transport, family }: Selection): Variant[] {
  return variantsOf(definition).filter(
    (one) => (transport ?? one.transport) === one.transport && (family ?? one.family) === one.family,
  )
}

/** As many tests as variants. */
const counted = (variants: readonly Variant[]): Pick<NotRun, 'count' | 'variants'> => ({
  count: variants.length,
  variants: variants.map(({ transport, family }) => ({ transport, family })),
})

/** Whether the command line chooses it, whatever its transport, family and length. */
export function isChosen(definition: AnyScenario, { only = [], area }: Selection): boolean {
  if (area && definition.area !== area) return false
  return only.length === 0 || only.some((pattern) => matches(pattern, definition))
}

/** `registrar/*`, a part of an id, a purpose such as REG-REFRESH, or a provider row such as BH-7. */
export function matches(pattern: string, definition: Pick<AnyScenario, 'id' | 'purposes' | 'provider'>): boolean {
  const upper = pattern.toUpperCase()
  if (definition.purposes.includes(upper) || definition.provider?.includes(upper) === true) return true
  if (!pattern.includes('*')) {
    return (
      definition.id === pattern ||
      definition.id.split('/').includes(pattern) ||
      definition.id.startsWith(`${pattern}/`) ||
      definition.id.includes(pattern)
    )
  }
  const expression = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${expression}$`).test(definition.id)
}

function enoughAccounts(
  definition: AnyScenario,
  target: TargetDocument,
): Extract<Availability, { kind: 'not run' }> | undefined {
  for (const [role, count] of accountsNeeded(definition)) {
    const have = target.accounts.filter((account) => account.roles.includes(role)).length
    if (have < count) {
      return {
        can: false,
        kind: 'not run',
        because: 'accounts',
        why: `needs ${count} account${count === 1 ? '' : 's'} of role '${role}'; the target file has ${have}`,
      }
    }
  }
  return undefined
}

/** Seconds as `95 s`, `8 min 40 s`. */
function lasting(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  const rest = seconds % 60
  return `${Math.floor(seconds / 60)} min${rest === 0 ? '' : ` ${rest} s`}`
}
