/** What a comparison cannot tell, since the two sides were not made alike. */
import type { Baseline, SelectionRecord } from '../../result/baseline.js'
import type { Comparison } from '../../result/comparison.js'
import { counted, listed } from '../../result/texts.js'
import { decidedIn, testKeys, testOf } from './tests.js'

type Limit = Comparison['limits'][number]
type Code = Limit['code']

/** With these, what differs need not be the target's doing, or there is nothing to be held against each other. */
const INCONCLUSIVE: ReadonlySet<Code> = new Set(['other-target', 'other-clock', 'nothing-in-common', 'same-run'])
/** With these, something that was to be compared was not tested. */
const INCOMPLETE: ReadonlySet<Code> = new Set([...INCONCLUSIVE, 'interrupted', 'unreachable', 'load-invalid'])

export const isConclusive = (limits: readonly Limit[]): boolean => !limits.some(({ code }) => INCONCLUSIVE.has(code))
export const isComplete = (limits: readonly Limit[]): boolean => !limits.some(({ code }) => INCOMPLETE.has(code))

export function limitsOf(base: Baseline, now: Baseline): Limit[] {
  return [...who(base, now), ...how(base, now), ...ended(base, now), ...loads(base, now), ...noise(base, now)]
}

const limit = (code: Code, text: string): Limit => ({ code, text })

function who(base: Baseline, now: Baseline): Limit[] {
  const software = (one: Baseline) => [...new Set(one.runs.flatMap((run) => run.software))].toSorted().join(', ')
  const faults = (one: Baseline) => (one.target.faults ?? []).join(', ')
  const isOther = base.target.name !== now.target.name || base.target.domain !== now.target.domain
  const domain = base.target.name === now.target.name ? ` (${base.target.domain}, and ${now.target.domain})` : ''
  return [
    ...(isOther
      ? [
          limit(
            'other-target',
            `The targets differ: ${base.target.name} before, ${now.target.name} now${domain}. What differs is told, and nothing is called new or fixed.`,
          ),
        ]
      : []),
    ...(!isOther && software(base) !== software(now) && software(base) !== '' && software(now) !== ''
      ? [limit('other-software', `The target's software was ${software(base)}, and is ${software(now)}.`)]
      : []),
    ...(faults(base) !== faults(now)
      ? [
          limit(
            'other-faults',
            `Faults planted on purpose: ${faults(base) || 'none'} before, ${faults(now) || 'none'} now.`,
          ),
        ]
      : []),
    ...(isSameRun(base, now)
      ? [
          limit(
            'same-run',
            'Both are the same run: seed, and time or virtual clock, are equal. There is nothing to compare.',
          ),
        ]
      : []),
  ]
}

/** A virtual run has no date, and faults or a target make another one of the same seed. */
function isSameRun(base: Baseline, now: Baseline): boolean {
  const [a, b] = [base.runs, now.runs]
  if (a.length !== 1 || b.length !== 1 || base.clock !== 'wall' || now.clock !== 'wall') return false
  return a[0]?.startedAt === b[0]?.startedAt && a[0]?.seed === b[0]?.seed && base.command === now.command
}

function how(base: Baseline, now: Baseline): Limit[] {
  const [before, after] = [base.selection, now.selection]
  const shards = [before?.shard, after?.shard]
  const network = ({ network: line }: Baseline) => line ?? 'as it is'
  return [
    ...(base.ringproof === now.ringproof
      ? []
      : [
          limit(
            'other-version',
            `ringproof ${base.ringproof} judged before, ${now.ringproof} now: what is new may be what ${now.ringproof} looks at more closely. Figures are not compared.`,
          ),
        ]),
    ...(base.clock === now.clock
      ? []
      : [limit('other-clock', `One of them is simulated (--clock virtual): ${base.clock} before, ${now.clock} now.`)]),
    ...(shards[0] === shards[1]
      ? []
      : [
          limit(
            'shard',
            `Parts of a run: ${shards.map((one) => (one === undefined ? 'the whole' : `part ${one}`)).join(' before, ')} now.`,
          ),
        ]),
    ...(selectionInWords(before) === selectionInWords(after)
      ? []
      : [
          limit(
            'other-selection',
            `Other tests were chosen: ${selectionInWords(before)} before, ${selectionInWords(after)} now.`,
          ),
        ]),
    ...(network(base) === network(now)
      ? []
      : [limit('other-network', `The access line was ${network(base)}, and is ${network(now)}.`)]),
    ...(testKeys(now).some((key) => decidedIn(testOf(now, key)) > 0 && decidedIn(testOf(base, key)) > 0)
      ? []
      : [limit('nothing-in-common', 'No test was decided on both sides.')]),
  ]
}

