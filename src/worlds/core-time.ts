/** How long the threads of a process ran, and how long they were ready to run and had no core (Linux). */
import { readdirSync, readFileSync } from 'node:fs'

/** Since the process began, ms, all of its threads together. */
export interface CoreTime {
  readonly ranMs: number
  readonly waitedMs: number
}

/** @returns undefined where the system does not say, or the process is gone */
export function coreTimeOf(pid: number): CoreTime | undefined {
  try {
    const tasks = `/proc/${pid}/task`
    let [ran, waited] = [0, 0]
    for (const task of readdirSync(tasks)) {
      // Nanoseconds on a core, nanoseconds in the queue for one, turns.
      const [run = 0, wait = 0] = readFileSync(`${tasks}/${task}/schedstat`, 'latin1').split(' ').map(Number)
      ran += run
      waited += wait
    }
    return { ranMs: ran / 1e6, waitedMs: waited / 1e6 }
  } catch {
    return undefined
  }
}
