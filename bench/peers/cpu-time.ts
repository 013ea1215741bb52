/** CPU time of another process, from Linux's proc(5). */
import { readdirSync, readFileSync } from 'node:fs'

/** Of all its threads so far, µs; NaN where the system does not tell. */
export function cpuTimeUs(pid: number): number {
  try {
    let ns = 0
    for (const thread of readdirSync(`/proc/${pid}/task`))
      ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0])

    return ns / 1000
  } catch {
    return Number.NaN
  }
}
