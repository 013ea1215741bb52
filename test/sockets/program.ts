/** The program as a user starts it, watched until it ends, with a signal in the middle where one is asked for. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Ended {
  readonly code: number | null
  readonly told: string
  /** Milliseconds of its own processor time between the signal and the word that it was heard: what else the machine does is not in it. */
  readonly heardMs: number
  /** Milliseconds from the signal to the end. */
  readonly endedMs: number
  /** Largest resident set that was seen, bytes. */
  readonly rss: number
}

export interface How {
  readonly args: string[]
  /** Milliseconds after the words that are waited for. */
  readonly signalAfter?: { readonly words: RegExp; readonly ms: number }
  /** Or as soon as this has come true. */
  readonly signalOn?: Promise<unknown>
  readonly env?: Record<string, string>
  readonly shell?: string
}

/** Runs it to its end. */
export function ringproof({ args, signalAfter, signalOn, env = {}, shell = '' }: How): Promise<Ended> {
  return new Promise((resolve) => {
    const line = `${shell} exec "$0" bin/ringproof.mjs "$@"`
    const child = spawn('/bin/sh', ['-c', line, process.execPath, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    })
    let told = ''
    let rss = 0
    let signalled: { readonly at: number; readonly usedMs: number } | undefined
    const interrupt = () => {
      signalled = { at: performance.now(), usedMs: processorMs(child.pid) }
      child.kill('SIGINT')
    }
    void signalOn?.then(interrupt)
    let heardMs = Number.NaN
    const watch = setInterval(() => {
      const pages = existsSync(`/proc/${child.pid}/statm`) ? readFileSync(`/proc/${child.pid}/statm`, 'latin1') : ''
      rss = Math.max(rss, 4096 * Number(pages.split(' ')[1] ?? 0))
    }, 100)
    let armed = false
    child.stderr.on('data', (data: Buffer) => {
      told += data.toString()
      if (signalled !== undefined && /Interrupted/.test(told) && Number.isNaN(heardMs))
        heardMs = processorMs(child.pid) - signalled.usedMs
      if (signalAfter === undefined || armed || !signalAfter.words.test(told)) return
      armed = true
      setTimeout(interrupt, signalAfter.ms)
    })
    child.on('close', (code) => {
      clearInterval(watch)
      resolve({ code, told, heardMs, endedMs: performance.now() - (signalled?.at ?? Number.NaN), rss })
    })
  })
}

/** Processor time that a process has used, all its threads together, ms in steps of 10. */
function processorMs(pid: number | undefined): number {
  const path = `/proc/${pid}/stat`
  // Fields 14 and 15, counted behind the name, which may hold spaces: clock ticks of a hundredth of a second.
  const fields = existsSync(path) ? readFileSync(path, 'latin1').split(') ').at(-1)?.split(' ') : undefined
  return fields === undefined ? Number.NaN : 10 * (Number(fields[11]) + Number(fields[12]))
}

/** What the report in `out` says. */
export const resultIn = (out: string) => JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))
