/** The folder of a run, and `reports/latest`. */
import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { UsageError } from './errors.js'

/**
 * Makes the folder of a run: `reports/<target>/<run>/`, or the one that was asked for.
 * @param startedAt Unix ms; names the run
 * @throws UsageError where it cannot be made
 */
export function makeRunFolder(options: { target: string; startedAt: number; out?: string | undefined }): string {
  const { target, startedAt, out } = options
  const stamp = new Date(startedAt).toISOString().replace(/[-:]|\.\d+/g, '')
  const folder =
    out === undefined ? unusedFolder(resolve('reports', target.replace(/[^\w.-]/g, '_'), stamp)) : resolve(out)
  try {
    makeFolder(join(folder, 'evidence'))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`The report cannot be written to ${folder}: ${why}. Choose another folder with --out.`)
  }
  return folder
}

/** Step by step: where a folder can never be made (below /proc, say), Node's recursive mkdir tries for ever. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path)
}

/** Lets `reports/latest` lead to a run's folder. Where links are not to be had, it is left as it is. */
export function pointLatestAt(folder: string): void {
  const link = resolve('reports', 'latest')
  try {
    mkdirSync(dirname(link), { recursive: true })
    const there = lstatSync(link, { throwIfNoEntry: false })
    // Somebody's own folder of that name is not ours to remove.
    if (there !== undefined && !there.isSymbolicLink()) return
    rmSync(link, { force: true })
    symlinkSync(relative(dirname(link), folder), link, 'dir')
  } catch {
    // A convenience only: the path of the report is printed anyway.
  }
}

/** The path itself, or with the first number behind it that makes it new. */
function unusedFolder(path: string, number = 1): string {
  const folder = number === 1 ? path : `${path}-${number}`
  return existsSync(folder) ? unusedFolder(path, number + 1) : folder
}
