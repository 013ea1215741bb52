/** The command `merge`: the parts of one load become one verdict and one report. */
import { type ReadResult, together } from '../load/belong-together.js'
import { mergedLoad } from '../load/merged-load.js'
import type { RunResult } from '../result/result.js'
import { conclude } from '../verdict/conclude.js'
import { placeOfLoad } from '../verdict/place.js'
import type { CliContext } from './context.js'
import { UsageError } from './errors.js'
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

/** Joins the results, decides, and writes the report. @throws NotTogetherError, UsageError */
export async function mergeLoads(order: MergeOrder, context: CliContext): Promise<RunEnd> {
  const { parts, missing } = together(order.results)
  const results = parts.map(({ folder }) => resultIn(folder, order.results))
  const [first] = results
  if (first === undefined) throw new UsageError('There is nothing to be joined.')
  assertOutIsApart(order)
  const startedAt = earliest(results.map((result) => result.startedAt))
  const work = makeRunFolder({ target: first.target.name, startedAt: Date.parse(startedAt), out: order.out })
  const named = parts.map((one, index) => {
    const rename = copyEvidence(one.folder, work, `part-${index + 1}-`)
    return {
      one: { ...one, load: withEvidence(one.load, rename) },
      survey: withEvidence(results[index]?.survey, rename),
    }
  })
  const [head, ...rest] = named
  if (head === undefined) throw new UsageError('There is nothing to be joined.')
  const load = mergedLoad([head.one, ...rest.map(({ one }) => one)], missing)
  const survey = joinedSurvey(named.flatMap((one) => one.survey ?? []))
  const place = placeOfLoad(load.profile)
  const notRun = distinctBy(
    order.results.flatMap(({ result }) => result.notRun.filter(({ kind }) => kind !== 'load')),
    (one) => JSON.stringify([one.id, one.why]),
  )
  const { verdict, exitCode, sentence, findings, outcome } = conclude({
    scenarios: [],
    notes: (load.notes ?? []).map((note) => ({ note, place, evidence: [] })),
    notRun,
    survey,
    load,
    known: order.deviations,
    failOn: order.failOn,
    incomplete: false,
  })
  const { scenarios: _, failOn: _failOn, comparison: _comparison, ...about } = first
  const result: RunResult = {
    ...about,
    command: 'merge',
    startedAt,
    endedAt: latest(results.map(({ endedAt }) => endedAt)),
    target: { ...first.target, software: [...new Set(results.flatMap(({ target }) => target.software ?? []))] },
    ...(survey === undefined ? {} : { survey }),
    verdict,
    sentence,
    exitCode,
    scenarios: [],
    notRun,
    findings,
    load,
    repeat: repeatMerge(order),
    ...failingOn(order.failOn, order.onlyRegressions),
  }
  return finishMerge(compared(order, { result, outcome }), { order, work }, context)
}

function resultIn(folder: string, results: readonly ReadResult[]): RunResult {
  const found = results.find((one) => one.folder === folder)
  if (found === undefined) throw new Error(`no result was read from ${folder}`)
  return found.result
}
