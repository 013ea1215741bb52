/** The folder of a monitor: its state, whose it is at the moment, its rounds. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { replaceFile } from '../report/replace-file.js'
import { freshState, type MonitorState, monitorStateSchema } from '../result/monitor.js'
import { isAlive } from '../worlds/processes.js'

const STATE = 'state.json'
const LOCK = 'lock.json'
export const ROUNDS = 'rounds'
/** What a history keeps of a round: it stays when the round's report is removed. */
export const POINT = 'history.json'

/** Another monitor has the folder, or nothing can be written there. The message is a sentence. */
export class StateFolderError extends Error {
  override readonly name = 'StateFolderError'
}

/** Whose process it is: numbers of processes are used again, the time at which one began tells two of them apart. */
const lockSchema = z.object({ pid: z.number().int(), began: z.string() })

export class StateFolder {
  readonly path: string

  /** Makes the folder where it is not there, and takes it. @throws StateFolderError, or the file system's error */
  constructor(path: string) {
    this.path = path
    mkdirSync(join(path, ROUNDS), { recursive: true })
    const holder = this.#holder()
    if (holder !== undefined)
      throw new StateFolderError(`Another monitor (process ${holder}) uses ${path}: name another folder with --state.`)
    replaceFile(join(path, LOCK), JSON.stringify({ pid: process.pid, began: beganAt(process.pid) }))
  }

  /** Gives the folder back. */
  release(): void {
    rmSync(join(this.path, LOCK), { force: true })
  }

  /** @param told what is the matter with a file that is none: it is put aside, and the monitor begins anew */
  read(target: string, told: (line: string) => void): MonitorState {
    const file = join(this.path, STATE)
    if (!existsSync(file)) return freshState(target)
    try {
      return monitorStateSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    } catch {
      renameSync(file, `${file}.broken`)
      told(`${file} could not be read and is now ${STATE}.broken: what was open is not known any more.`)
      return freshState(target)
    }
  }

  /** @throws the file system's error */
  keep(state: MonitorState): void {
    replaceFile(join(this.path, STATE), `${JSON.stringify(state)}\n`)
  }

  /** A name for the round that begins now, from this folder; new, whatever the date has been set to. */
  nextRound(dateMs: number): string {
    const stamp = new Date(dateMs).toISOString().replace(/[-:]|\.\d+/g, '')
    for (let number = 1; ; number++) {
      const folder = `${ROUNDS}/${number === 1 ? stamp : `${stamp}-${number}`}`
      if (!existsSync(join(this.path, folder))) return folder
    }
  }

  /** Folders of rounds, from this folder, the oldest first; with the date of the last change, Unix ms. */
  rounds(): { readonly folder: string; readonly changedMs: number }[] {
    return readdirSync(join(this.path, ROUNDS), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => ({
        folder: `${ROUNDS}/${name}`,
        changedMs: statSync(join(this.path, ROUNDS, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
      }))
      .toSorted((a, b) => a.changedMs - b.changedMs)
  }

  #holder(): number | undefined {
    try {
      const { pid, began } = lockSchema.parse(JSON.parse(readFileSync(join(this.path, LOCK), 'utf8')))
      return pid !== process.pid && isAlive(pid) && beganAt(pid) === began ? pid : undefined
    } catch {
      return undefined
    }
  }
}

/** When a process began, as Linux tells it, with the boot that it belongs to; empty elsewhere, where the number alone has to do. */
function beganAt(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
    // Field 22, counted behind the name, which may hold spaces.
    const began = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ')[19] ?? ''
    return `${boot} ${began}`
  } catch {
    return ''
  }
}
