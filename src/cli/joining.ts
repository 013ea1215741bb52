/** What all joining of parts has in common: captures, surveys, times. */
import { copyFileSync, existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { SurveyResult, VitalSign } from '../result/survey-result.js'
import type { RunResult } from '../result/result.js'
import type { CliContext } from './context.js'
import { UsageError } from './errors.js'
import { tellEnd, writeReportOrTell } from './finish.js'
import type { MergeOrder, RunEnd } from './orders.js'
import { pointLatestAt, publish } from './run-folder.js'

/** The report's folder is emptied first. @throws UsageError where it is a part's */
export function assertOutIsApart({ out, results }: Pick<MergeOrder, 'out' | 'results'>): void {
  if (out === undefined) return
  const within = results.find(({ folder }) => resolve(out) === resolve(folder))
  if (within !== undefined)
    throw new UsageError(`--out ${out} is the folder of a part, whose result would be overwritten: choose another one.`)
}

/** Writes the report, and prints what came of it. @param o.work the folder that it is written in first */
export async function finishMerge(
  result: RunResult,
  { order, work }: { readonly order: MergeOrder; readonly work: string },
  context: CliContext,
): Promise<RunEnd> {
  const written = await writeReportOrTell(work, result, context)
  const folder = publish(work)
  if (order.out === undefined) pointLatestAt(folder)
  if (context.json) context.out(`${JSON.stringify(written, null, 2)}\n`)
  tellEnd(context, written, folder)
  return { result: written, folder }
}

/** Copies a part's captures under names of their own. @returns what becomes of their paths */
export function copyEvidence(from: string, to: string, prefix: string): (path: string) => string {
  const folder = join(from, 'evidence')
  for (const name of existsSync(folder) ? readdirSync(folder) : [])
    copyFileSync(join(folder, name), join(to, 'evidence', `${prefix}${name}`))
  return (path) => path.replace(/^evidence\//, `evidence/${prefix}`)
}

/** The same with the paths of captures changed, wherever they are. */
export function withEvidence<T>(value: T, rename: (path: string) => string): T {
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
export function joinedSurvey(surveys: readonly SurveyResult[]): SurveyResult | undefined {
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

export function distinctBy<T>(all: readonly T[], key: (one: T) => string): T[] {
  return [...new Map(all.map((one) => [key(one), one])).values()]
}

export const earliest = (times: readonly string[]): string =>
  times.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0] ?? ''
export const latest = (times: readonly string[]): string =>
  times.toSorted((a, b) => Date.parse(b) - Date.parse(a))[0] ?? ''
