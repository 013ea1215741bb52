/** What a run says nothing about, by kind of reason, with what would get it tested. */
import type { NotRun, RunResult } from '../result/result.js'
import { number } from './format.js'
import { variantWords } from './parts.js'

/** Things that were not tested for the same kind of reason. */
export interface Untested {
  /** How many, and what they have in common: `9 scenarios take longer than 40 s each`. */
  readonly what: string
  /** How to get them tested, or why not to; empty where there is nothing to say. */
  readonly remedy: string
  /** Scenarios, each counted once for each transport and family. */
  readonly count: number
  readonly entries: readonly { readonly name: string; readonly why: string }[]
}

type Kind = NonNullable<NotRun['kind']> | 'unsupported' | 'not applicable' | 'other'

/** In the order in which a reader wants to know of them. */
const KINDS: Readonly<Record<Kind, { readonly one: string; readonly many: string; readonly remedy: string }>> = {
  blocked: both('blocked by something that everything else depends on', 'mend that first'),
  unreachable: both('not begun, since the target does not answer', 'make it reachable and run again'),
  'broken off': both('not begun when the run was interrupted', 'run again'),
  load: both('', ''),
  other: both('not run for other reasons', ''),
  'target file': both('about what the target file leaves out', 'add it to the target file, if the target has it'),
  accounts: {
    one: 'needs more accounts than the target file has',
    many: 'need more accounts than the target file has',
    remedy: 'add accounts to the target file',
  },
  slow: { one: 'takes longer than 40 s', many: 'take longer than 40 s each', remedy: 'run with --slow' },
  sockets: { one: 'needs real sockets', many: 'need real sockets', remedy: 'run without --clock virtual' },
  'not selected': both('not selected on the command line', 'run without what narrows it, such as --only'),
  unsupported: both('about features that the target lacks by its own word', ''),
  policy: both('about another policy for shared accounts than the target’s', ''),
  'not applicable': both('about a role that this target does not play', ''),
}

function both(words: string, remedy: string): { one: string; many: string; remedy: string } {
  return { one: words, many: words, remedy }
}

/** @returns what was not tested, without what the target file left out by name (`notAskedFor`) */
export function untested({ notRun, scenarios }: Pick<RunResult, 'notRun' | 'scenarios'>): Untested[] {
  const all = [
    ...notRun.map(({ id, why, kind = 'other', count = 1, title }) => {
      // What was not selected is a number, not a scenario.
      const name = kind === 'not selected' ? '' : title === undefined ? id : `${id}: ${title}`
      return { kind, why, count, name }
    }),
    ...scenarios.flatMap((one) => {
      const { verdict: kind, reason, id } = one
      if (kind !== 'unsupported' && kind !== 'not applicable') return []
      return [{ kind, why: reason, count: 1, name: `${id} ${variantWords(one)}` }]
    }),
  ]
  return Object.entries(KINDS).flatMap(([kind, words]): Untested[] => {
    const entries = all.filter((one) => one.kind === kind)
    if (entries.length === 0) return []
    const count = entries.reduce((sum, one) => sum + one.count, 0)
    const what =
      kind === 'load'
        ? `the load was not run: ${entries.map(({ why }) => why).join('; ')}`
        : `${number(count, 0)} ${count === 1 ? `scenario ${words.one}` : `scenarios ${words.many}`}`
    return [{ what, remedy: words.remedy, count, entries }]
  })
}

/** Whole parts that this kind of run does not have at all. */
export function wholeParts({ load, scenarios, notRun, command }: RunResult): string[] {
  const conformance = scenarios.length > 0 || notRun.some(({ kind }) => kind !== 'load')
  return [
    ...(conformance || command !== 'load' ? [] : ['Conformance: this run was a load only']),
    ...(load || command !== 'run'
      ? []
      : ['Behaviour under load, and how the relays compare: this run was conformance only']),
  ]
}

/** All that was not tested, a phrase for each kind: `9 scenarios take longer than 40 s each (run with --slow)`. */
export function untestedWords(result: RunResult): string[] {
  const { notAskedFor = [] } = result
  return [
    ...(notAskedFor.length > 0 ? [`left out of the target file: ${notAskedFor.join(', ')}`] : []),
    ...untested(result).map(({ what, remedy }) => `${what}${remedy === '' ? '' : ` (${remedy})`}`),
    ...wholeParts(result).map((part) => part.charAt(0).toLowerCase() + part.slice(1)),
  ]
}
