/** The program as a user starts it, watched until it ends, with a signal in the middle where one is asked for. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Ended {
  readonly code: number | null
  readonly told: string
  /** Milliseconds from the signal to the word that it was heard, and to the end. */
  readonly heardMs: number
  readonly endedMs: number
  /** Largest resident set that was seen, bytes. */
  readonly rss: number
}

export interface How {
  readonly args: string[]
  /** Milliseconds after the words that are waited for. */
  readonly signalAfter?: { readonly words: RegExp; readonly ms: number }
  readonly env?: Record<string, string>
  readonly shell?: string
}

/** Runs it to its end. */
export function ringproof({ args, signalAfter, env = {}, shell = '' }: How): Promise<Ended> {
  return new Promise((resolve) => {
    const line = `${shell} exec "$0" bin/ringproof.mjs "$@"`
    const child = spawn('/bin/sh', ['-c', line, process.execPath, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    })
    let told = ''
    let rss = 0
    let signalled: number | undefined
    let heardMs = Number.NaN
    const watch = setInterval(() => {
      const pages = existsSync(`/proc/${child.pid}/statm`) ? readFileSync(`/proc/${child.pid}/statm`, 'latin1') : ''
      rss = Math.max(rss, 4096 * Number(pages.split(' ')[1] ?? 0))
    }, 100)
    let armed = false
    child.stderr.on('data', (data: Buffer) => {
      told += data.toString()
      if (signalled !== undefined && /Interrupted/.test(told) && Number.isNaN(heardMs))
        heardMs = performance.now() - signalled
      if (signalAfter === undefined || armed || !signalAfter.words.test(told)) return
      armed = true
      setTimeout(() => {
        signalled = performance.now()
        child.kill('SIGINT')
      }, signalAfter.ms)
    })
    child.on('close', (code) => {
      clearInterval(watch)
      resolve({ code, told, heardMs, endedMs: performance.now() - (signalled ?? Number.NaN), rss })
    })
  })
}

/** What the report in `out` says. */
export const resultIn = (out: string) => JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))
