/** What a run says nothing about, by kind of reason, with what would get it tested. */
import type { NotRun } from '../result/finding.js'
import type { RunResult } from '../result/result.js'
import { number } from './format.js'
import { variantWords } from './places.js'

/** Things that were not tested for the same kind of reason. */
export interface Untested {
  readonly kind: Kind
  /** How many, and what they have in common: `9 tests take longer than 40 s each`. */
  readonly what: string
  /** How to get them tested, or why not to; empty where there is nothing to say. */
  readonly remedy: string
  /** Tests: each scenario counted once for each transport and family. */
  readonly count: number
  readonly entries: readonly UntestedEntry[]
}

export interface UntestedEntry {
  readonly name: string
  readonly why: string
  readonly count: number
  /** On which transports and families, where that is known. */
  readonly variants?: NotRun['variants'] | undefined
  /** Id of the finding that blocks it. */
  readonly blockedBy?: string | undefined
}

type Kind = NonNullable<NotRun['kind']> | 'unsupported' | 'not applicable' | 'other'

/** In the order in which a reader wants to know of them. */
const KINDS: Readonly<Record<Kind, { readonly one: string; readonly many: string; readonly remedy: string }>> = {
  blocked: {
    one: 'depends on something that does not work',
    many: 'depend on something that does not work',
    remedy: 'mend that first, then run again',
  },
  unreachable: both('could not begin: the target did not answer', 'make it reachable and run again'),
  'broken off': both('had not begun when the run was interrupted', 'run again'),
  part: both('of a part of the run that is missing', 'run that part, and merge again'),
  load: both('', ''),
  other: both('left out for other reasons', ''),
  'target file': {
    one: 'needs something that the target file leaves out',
    many: 'need something that the target file leaves out',
    remedy: 'add it to the target file, if the target has it',
  },
  accounts: {
    one: 'needs more accounts than the target file has',
    many: 'need more accounts than the target file has',
    remedy: 'add accounts to the target file',
  },
  slow: { one: 'takes longer than 40 s', many: 'take longer than 40 s each', remedy: 'run with --slow' },
  sockets: { one: 'needs a real network', many: 'need a real network', remedy: 'run without --clock virtual' },
  'not selected': both('not selected on the command line', 'run without options that narrow the run, such as --only'),
  unsupported: {
    one: 'tests a feature that the target says it does not support',
    many: 'test features that the target says it does not support',
    remedy: '',
  },
  policy: {
    one: 'is for targets that treat several devices on one account differently',
    many: 'are for targets that treat several devices on one account differently',
    remedy: '',
  },
  'not applicable': {
    one: 'does not apply to this target',
    many: 'do not apply to this target',
    remedy: '',
  },
}

function both(words: string, remedy: string): { one: string; many: string; remedy: string } {
  return { one: words, many: words, remedy }
}

/** @returns what was not tested, without what the target file left out by name (`notAskedFor`) */
export function untested({ notRun, scenarios }: Pick<RunResult, 'notRun' | 'scenarios'>): Untested[] {
  const all = [
    ...notRun.map(({ id, why, kind = 'other', count = 1, title, blockedBy, variants }) => {
      // What was not selected is a number, not a scenario.
      const name = kind === 'not selected' ? '' : title === undefined ? id : `${id}: ${title}`
      return { kind, why, count, name, blockedBy, variants }
    }),
    ...scenarios.flatMap((one) => {
      const { verdict: kind, reason, id } = one
      if (kind !== 'unsupported' && kind !== 'not applicable') return []
      return [{ kind, why: reason, count: 1, name: `${id} ${variantWords(one)}` }]
    }),
  ]
  return KIND_ORDER.flatMap((kind): Untested[] => {
    const words = KINDS[kind]
    const entries = all.filter((one) => one.kind === kind)
    if (entries.length === 0) return []
    const count = entries.reduce((sum, one) => sum + one.count, 0)
    const what =
      kind === 'load'
        ? `the load was not run: ${entries.map(({ why }) => why).join('; ')}`
        : `${number(count, 0)} ${count === 1 ? `test ${words.one}` : `tests ${words.many}`}`
    return [{ kind, what, remedy: words.remedy, count, entries }]
  })
}

const KIND_ORDER = Object.keys(KINDS).filter((kind): kind is Kind => kind in KINDS)

/** Whole parts that this kind of run does not have at all. */
export function wholeParts({ load, scenarios, notRun, command, target }: RunResult): string[] {
  const conformance = scenarios.length > 0 || notRun.some(({ kind }) => kind !== 'load')
  return [
    ...(conformance || command !== 'load' ? [] : ['Conformance: this run was a load test only']),
    ...(load || command !== 'run'
      ? []
      : ['Behaviour under load, and how the relays compare: this run tested conformance only']),
    ...(conformance || load ? relaysNotMet({ target, scenarios, load }) : []),
  ]
}

/** Relays that the target publishes and that no audio of this run went through. */
function relaysNotMet({ target, scenarios, load }: Pick<RunResult, 'target' | 'scenarios' | 'load'>): string[] {
  const published = (target.relays ?? []).map(({ name }) => name)
  const used = (load?.relays ?? []).filter(({ calls }) => calls > 0).map(({ name }) => name)
  const met = new Set([...scenarios.flatMap(({ relays = [] }) => relays), ...used])
  const missing = published.filter((name) => !met.has(name))
  if (missing.length === 0) return []
  // Where no call went through any relay, what is missing is not a relay.
  if (missing.length === published.length)
    return ['All published relays: no audio of this run went through any of them']
  return [
    `${missing.length} of ${published.length} published relays, which no call of this run was led over: ${missing.join(', ')}`,
  ]
}

/** All that was not tested, a phrase for each kind: `9 tests take longer than 40 s each (run with --slow)`. */
export function untestedWords(result: RunResult): string[] {
  const { notAskedFor = [] } = result
  return [
    ...(notAskedFor.length > 0 ? [`left out of the target file: ${notAskedFor.join(', ')}`] : []),
    ...untested(result).map(({ what, remedy }) => `${what}${remedy === '' ? '' : ` (${remedy})`}`),
    ...wholeParts(result).map((part) => part.charAt(0).toLowerCase() + part.slice(1)),
  ]
}
