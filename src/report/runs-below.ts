/** Finds the results of runs below a folder, and reads them one by one: a hundred of them would not fit into memory. */
import { existsSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { type HistoryPoint, historyPointSchema } from '../result/history.js'
import type { RunResult } from '../result/result.js'
import { type RouterSummary, routerSummarySchema } from '../result/router-result.js'
import { readResult, ResultFileError } from './read-result.js'

interface Found {
  /** From the folder that was searched, with `/`: `.` for itself. */
  readonly folder: string
  readonly report?: string
  readonly writtenAt: string
}

/** A file, from the folder that was searched, and what the file system says of it. */
interface ReadFile {
  readonly path: string
  readonly stats: Stats
}

export type RunBelow =
  | (Found & { readonly kind: 'run'; readonly result: RunResult; readonly file: ReadFile })
  | (Found & { readonly kind: 'router'; readonly result: RouterSummary })
  | (Found & { readonly kind: 'point'; readonly point: HistoryPoint })
  | { readonly kind: 'unread'; readonly path: string; readonly why: string }

type Known = (path: string, stats: Stats) => HistoryPoint | undefined

const FILES = { 'result.json': 'index.html', 'router.json': 'router.html' } as const
/** What a monitor keeps of a round, beside its result at first, and then alone. */
export const POINT_FILE = 'round.json'

/**
 * Every `result.json` and `router.json` below a folder, and what monitors keep of rounds, in the order of their paths. Links are not followed (`reports/latest` would
 * tell a run twice), and neither captures nor runs that go on at the moment are looked into. What cannot be read is told, with why.
 * @param known what is known of a result already: it is not read then
 */
export function* runsBelow(root: string, known: Known = () => undefined): Generator<RunBelow> {
  for (const path of filesBelow(root)) {
    const shown = relative(root, path).split(sep).join('/')
    try {
      yield read(root, path, known)
    } catch (error) {
      yield { kind: 'unread', path: shown, why: whyOf(error, path, shown) }
    }
  }
}

function read(root: string, path: string, known: Known): RunBelow {
  const folder = relative(root, dirname(path)).split(sep).join('/')
  const stats = statSync(path)
  const isPoint = path.endsWith(POINT_FILE)
  const isRouter = path.endsWith('router.json')
  const page = FILES[isRouter ? 'router.json' : 'result.json']
  const found = {
    folder: folder === '' ? '.' : folder,
    ...(existsSync(join(dirname(path), page)) ? { report: folder === '' ? page : `${folder}/${page}` } : {}),
    writtenAt: stats.mtime.toISOString(),
  }
  if (isPoint) {
    const point = pointIn(path)
    if (point !== undefined) return { kind: 'point', ...found, point }
    const result = join(dirname(path), 'result.json')
    if (existsSync(result)) return read(root, result, known)
    throw new ResultFileError(`${path} is not what a monitor keeps of a round, or was not written to its end.`)
  }
  if (!isRouter) {
    const file = { path: relative(root, path), stats }
    const point = known(file.path, stats)
    if (point !== undefined) return { kind: 'point', ...found, point }
    return { kind: 'run', ...found, result: readResult(path).result, file }
  }
  const parsed = routerSummarySchema.safeParse(JSON.parse(readFileSync(path, 'utf8')))
  if (!parsed.success) throw new ResultFileError(`${path} is not a router test of ringproof.`)
  return { kind: 'router', ...found, result: parsed.data }
}

function pointIn(path: string): HistoryPoint | undefined {
  try {
    return historyPointSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}

/** In a sentence, without the path, which stands beside it. */
function whyOf(error: unknown, path: string, shown: string): string {
  if (error instanceof ResultFileError) return error.message.replace(`${path} `, '').replaceAll(path, shown)
  if (error instanceof SyntaxError) return 'is not JSON: it was not written by ringproof, or not to its end.'
  return error instanceof Error ? error.message : String(error)
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  // A monitor's round is told once, as the monitor saw it.
  const isRound = entries.some((entry) => entry.name === POINT_FILE && entry.isFile())
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isFile()) return (isRound ? entry.name === POINT_FILE : entry.name in FILES) ? [path] : []
    if (!entry.isDirectory() || entry.name.startsWith('.') || LEFT_OUT.has(entry.name)) return []
    return filesIn(path)
  })
}

const LEFT_OUT = new Set(['evidence', 'node_modules'])

/** One that nobody may look into holds up no other. */
function filesIn(folder: string): string[] {
  try {
    return filesBelow(folder)
  } catch {
    return []
  }
}
