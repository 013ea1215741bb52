/** The command `merge` for parts of a conformance run: one verdict over the records of all parts, and one report. */
import { NotTogetherError, type ReadResult } from '../load/belong-together.js'
import { readPart } from '../report/part-file.js'
import { bounded } from '../result/bounds.js'
import type { NotRun } from '../result/finding.js'
import type { PartFacts } from '../result/part.js'
import type { RunResult } from '../result/result.js'
import { listed } from '../result/texts.js'
import { conclude } from '../verdict/conclude.js'
import type { RunFacts } from '../verdict/facts.js'
import { relaysOfRun } from '../verdict/relays.js'
import type { CliContext } from './context.js'
import {
  assertOutIsApart,
  copyEvidence,
  distinctBy,
  earliest,
  finishMerge,
  joinedSurvey,
  latest,
  withEvidence,
} from './joining.js'
import type { MergeOrder, RunEnd } from './orders.js'
import { repeatMerge } from './repeat.js'
import { compared, failingOn } from './result-of.js'
import { makeRunFolder } from './run-folder.js'

interface Part {
  readonly folder: string
  readonly result: RunResult
  readonly index: number
  readonly of: number
  readonly facts: PartFacts
}

export const isPartOfRun = ({ result }: ReadResult): boolean => result.command === 'run'

/** Joins the records, decides, and writes the report. @throws NotTogetherError, UsageError, ResultFileError */
export async function mergeRuns(order: MergeOrder, context: CliContext): Promise<RunEnd> {
  const parts = partsOf(order.results)
  assertOutIsApart(order)
  const [{ result: first, of }] = parts
  const results = parts.map(({ result }) => result)
  const startedAt = earliest(results.map((one) => one.startedAt))
  const work = makeRunFolder({ target: first.target.name, startedAt: Date.parse(startedAt), out: order.out })
  const missing = numbersUpTo(of).filter((number) => parts.every(({ index }) => index !== number))
  const moved = parts.map((one) => {
    const rename = copyEvidence(one.folder, work, `part-${one.index}-`)
    const facts = later(withEvidence(one.facts, rename), Date.parse(one.result.startedAt) - Date.parse(startedAt))
    return { ...one, facts, noise: withEvidence(one.result.noise, rename) }
  })
  const troubles = troublesOf(parts, missing)
  const facts = joinedFacts(moved, { order, missing, of, isWhole: troubles.length === 0 })
  const { verdict, exitCode, sentence, findings, scenarios, notRun, outcome } = conclude(facts)
  const { comparison: _, failOn: _failOn, survey: _survey, ...about } = first
  const { shard: _shard, ...selection } = first.selection ?? {}
  const result: RunResult = {
    ...about,
    command: 'merge',
    startedAt,
    endedAt: first.clock === 'virtual' ? endOfVirtual(startedAt, scenarios) : latest(results.map((one) => one.endedAt)),
    target: { ...first.target, software: [...new Set(results.flatMap(({ target }) => target.software ?? []))] },
    selection: {
      ...selection,
      ...(missing.length === 0 ? {} : { shard: `${parts.map(({ index }) => index).join('+')}/${of}` }),
    },
    ...(facts.survey === undefined ? {} : { survey: facts.survey }),
    verdict,
    sentence: [sentence, ...troubles].join(' '),
    exitCode,
    scenarios,
    notRun,
    findings,
    ...(scenarios.length > 0 ? { relays: relaysOfRun(scenarios, first.target.relays ?? []) } : {}),
    noise: joinedNoise(moved.flatMap(({ noise }) => noise ?? [])),
    ...(first.environment === undefined ? {} : { environment: environmentOf(results, first.environment) }),
    repeat: repeatMerge(order),
    ...failingOn(order.failOn, order.onlyRegressions),
  }
  return finishMerge(bounded(compared(order, { result, outcome })), { order, work }, context)
}

const numbersUpTo = (of: number): number[] => Array.from({ length: of }, (_, index) => index + 1)

/** In their order. @throws NotTogetherError where one is of another run, or there twice */
function partsOf(results: readonly ReadResult[]): readonly [Part, ...Part[]] {
  const parts = results.map(({ folder, result }): Part => {
    const part = readPart(folder)
    if (part !== undefined && isPartOfRun({ folder, result })) return { folder, result, ...part }
    throw new NotTogetherError(
      result.command === 'merge'
        ? `${folder} was joined from parts already: name the parts themselves.`
        : `${folder} is no part of a conformance run: parts are made with run --shard, and have a part.json.`,
    )
  })
  const [first, ...others] = parts.toSorted((a, b) => a.index - b.index)
  if (first === undefined) throw new NotTogetherError('There is nothing to be joined.')
  for (const [number, other] of others.entries()) {
    assertSame(first, other)
    const before = [first, ...others][number]
    if (before?.index === other.index) {
      throw new NotTogetherError(
        `${before.folder} and ${other.folder} are the same part, ${other.index} of ${other.of}: its tests would count twice.`,
      )
    }
  }
  return [first, ...others]
}

const withoutShard = ({ selection }: RunResult) => ({ ...selection, shard: undefined })

/** What parts of one run have in common, by the words for it. */
const COMMON: readonly (readonly [string, (part: Part) => string | number | undefined])[] = [
  ['version of ringproof', ({ result }) => result.ringproof],
  ['target', ({ result }) => result.target.name],
  ['addresses of the target', ({ result }) => (result.target.endpoints ?? []).toSorted().join(', ')],
  ['planted faults', ({ result }) => (result.target.faults ?? []).toSorted().join(', ')],
  ['clock', ({ result }) => result.clock],
  ['access line', ({ result }) => result.environment?.network],
  ['choice of tests', ({ result }) => JSON.stringify(withoutShard(result))],
  ['number of parts', ({ of }) => of],
]

