/** The command `merge`: the parts of one load become one verdict and one report. */
import { copyFileSync, existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type ReadResult, together } from '../load/belong-together.js'
import { mergedLoad } from '../load/merged-load.js'
import type { SurveyResult, VitalSign } from '../result/survey-result.js'
import type { RunResult } from '../result/result.js'
import { conclude } from '../verdict/conclude.js'
import type { KnownDeviations, RunFacts } from '../verdict/facts.js'
import { placeOfLoad } from '../verdict/place.js'
import type { CliContext } from './context.js'
import { UsageError } from './errors.js'
import { tellEnd, writeReportOrTell } from './finish.js'
import type { RunEnd } from './orders.js'
import { makeRunFolder, pointLatestAt, publish } from './run-folder.js'

export interface MergeOrder {
  /** In the order in which they were named. */
  readonly results: readonly ReadResult[]
  readonly out?: string | undefined
  readonly deviations?: KnownDeviations | undefined
  readonly failOn?: RunFacts['failOn']
}

/** Joins the results, decides, and writes the report. @throws NotTogetherError, UsageError */
export async function performMerge(order: MergeOrder, context: CliContext): Promise<RunEnd> {
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
  const { verdict, exitCode, sentence, findings } = conclude({
    scenarios: [],
    notes: (load.notes ?? []).map((note) => ({ note, place, evidence: [] })),
    notRun,
    survey,
    load,
    known: order.deviations,
    failOn: order.failOn,
    incomplete: false,
  })
  const { scenarios: _, ...about } = first
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
    repeat: `npx ringproof merge ${order.results.map(({ folder }) => folder).join(' ')}`,
  }
  const written = await writeReportOrTell(work, result, context)
  const folder = publish(work)
  if (order.out === undefined) pointLatestAt(folder)
  if (context.json) context.out(`${JSON.stringify(written, null, 2)}\n`)
  tellEnd(context, written, folder)
  return { result: written, folder }
}

function resultIn(folder: string, results: readonly ReadResult[]): RunResult {
  const found = results.find((one) => one.folder === folder)
  if (found === undefined) throw new Error(`no result was read from ${folder}`)
  return found.result
}

/** The report's folder is emptied first. @throws UsageError where it is a part's */
function assertOutIsApart({ out, results }: MergeOrder): void {
  if (out === undefined) return
  const within = results.find(({ folder }) => resolve(out) === resolve(folder))
  if (within !== undefined)
    throw new UsageError(`--out ${out} is the folder of a part, whose result would be overwritten: choose another one.`)
}

/** Copies a part's captures under names of their own. @returns what becomes of their paths */
function copyEvidence(from: string, to: string, prefix: string): (path: string) => string {
  const folder = join(from, 'evidence')
  for (const name of existsSync(folder) ? readdirSync(folder) : [])
    copyFileSync(join(folder, name), join(to, 'evidence', `${prefix}${name}`))
  return (path) => path.replace(/^evidence\//, `evidence/${prefix}`)
}

/** The same with the paths of captures changed, wherever they are. */
function withEvidence<T>(value: T, rename: (path: string) => string): T {
  const changed = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(changed)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(
      Object.entries(part).map(([name, one]: [string, unknown]) => [
        name,
        name === 'evidence' && Array.isArray(one)
          ? one.map((path: unknown) => (typeof path === 'string' ? rename(path) : path))
          : changed(one),
      ]),
    )
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- shape and types stay as they are
  return changed(value) as T
}

/** Every vital sign that a part looked at, as the part saw it that saw it worst; facts as the first part learned them. */
function joinedSurvey(surveys: readonly SurveyResult[]): SurveyResult | undefined {
  const [first] = surveys
  if (first === undefined) return undefined
  const signs = new Map<string, VitalSign>()
  for (const sign of surveys.flatMap(({ vitalSigns }) => vitalSigns)) {
    const key = JSON.stringify([sign.id, sign.variant, sign.account])
    const known = signs.get(key)
    if (known === undefined || (known.code === undefined && sign.code !== undefined)) signs.set(key, sign)
  }
  return {
    ...first,
    durationMs: Math.max(...surveys.map(({ durationMs }) => durationMs)),
    vitalSigns: [...signs.values()],
  }
}

function distinctBy<T>(all: readonly T[], key: (one: T) => string): T[] {
  return [...new Map(all.map((one) => [key(one), one])).values()]
}

const earliest = (times: readonly string[]): string => times.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0] ?? ''
const latest = (times: readonly string[]): string => times.toSorted((a, b) => Date.parse(b) - Date.parse(a))[0] ?? ''
