/** The command `history`: reads the runs below a folder, and writes their page. */
import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { storageTrouble } from '../evidence/storage-trouble.js'
import { HistoryCache } from '../report/history-cache.js'
import { historyPage } from '../report/history-page.js'
import { replaceFile } from '../report/replace-file.js'
import { type RunBelow, runsBelow } from '../report/runs-below.js'
import type { History, HistoryPoint } from '../result/history.js'
import { counted } from '../result/texts.js'
import { historyOf } from '../verdict/history.js'
import { type FoundAt, pointOfRouter, pointOfRun } from '../verdict/history-points.js'
import { version } from '../worlds/package-folder.js'
import { oneLine } from './console.js'
import type { CliContext } from './context.js'
import { UsageError } from './errors.js'

export interface HistoryOrder {
  readonly folder: string
  /** The page; default `history.html` in the folder. */
  readonly out?: string | undefined
  /** Only targets whose name holds one of these. */
  readonly targets?: readonly string[] | undefined
}

/** What is known of large results, in the folder that is read. */
const CACHE = '.ringproof-history.json'
/** Lines about files that could not be read. */
const MOST_UNREAD = 5

/** @throws UsageError where there is no folder, no run in it, or the page cannot be written */
export async function performHistory({ folder, out, targets }: HistoryOrder, context: CliContext): Promise<void> {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new UsageError(`There is no folder ${folder}; name one with runs below it, such as reports.`)
  const history = ofTargets(
    readHistory(folder, (line) => context.status(line)),
    targets,
  )
  context.status('')
  tellUnread(history, context)
  const runs = history.targets.reduce((sum, one) => sum + one.runs.length, 0)
  if (runs === 0) throw new UsageError(`No run below ${folder}${targets === undefined ? '' : ' of that target'}.`)
  if (context.json) {
    context.out(`${JSON.stringify(history, null, 2)}\n`)
    if (out === undefined) return
  }
  const file = resolve(out ?? join(folder, 'history.html'))
  try {
    replaceFile(file, await historyPage(history, relative(dirname(file), folder).split(sep).join('/')))
  } catch (error) {
    const why = storageTrouble(error)
    if (why === undefined) throw error
    throw new UsageError(`${file} cannot be written: ${why}. Choose another file with --out.`)
  }
  context.report(`${counted(runs, 'run')} of ${counted(history.targets.length, 'target')}: ${file}`)
}

/** Everything below a folder. @param tell what is being read */
export function readHistory(folder: string, tell: (line: string) => void = () => {}): History {
  const points: HistoryPoint[] = []
  const unread: { path: string; why: string }[] = []
  const cache = new HistoryCache(join(folder, CACHE), version())
  for (const one of runsBelow(resolve(folder), (path, stats) => cache.get(path, stats))) {
    if (one.kind === 'unread') {
      unread.push({ path: one.path, why: one.why })
      continue
    }
    const { folder: at, report, writtenAt } = one
    const found = { folder: at, writtenAt, ...(report === undefined ? {} : { report }) }
    const point = pointOf(one, found)
    points.push(point)
    if (one.kind === 'run') cache.put(one.file.path, one.file.stats, point)
    tell(`${points.length} runs: ${at}`)
  }
  cache.keep()
  return historyOf(version(), points, unread)
}

function pointOf(one: Exclude<RunBelow, { kind: 'unread' }>, found: FoundAt): HistoryPoint {
  if (one.kind === 'run') return pointOfRun(one.result, found)
  if (one.kind === 'router') return pointOfRouter(one.result, found)
  // Its paths are from another folder, the monitor's perhaps, and its report may have been removed meanwhile.
  const { report: _, ...run } = one.point.run
  const { writtenAt: _w, ...at } = found
  return { ...one.point, run: { ...run, ...at } }
}

function ofTargets(history: History, names: readonly string[] | undefined): History {
  if (names === undefined) return history
  const wanted = names.map((name) => name.toLowerCase())
  return {
    ...history,
    targets: history.targets.filter(({ name }) => wanted.some((one) => name.toLowerCase().includes(one))),
  }
}

function tellUnread({ unread }: History, context: CliContext): void {
  for (const { path, why } of unread.slice(0, MOST_UNREAD)) context.complain(oneLine(`Left out: ${path} ${why}`, 400))
  const more = unread.length - MOST_UNREAD
  if (more > 0) context.complain(`and ${counted(more, 'more file')}; the page has them all.`)
}