/** @throws NotTogetherError */
function assertSame(one: Part, other: Part): void {
  for (const [what, of] of COMMON) {
    // The embedded provider has other ports each time it is started.
    if (what === 'addresses of the target' && one.result.target.file === 'embedded') continue
    const [own, others] = [of(one), of(other)]
    if (own !== others) {
      throw new NotTogetherError(
        `${one.folder} and ${other.folder} are not parts of one run: their ${what} differ (${own ?? 'none'} and ${others ?? 'none'}).`,
      )
    }
  }
}

/** Why the run is not whole, a sentence each. */
function troublesOf(parts: readonly Part[], missing: readonly number[]): string[] {
  const many = missing.map(String)
  const gaps =
    missing.length === 0
      ? []
      : [
          `${missing.length === 1 ? 'Part' : 'Parts'} ${listed(many)} of ${parts[0]?.of} ${missing.length === 1 ? 'is' : 'are'} missing.`,
        ]
  const broken = parts.flatMap(({ index, of, facts }) => {
    if (facts.interruptedBy !== undefined) return [`Part ${index} of ${of} was interrupted.`]
    const why = facts.unreachable ?? facts.gone ?? facts.defect
    if (why !== undefined) return [`Part ${index} of ${of}: ${why}`]
    return facts.incomplete === true ? [`Part ${index} of ${of} is not complete.`] : []
  })
  return [...gaps, ...broken]
}

function joinedFacts(
  parts: readonly Part[],
  o: {
    readonly order: MergeOrder
    readonly missing: readonly number[]
    readonly of: number
    readonly isWhole: boolean
  },
): RunFacts {
  const all = parts.map(({ facts }) => facts)
  const paths = all.flatMap(({ path }) => path ?? [])
  const outOfReach = all.flatMap(({ unreachable }) => unreachable ?? [])
  const gone = all.flatMap((one) => one.unreachable ?? one.gone ?? [])
  return {
    scenarios: all.flatMap(({ scenarios }) => scenarios).toSorted((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id))),
    notes: all.flatMap(({ notes }) => notes),
    notRun: [...joinedNotRun(all), ...o.missing.map((number) => lackOf(number, o.of))],
    survey: joinedSurvey(all.flatMap(({ survey }) => survey ?? [])),
    foreign: distinctBy(
      all.flatMap(({ foreign = [] }) => foreign),
      ({ account }) => account,
    ),
    path: paths.length === 0 ? undefined : { ...sumOf(paths), apart: sumOf(paths.map(({ apart }) => apart)) },
    known: o.order.deviations ?? all.find(({ known }) => known !== undefined)?.known,
    unreachable: outOfReach.length === all.length ? outOfReach[0] : undefined,
    gone: outOfReach.length === all.length ? undefined : gone[0],
    defect: all.find(({ defect }) => defect !== undefined)?.defect,
    incomplete: !o.isWhole,
    failOn: o.order.failOn,
  }
}

const sumOf = (some: readonly { readonly requests: number; readonly again: number }[]) => ({
  requests: some.reduce((sum, { requests }) => sum + requests, 0),
  again: some.reduce((sum, { again }) => sum + again, 0),
})

/** Of what was not selected, each part counts its own. */
function joinedNotRun(all: readonly PartFacts[]): NotRun[] {
  const entries = all.flatMap(({ notRun }) => notRun)
  const others = entries.filter(({ kind }) => kind === 'not selected')
  const count = others.reduce((sum, one) => sum + (one.count ?? 1), 0)
  const rest = entries.filter(({ kind }) => kind !== 'not selected')
  const [other] = others
  if (other === undefined) return rest
  return [...rest, { ...other, count, why: `${count} ${count === 1 ? 'test was' : 'tests were'} not selected` }]
}

const lackOf = (number: number, of: number): NotRun => ({
  id: `part ${number} of ${of}`,
  kind: 'part',
  why: `part ${number} of ${of} is missing: nothing is known of its tests`,
})

/** Its scenarios began so much after the first of all parts. */
function later(facts: PartFacts, ms: number): PartFacts {
  return {
    ...facts,
    scenarios: facts.scenarios.map((one) =>
      one.startedAtMs === undefined ? one : { ...one, startedAtMs: one.startedAtMs + ms },
    ),
  }
}

const endOfVirtual = (startedAt: string, scenarios: RunResult['scenarios']): string =>
  new Date(Date.parse(startedAt) + scenarios.reduce((sum, { durationMs }) => sum + durationMs, 0)).toISOString()

function joinedNoise(all: NonNullable<RunResult['noise']>): NonNullable<RunResult['noise']> {
  return distinctBy(all, ({ what }) => what).map(({ what }) => {
    const own = all.filter((one) => one.what === what)
    return {
      what,
      count: own.reduce((sum, { count }) => sum + count, 0),
      evidence: own.flatMap(({ evidence }) => evidence).slice(0, 5),
    }
  })
}

function environmentOf(
  results: readonly RunResult[],
  first: NonNullable<RunResult['environment']>,
): NonNullable<RunResult['environment']> {
  const lags = results.flatMap(({ environment }) => environment?.worstLagMs ?? [])
  return {
    ...first,
    seenFrom: [...new Set(results.flatMap(({ environment }) => environment?.seenFrom ?? []))],
    ...(lags.length === 0 ? {} : { worstLagMs: Math.max(...lags) }),
  }
}