/** All but the part. */
export function selectionInWords(selection: SelectionRecord | undefined): string {
  if (selection === undefined) return 'not told'
  const { only = [], area, transport, family, slow, own = [] } = selection
  const words = [
    ...only.map((one) => `--only ${one}`),
    ...(area === undefined ? [] : [`--area ${area}`]),
    ...(transport === undefined ? [] : [`--transport ${transport}`]),
    ...(family === undefined ? [] : [`--family ${family}`]),
    ...(slow === true ? ['--slow'] : []),
    ...own.map((one) => `--scenarios ${one}`),
  ]
  return words.length === 0 ? 'the default' : words.join(' ')
}

function ended(base: Baseline, now: Baseline): Limit[] {
  const broken = [base, now].map(({ runs }) => runs.filter(({ verdict }) => verdict === 'interrupted').length)
  const [then = 0, today = 0] = broken
  const vain = now.runs.every(({ verdict }) => verdict === 'inconclusive')
  return [
    ...(then > 0
      ? [limit('interrupted', 'The earlier run was interrupted: what it had not tested by then is not compared.')]
      : []),
    ...(today > 0
      ? [limit('interrupted', 'This run was interrupted: what it had not tested by then is not compared.')]
      : []),
    ...(vain
      ? [
          limit(
            'unreachable',
            'This run decided nothing: the target was not reached, or nothing but inconclusive came of it.',
          ),
        ]
      : []),
    ...(now.runs.some(({ verdict }) => verdict === 'error')
      ? [limit('defects', 'This run met defects of ringproof or of a scenario: what they concern is not tested.')]
      : []),
  ]
}

function loads({ load: base }: Baseline, { load: now }: Baseline): Limit[] {
  if (base === undefined || now === undefined) return []
  const invalid = [...(base.valid ? [] : ['the earlier one']), ...(now.valid ? [] : ['this one'])]
  const other = base.profile !== now.profile || base.order !== now.order
  return [
    ...(invalid.length > 0
      ? [
          limit(
            'load-invalid',
            `A load that is not valid says nothing about the target: ${listed(invalid)} is not compared.`,
          ),
        ]
      : []),
    ...(other
      ? [
          limit(
            'other-load',
            `The loads differ: ${base.profile} (${base.order || 'no order'}) before, ${now.profile} (${now.order || 'no order'}) now. They are not compared.`,
          ),
        ]
      : []),
  ]
}

/** Whether what a load found on one side may be held against the other. */
export function loadsCompare({ load: base }: Baseline, { load: now }: Baseline): boolean {
  if (base === undefined || now === undefined) return true
  return base.valid && now.valid && base.profile === now.profile && base.order === now.order
}

/** Shorter standstills of our own machine change no figure that is compared. */
const NOTABLE_MS = 250

function noise(base: Baseline, now: Baseline): Limit[] {
  const runs = base.runs.length + now.runs.length
  const lag = (one: Baseline) => Math.max(0, ...one.runs.map(({ worstLagMs = 0 }) => worstLagMs))
  const places = (one: Baseline) => new Set(one.runs.map(({ seenFrom }) => seenFrom.join(', ')))
  const [before, after] = [places(base), places(now)]
  const isElsewhere =
    before.size === 1 && ![...after].some((one) => before.has(one)) && ![...before, ...after].includes('')
  return [
    ...(runs < 4
      ? [
          limit(
            'one-run',
            `Slower or worse cannot be told from ${counted(base.runs.length, 'run')} and ${counted(now.runs.length, 'run')}: the noise from run to run is not known. Keep three runs in a baseline at least, better five (ringproof baseline).`,
          ),
        ]
      : []),
    ...(isElsewhere
      ? [
          limit(
            'other-place',
            `Seen from ${[...after].join('; ')}; all earlier runs were seen from ${[...before].join('; ')}. Figures are not compared.`,
          ),
        ]
      : []),
    ...(lag(now) >= NOTABLE_MS && lag(now) > lag(base)
      ? [
          limit(
            'standstill',
            `The machine that tested stood still for up to ${Math.round(lag(now))} ms, longer than ever in the earlier runs. Figures are not compared.`,
          ),
        ]
      : []),
  ]
}

/** Why figures cannot be compared at all. @param ofLoad those of a load depend on no choice of tests */
export function figuresUntold(limits: readonly Limit[], ofLoad: boolean): string | undefined {
  const reasons: Partial<Record<Code, string>> = {
    'other-target': 'another target',
    'same-run': 'the same run',
    'other-clock': 'another clock',
    'other-version': 'another version of ringproof measured',
    'other-network': 'another access line',
    'other-place': 'measured from another place',
    standstill: 'the machine that tested stood still',
    ...(ofLoad
      ? { 'other-load': 'another load', 'load-invalid': 'a load that is not valid' }
      : { 'other-selection': 'other tests', shard: 'other tests', interrupted: 'a run that was interrupted' }),
  }
  return limits.map(({ code }) => reasons[code]).find((one) => one !== undefined)
}
