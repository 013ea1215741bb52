/**
 * A round in a process of its own: `ringproof run`, as a user would type it. What goes wrong there, a defect or a lack of memory, ends
 * the round and not the monitor, and nothing is left over from one round to the next. It ends with the monitor, however that ends.
 */
import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ENDS_WITH_PARENT } from '../worlds/child-environment.js'
import { readResult } from '../report/read-result.js'
import { resultSchema } from '../result/result.js'
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
  /** What Node runs; default: ringproof. */
  readonly program?: readonly string[]
}

const RINGPROOF = [join(packageFolder, 'bin', 'ringproof.mjs')]

/** Milliseconds for calls to be hung up. */
const STOP_MS = 30_000
const MOST_SAID = 2_000

export function childRound({
  args,
  root,
  folder,
  signal,
  mostMs,
  program = RINGPROOF,
}: ChildRound): Promise<RoundReport> {
  const out = join(root, folder)
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      // Its result by the pipe, too: a disk that is full must not make the monitor blind.
      [...program, ...args, '--out', out, '--quiet', '--json'],
      {
        // A group of its own: Ctrl-C at the terminal is for the monitor, which passes it on.
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, [ENDS_WITH_PARENT]: String(process.pid) },
      },
    )
    let said = ''
    const printed: Buffer[] = []
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
    child.stdout.on('data', (data: Buffer) => printed.push(data))
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
      const late = overdue
        ? `the round had not ended after ${Math.round(mostMs / 60_000)} minutes and was ended`
        : undefined
      const read = resultIn(out)
      if (read !== undefined) return end({ folder, result: read, trouble: late })
      const why = complaintIn(said, out)
      // Of no use to anybody, and where the disk is full the next one needs the room.
      removed(out)
      const result = resultOf(printed)
      if (result !== undefined) return end({ result, unkept: why, trouble: late })
      return end({
        trouble: late ?? (why === '' ? `the round ended with ${code ?? killedBy} and left no result` : why),
      })
    })
  })
}

/** What was complained of last, as a monitor has to know it: its user chose no folder for the round. */
const complaintIn = (said: string, out: string): string =>
  (said.trim().split('\n').at(-1) ?? '')
    .replaceAll(out, 'the folder of the round')
    .replace(/\/\.unfinished-\d+/, '')
    .replace(/ Choose another folder with --out.*$/, '')

function removed(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {
    // What cannot be removed is removed with the old rounds.
  }
}

/** Undefined where there is none, or where it cannot be read. */
function resultIn(folder: string): RoundReport['result'] {
  if (!existsSync(join(folder, 'result.json'))) return undefined
  try {
    return readResult(folder).result
  } catch {
    return undefined
  }
}

function resultOf(printed: readonly Buffer[]): RoundReport['result'] {
  try {
    return resultSchema.safeParse(JSON.parse(Buffer.concat(printed).toString())).data
  } catch {
    return undefined
  }
}
