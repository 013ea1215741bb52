/** What this machine permits, looked at before a run that would come upon it in the middle. */
import { readFileSync } from 'node:fs'
import { NotRunError } from './errors.js'

/** A run on sockets holds so many files and sockets at a time, with some room. */
const DESCRIPTORS = 256

/** @throws NotRunError where this process may open too few files; where that cannot be told, nothing is said */
export function assertDescriptors(): void {
  const limit = descriptorLimit()
  if (limit === undefined || limit >= DESCRIPTORS) return
  throw new NotRunError(
    `This process may open ${limit} files and sockets, a run needs ${DESCRIPTORS}: permit more with ulimit -n 1024, and run again.`,
  )
}

/** Linux only (proc(5)); Node.js has raised it as far as it may. */
function descriptorLimit(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? []
    return soft === undefined ? undefined : Number(soft)
  } catch {
    return undefined
  }
}
