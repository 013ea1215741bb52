/** The folder of a monitor: its state, whose it is at the moment, its rounds. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { replaceFile } from '../report/replace-file.js'
import { freshState, type MonitorState, monitorStateSchema } from '../result/monitor.js'
import { isAlive } from '../worlds/processes.js'

const STATE = 'state.json'
const LOCK = 'lock.json'
export const ROUNDS = 'rounds'

/** A round's folder: when it began, and its number among those that began in the same second. */
const ROUND = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:-(\d+))?$/

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
    this.#take()
  }

  /** Gives the folder back. */
  release(): void {
    if (this.#lock()?.pid === process.pid) rmSync(join(this.path, LOCK), { force: true })
  }

  /** @param told what is the matter with a file that is none, or another target's: it is put aside, and the monitor begins anew */
  read(target: string, told: (line: string) => void): MonitorState {
    const file = join(this.path, STATE)
    if (!existsSync(file)) return freshState(target)
    const state = this.#stateIn(file)
    if (state?.target === target) return state
    const [aside, why] =
      state === undefined
        ? [`${STATE}.broken`, 'could not be read']
        : [`${STATE}.other`, `is of another target (${state.target})`]
    renameSync(file, join(this.path, aside))
    told(`${file} ${why} and is now ${aside}. The monitor begins anew: what is open now will be told once more.`)
    return freshState(target)
  }

  /** Is on the disk when it returns. @throws the file system's error */
  keep(state: MonitorState): void {
    replaceFile(join(this.path, STATE), `${JSON.stringify(state)}\n`, { flush: true })
  }

  /** A name for the round that begins now, from this folder; new, whatever the date has been set to. */
  nextRound(dateMs: number): string {
    const stamp = new Date(dateMs).toISOString().replace(/[-:]|\.\d+/g, '')
    for (let number = 1; ; number++) {
      const folder = `${ROUNDS}/${number === 1 ? stamp : `${stamp}-${number}`}`
      if (!existsSync(join(this.path, folder))) return folder
    }
  }

  /** Folders of rounds, from this folder, the oldest first; with when each began, Unix ms. What else is there is none of the monitor's. */
  rounds(): { readonly folder: string; readonly begunMs: number }[] {
    return readdirSync(join(this.path, ROUNDS), { withFileTypes: true })
      .flatMap((entry) => {
        const [, year, month, day, hour, minute, second, number = '1'] = ROUND.exec(entry.name) ?? []
        if (year === undefined || !entry.isDirectory()) return []
        const begunMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
        return [{ folder: `${ROUNDS}/${entry.name}`, begunMs, number: Number(number) }]
      })
      .toSorted((a, b) => a.begunMs - b.begunMs || a.number - b.number)
  }

  #stateIn(file: string): MonitorState | undefined {
    try {
      return monitorStateSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    } catch {
      return undefined
    }
  }

  /** Of two that begin at the same time one makes the file. */
  #take(): void {
    const lock = join(this.path, LOCK)
    const wasThere = existsSync(lock)
    const held = this.#lock()
    if (held !== undefined && held.pid !== process.pid && isAlive(held.pid) && beganAt(held.pid) === held.began)
      throw this.#inUse(held.pid)
    // Of one that was killed. Where there is none nothing is removed: it could be one that another has made just now.
    if (wasThere) rmSync(lock, { force: true })
    try {
      writeFileSync(lock, JSON.stringify({ pid: process.pid, began: beganAt(process.pid) }), { flag: 'wx' })
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw this.#inUse(this.#lock()?.pid)
      throw error
    }
  }

  #inUse(pid: number | undefined): StateFolderError {
    const process = pid === undefined ? '' : ` (process ${pid})`
    return new StateFolderError(`Another monitor${process} uses ${this.path}: name another folder with --state.`)
  }

  #lock(): z.infer<typeof lockSchema> | undefined {
    try {
      return lockSchema.parse(JSON.parse(readFileSync(join(this.path, LOCK), 'utf8')))
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
