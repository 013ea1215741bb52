/** The folder of a run, and `reports/latest`. */
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { isAlive } from '../worlds/processes.js'
import { UsageError } from './errors.js'

/** What a run writes into its folder (docs/reading-the-report.md). Nothing else there is ours. */
const OWN = [
  'result.json',
  'part.json',
  'index.html',
  'customers.html',
  'junit.xml',
  'ctrf.json',
  'summary.md',
  'evidence',
]
/** Where a run writes as long as it goes on: with the number of its process. */
const UNFINISHED = /^\.unfinished-(\d+)$/

/**
 * Makes the folder that a run writes into. Below `reports/` that is a new one, `reports/<target>/<run>/`. In a folder that was
 * asked for, the files of an earlier run are removed, and the new ones are put there by `publish` when they are complete:
 * after a crash nobody takes old files for those of this run, or half of them for all.
 * @param startedAt Unix ms; names the run
 * @throws UsageError where it cannot be made
 */
export function makeRunFolder(options: { target: string; startedAt: number; out?: string | undefined }): string {
  const { target, startedAt, out } = options
  const stamp = new Date(startedAt).toISOString().replace(/[-:]|\.\d+/g, '')
  const wanted =
    out === undefined ? unusedFolder(resolve('reports', target.replace(/[^\w.-]/g, '_'), stamp)) : resolve(out)
  try {
    makeFolder(wanted)
    if (out !== undefined) removeEarlier(wanted)
    const folder = out === undefined ? wanted : join(wanted, `.unfinished-${process.pid}`)
    makeFolder(join(folder, 'evidence'))
    return folder
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`The report cannot be written to ${wanted}: ${why}. Choose another folder with --out.`)
  }
}

/**
 * Puts what a run has written where it was asked for.
 * @param folder as `makeRunFolder` gave it
 * @returns where it is now
 * @throws the file system's error
 */
export function publish(folder: string): string {
  const wanted = finalFolderOf(folder)
  if (wanted === folder) return folder
  for (const name of readdirSync(folder)) {
    const path = join(wanted, name)
    // A folder cannot be put over one that holds something, which is somebody's own then.
    if (name === 'evidence' && existsSync(path)) moveInto(join(folder, name), path)
    else renameSync(join(folder, name), path)
  }
  rmSync(folder, { recursive: true, force: true })
  return wanted
}

/** Where `publish` puts it. */
export const finalFolderOf = (folder: string): string => (UNFINISHED.test(basename(folder)) ? dirname(folder) : folder)

function moveInto(from: string, to: string): void {
  for (const name of readdirSync(from)) renameSync(join(from, name), join(to, name))
}

/** Removes the report of an earlier run, and what runs left behind that were killed. */
function removeEarlier(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = Number(UNFINISHED.exec(name)?.[1] ?? 0)
    if (pid > 0 ? !isAlive(pid) : OWN.includes(name) && isReportFile(folder, name))
      rmSync(join(folder, name), { recursive: true, force: true })
  }
}

/** `evidence` may be somebody's own folder: it is ours where nothing but captures and sound is in it. */
function isReportFile(folder: string, name: string): boolean {
  if (name !== 'evidence') return true
  const path = join(folder, name)
  return lstatSync(path).isDirectory() && readdirSync(path).every((one) => /\.(?:pcapng|wav)$/.test(one))
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
