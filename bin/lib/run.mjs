import { spawn } from 'node:child_process'
import { root } from './paths.mjs'

const running = new Set()
let interrupted = 0

/**
 * Runs a program and collects what it prints. Never rejects: a program that cannot be started has code 127.
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, show?: boolean, cwd?: string, onStart?: (child: import('node:child_process').ChildProcess) => void }} options
 *   show: print as it comes as well
 * @returns {Promise<{ code: number, output: string, seconds: number }>}
 */
export function run(program, args, { env = {}, show = false, cwd = root, onStart } = {}) {
  if (interrupted > 0) return Promise.resolve({ code: interrupted, output: 'interrupted', seconds: 0 })
  const started = performance.now()
  return new Promise((resolve) => {
    const chunks = []
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(child)
    onStart?.(child)
    const done = (code) => {
      running.delete(child)
      resolve({ code, output: Buffer.concat(chunks).toString(), seconds: (performance.now() - started) / 1000 })
    }
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        chunks.push(chunk)
        if (show) process.stdout.write(chunk)
      })
    }
    child.on('error', (error) => {
      chunks.push(Buffer.from(`${error.message}\n`))
      done(127)
    })
    child.on('close', (code, signal) => done(code ?? (signal === 'SIGINT' ? 130 : 143)))
  })
}

/** Takes an interruption on to the programs that run, and ends as they are told to. */
export function endWithSignals() {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ]) {
    process.once(signal, () => {
      // What runs is ended, and nothing more is begun.
      interrupted = code
      for (const child of running) child.kill(signal)
      process.exitCode = code
      setTimeout(() => process.exit(code), 5000).unref()
      process.once(signal, () => process.exit(code))
    })
  }
}

/**
 * Works through tasks, so many at a time, in their order.
 * @template T
 * @param {(() => Promise<T>)[]} tasks
 * @param {number} atOnce
 * @returns {Promise<T[]>}
 */
export async function inParallel(tasks, atOnce) {
  const results = []
  let next = 0
  const worker = async () => {
    while (next < tasks.length) {
      const index = next++
      results[index] = await tasks[index]()
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, tasks.length) }, worker))
  return results
}
