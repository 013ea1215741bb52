/**
 * A round in a process of its own: `ringproof run`, as a user would type it. What goes wrong there, a defect or a lack of memory, ends
 * the round and not the monitor, and nothing is left over from one round to the next. It ends with the monitor, however that ends.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ENDS_WITH_PARENT } from '../worlds/child-environment.js'
import { readResult } from '../report/read-result.js'
import { packageFolder } from '../worlds/package-folder.js'
import type { RoundReport } from './monitor.js'

export interface ChildRound {
  /** Arguments of `ringproof`, without the folder. */
  readonly args: readonly string[]
  /** The monitor's folder, and that of the round in it. */
  readonly root: string
  readonly folder: string
  readonly signal: AbortSignal
  /** A round that has not ended after so long is ended, ms. */
  readonly mostMs: number
}

/** Milliseconds for calls to be hung up. */
const STOP_MS = 30_000
const MOST_SAID = 2_000

export function childRound({ args, root, folder, signal, mostMs }: ChildRound): Promise<RoundReport> {
  const out = join(root, folder)
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [join(packageFolder, 'bin', 'ringproof.mjs'), ...args, '--out', out, '--quiet'],
      {
        // A group of its own: Ctrl-C at the terminal is for the monitor, which passes it on.
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, [ENDS_WITH_PARENT]: String(process.pid) },
      },
    )
    let said = ''
    let overdue = false
    let kill: NodeJS.Timeout | undefined
    const stop = () => {
      child.kill('SIGTERM')
      kill ??= setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    }
    const patience = setTimeout(() => {
      overdue = true
      stop()
    }, mostMs)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    child.stderr.on('data', (data: Buffer) => {
      said = `${said}${data.toString()}`.slice(-MOST_SAID)
    })
    const end = (report: RoundReport) => {
      clearTimeout(patience)
      clearTimeout(kill)
      signal.removeEventListener('abort', stop)
      resolve(report)
    }
    child.once('error', (error) => end({ trouble: `the round could not be started: ${error.message}` }))
    child.once('close', (code, killedBy) => {
      const read = resultIn(out)
      const late = overdue
        ? `the round had not ended after ${Math.round(mostMs / 60_000)} minutes and was ended`
        : undefined
      if (read !== undefined) return end({ folder, result: read, trouble: late })
      const why = said.trim().split('\n').at(-1) ?? ''
      return end({
        trouble: late ?? (why === '' ? `the round ended with ${code ?? killedBy} and left no result` : why),
      })
    })
  })
}

function resultIn(folder: string): RoundReport['result'] {
  if (!existsSync(join(folder, 'result.json'))) return undefined
  try {
    return readResult(folder).result
  } catch {
    return undefined
  }
}
