/** Folders for temporary files, named for this process: those that a process left behind that was killed are removed. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from './processes.js'

const NAME = /^ringproof-k6-(\d+)-\w{6}$/

/**
 * Makes one, and removes those whose process is gone.
 * @param instead where it is made if there is no folder for temporary files (a TMPDIR that is not there)
 * @throws the file system's error
 */
export function temporaryFolder(instead: string): string {
  for (const parent of [tmpdir(), instead]) {
    removeStale(parent)
    try {
      return mkdtempSync(join(parent, `ringproof-k6-${process.pid}-`))
    } catch (error) {
      if (parent === instead) throw error
    }
  }
  throw new Error('unreachable')
}

/** Those of other users cannot be removed, and are none of ours. */
function removeStale(parent: string): void {
  for (const name of quietly(() => readdirSync(parent)) ?? []) {
    const pid = Number(NAME.exec(name)?.[1] ?? 0)
    if (pid > 0 && !isAlive(pid)) quietly(() => rmSync(join(parent, name), { recursive: true, force: true }))
  }
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
