/** Finds the results of runs below a folder, and reads them one by one: a hundred of them would not fit into memory. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import type { RunResult } from '../result/result.js'
import { type RouterSummary, routerSummarySchema } from '../result/router-result.js'
import { readResult, ResultFileError } from './read-result.js'

interface Found {
  /** From the folder that was searched, with `/`: `.` for itself. */
  readonly folder: string
  readonly report?: string
  readonly writtenAt: string
}

export type RunBelow =
  | (Found & { readonly kind: 'run'; readonly result: RunResult })
  | (Found & { readonly kind: 'router'; readonly result: RouterSummary })
  | { readonly kind: 'unread'; readonly path: string; readonly why: string }

const FILES = { 'result.json': 'index.html', 'router.json': 'router.html' } as const

/**
 * Every `result.json` and `router.json` below a folder, in the order of their paths. Links are not followed (`reports/latest` would
 * tell a run twice), and neither captures nor runs that go on at the moment are looked into. What cannot be read is told, with why.
 */
export function* runsBelow(root: string): Generator<RunBelow> {
  for (const path of filesBelow(root)) {
    const shown = relative(root, path).split(sep).join('/')
    try {
      yield read(root, path)
    } catch (error) {
      yield { kind: 'unread', path: shown, why: whyOf(error, path, shown) }
    }
  }
}

function read(root: string, path: string): RunBelow {
  const folder = relative(root, dirname(path)).split(sep).join('/')
  const isRouter = path.endsWith('router.json')
  const page = FILES[isRouter ? 'router.json' : 'result.json']
  const found = {
    folder: folder === '' ? '.' : folder,
    ...(existsSync(join(dirname(path), page)) ? { report: folder === '' ? page : `${folder}/${page}` } : {}),
    writtenAt: statSync(path).mtime.toISOString(),
  }
  if (!isRouter) return { kind: 'run', ...found, result: readResult(path).result }
  const parsed = routerSummarySchema.safeParse(JSON.parse(readFileSync(path, 'utf8')))
  if (!parsed.success) throw new ResultFileError(`${path} is not a router test of ringproof.`)
  return { kind: 'router', ...found, result: parsed.data }
}

/** In a sentence, without the path, which stands beside it. */
function whyOf(error: unknown, path: string, shown: string): string {
  if (error instanceof ResultFileError) return error.message.replace(`${path} `, '').replaceAll(path, shown)
  if (error instanceof SyntaxError) return 'is not JSON: it was not written by ringproof, or not to its end.'
  return error instanceof Error ? error.message : String(error)
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isFile()) return entry.name in FILES ? [path] : []
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
