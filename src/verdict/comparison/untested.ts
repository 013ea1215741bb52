/** What was tested and is not any more, with the reason; what is tested now and was not; what came to different verdicts. */
import type { Baseline } from '../../result/baseline.js'
import type { Comparison } from '../../result/comparison.js'
import { counted } from '../../result/texts.js'
import { selectionInWords } from './limits.js'
import { decidedIn, testKeys, testOf, type TestRuns } from './tests.js'

type Untested = Comparison['untested'][number]

/** Tests by reason, the largest group first. */
export function newlyUntested(base: Baseline, now: Baseline): Untested[] {
  const groups = new Map<string, string[]>()
  for (const key of onlyDecidedIn(base, now)) {
    const why = reasonOf(now, key)
    groups.set(why, [...(groups.get(why) ?? []), key])
  }
  return [...groups].map(([why, tests]) => ({ why, tests })).toSorted((a, b) => b.tests.length - a.tests.length)
}

export const newlyTested = (base: Baseline, now: Baseline): string[] => onlyDecidedIn(now, base)

const onlyDecidedIn = (one: Baseline, other: Baseline): string[] =>
  testKeys(one).filter((key) => decidedIn(testOf(one, key)) > 0 && decidedIn(testOf(other, key)) === 0)

const REASONS: Readonly<Record<string, string>> = {
  slow: 'it takes longer than 40 s, and --slow was not given',
  'target file': 'the target file leaves out what it needs',
  policy: 'it is for targets that treat several devices on one account differently',
  accounts: 'the target file has too few accounts',
  sockets: 'it needs a real network',
  unreachable: 'the target did not answer',
  'broken off': 'the run was interrupted before it',
  load: 'no load was run',
  part: 'it is in a part that is missing',
}

function reasonOf(now: Baseline, key: string): string {
  const [id = ''] = key.split(' ')
  const test = testOf(now, key)
  if (test !== undefined) return undecided(test)
  const why = now.notRun[key] ?? now.notRun[id]
  if (why !== undefined) return REASONS[why] ?? blockedInWords(why, now)
  if (key.startsWith('load/')) return now.load === undefined ? 'no load was run' : 'another load was run'
  const { selection } = now
  if (selection?.shard !== undefined) return `it is in another part than ${selection.shard}, or not selected`
  if (selection !== undefined && selectionInWords({ ...selection, slow: undefined, own: [] }) !== 'the default')
    return 'it was not selected on the command line'
  if (id.startsWith('survey/')) return 'the survey did not come to it'
  return id in now.tests
    ? 'it was not tested on that transport and address family'
    : `ringproof ${now.ringproof} has no such scenario, or it was not found`
}

/** By the title of what blocks it, where there is one. */
function blockedInWords(why: string, { findings }: Baseline): string {
  const blocker = findings.find(({ id }) => why === `blocked by ${id}`)
  return blocker === undefined ? why : `blocked by: ${blocker.title}`
}

function undecided({ verdicts, why }: TestRuns): string {
  if (verdicts.unsupported !== undefined) return 'the target says that it does not support it'
  if (verdicts['not applicable'] !== undefined) return 'it does not apply to the target'
  if (verdicts.error !== undefined) return 'a defect of ringproof or of the scenario'
  return `it could not be decided${why === undefined ? '' : `: ${why.replaceAll('-', ' ')}`}`
}

/** Tests that came to different verdicts in runs of one side, or in attempts of a run. */
export function unsteadyTests(base: Baseline, now: Baseline): Comparison['unsteady'] {
  const sides = [
    [base, 'before'],
    [now, 'now'],
  ] as const
  const all = new Map<string, string[]>()
  for (const [side, when] of sides) {
    for (const key of testKeys(side)) {
      const text = unsteadiness(testOf(side, key))
      if (text !== undefined) all.set(key, [...(all.get(key) ?? []), `${when}: ${text}`])
    }
  }
  return [...all]
    .map(([test, texts]) => ({ test, text: texts.join('; ') }))
    .toSorted((a, b) => (a.test < b.test ? -1 : 1))
}

function unsteadiness(test: TestRuns | undefined): string | undefined {
  if (test === undefined) return undefined
  const { pass = 0, warn = 0, fail = 0 } = test.verdicts
  const held = pass + warn
  if (held > 0 && fail > 0) return `failed in ${fail} of ${counted(held + fail, 'run')}`
  return test.unsteady > 0 ? 'not the same in all attempts' : undefined
}
