/** Targets that a script starts and stops: `SCRIPT start` prints a line that begins with `ready`, `SCRIPT stop` ends it, `SCRIPT restart` does what a restart of its servers does, `SCRIPT lose ADDRESS` and `SCRIPT regain ADDRESS` take a server away and bring it back. */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { LaunchError } from './target-errors.js'

export interface LaunchOptions {
  /** Absolute path. */
  readonly script: string
  /** Milliseconds that it may take. */
  readonly withinMs: number
  /** Ends a start that is under way. */
  readonly signal: AbortSignal
  /** Of which server. */
  readonly address?: string
}

const LAST_WORDS_MS = 250

/** Codes that a launch script ends with besides 0: what it needs is not installed (its last line says the command). */
const NOT_INSTALLED = 5

/** @throws LaunchError, or the signal's reason where it was aborted while starting */
export function runScript(
  verb: 'start' | 'stop' | 'restart' | 'lose' | 'regain',
  { script, withinMs, signal, address }: LaunchOptions,
): Promise<void> {
  return new Promise((done, fail) => {
    // In a group of its own: Ctrl-C at the terminal is for ringproof, which then stops the target in an orderly way.
    // The script may watch over this process: what it started must not outlive a ringproof that was killed.
    const env = { ...process.env, RINGPROOF_PID: String(process.pid), RINGPROOF_NODE: process.execPath }
    const child = spawn(script, address === undefined ? [verb] : [verb, address], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env,
    })
    let said = ''
    let timedOut = false
    const hear = (data: Buffer) => {
      said = (said + data.toString('utf8')).slice(-4000)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    // With all that it started itself: it leads a group of its own.
    const end = (kill: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, kill)
      } catch {
        // It is gone already.
      }
    }
    const timer = setTimeout(() => {
      timedOut = true
      end('SIGKILL')
    }, withinMs)
    child.once('error', (error) => {
      clearTimeout(timer)
      fail(new LaunchError('script', `${script} cannot be started: ${error.message}`))
    })
    const conclude = (code: number | null) => {
      const last = said.trim().split('\n').at(-1) ?? ''
      if (code === 0) done()
      else if (verb !== 'stop' && signal.aborted) fail(signal.reason)
      else if (code === NOT_INSTALLED) fail(new LaunchError('not-installed', last))
      else if (timedOut)
        fail(new LaunchError('failed', `${script} ${verb} did not end within ${withinMs / 1000} s${words(last)}`))
      else fail(new LaunchError('failed', `${script} ${verb} ended with ${code ?? 'a signal'}${words(last)}`))
    }
    child.once('exit', (code) => {
      clearTimeout(timer)
      // What it said last may still be in the pipes; they stay open where it left something running with them.
      const closed = new Promise<void>((close) => child.once('close', () => close()))
      void Promise.race([closed, sleep(LAST_WORDS_MS)]).then(() => conclude(code))
    })
    // An interruption ends what is being started or restarted; what is being stopped comes to its end in any case.
    const interrupted = () => end('SIGTERM')
    if (verb !== 'stop') {
      if (signal.aborted) interrupted()
      else signal.addEventListener('abort', interrupted, { once: true })
      for (const over of ['exit', 'error']) child.once(over, () => signal.removeEventListener('abort', interrupted))
    }
  })
}

const words = (last: string): string => (last === '' ? ' and printed nothing' : `: ${last}`)
