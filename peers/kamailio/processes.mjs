// Starts programs, keeps a record of them on disk, and ends exactly those.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { here, runFolder } from './layout.mjs'

const recordFile = join(runFolder, 'processes.json')
const STOP_MS = 5000
const READY_MS = 20_000

/** A process by its pid and the moment of its start, since pids are used again. Undefined when it is gone. */
export function processAt(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name may hold spaces and parentheses; what follows the last one is plain.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    return { pid, startedAt: fields[19], command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }
  } catch {
    return undefined
  }
}

const isSame = (recorded) => {
  const now = recorded && processAt(recorded.pid)
  return now !== undefined && now.startedAt === recorded.startedAt
}

/** What an earlier start left on record. */
function readRecord() {
  try {
    return JSON.parse(readFileSync(recordFile, 'utf8'))
  } catch {
    return undefined
  }
}

/** The process that the servers were started for and that still lives; undefined where nobody needs them. */
export function livingOwner() {
  const record = readRecord()
  const owner = [record?.owner, record?.starter].find((one) => isSame(one) && one.pid !== process.pid)
  return owner === undefined || owner.pid === ownerPid() ? undefined : owner
}

/** Process id that ringproof gives of itself. */
export const ownerPid = () => {
  const pid = Number(process.env.RINGPROOF_PID)
  return Number.isInteger(pid) && pid > 1 ? pid : undefined
}

/** The servers of one start. */
export class Servers {
  #record = { starter: processAt(process.pid), owner: ownerPid() && processAt(ownerPid()), processes: [] }

  /** Makes the run folder. @throws where somebody else made it at the same moment */
  constructor() {
    mkdirSync(join(runFolder, '..'), { recursive: true })
    mkdirSync(runFolder, { mode: 0o700 })
    this.#write()
  }

  /** Starts the programs and waits until all answer. @throws Error with the reason from the program's log */
  async start(programs) {
    const children = programs.map((program) => this.#spawn(program))
    await Promise.all(children.map((child) => this.#untilReady(child)))
  }

  /** Watches over the owner, if there is one, and lets this process end. */
  settle() {
    if (this.#record.owner) {
      const args = [String(this.#record.owner.pid), join(here, 'run')]
      this.#spawn({ name: 'watchdog', executable: join(here, 'watchdog.sh'), args })
    }
    delete this.#record.starter
    this.#write()
  }

  #spawn(program) {
    const log = join(runFolder, `${program.name}.log`)
    const output = openSync(log, 'w')
    // A group of its own, so that its workers can be ended with it, and Ctrl-C at a terminal does not reach it.
    const child = spawn(program.executable, program.args, {
      cwd: runFolder,
      detached: true,
      stdio: ['ignore', output, output],
    })
    closeSync(output)
    const started = { program, log, ended: undefined }
    child.on('error', (error) => (started.ended ??= error.message))
    child.on('exit', (code, signal) => (started.ended ??= `ended with ${signal ?? code}`))
    child.unref()
    if (child.pid !== undefined) {
      this.#record.processes.push({ name: program.name, ...(processAt(child.pid) ?? { pid: child.pid }) })
      this.#write()
    }
    return started
  }

  async #untilReady(started) {
    const { program } = started
    for (const deadline = Date.now() + READY_MS; ; await sleep(50)) {
      if (started.ended !== undefined) throw new Error(`${program.name}: ${program.executable} ${reason(started)}`)
      if (await program.answers()) return
      if (Date.now() > deadline) {
        throw new Error(`${program.name}: ${program.executable} does not answer; ${reason(started)}`)
      }
    }
  }

  #write() {
    writeFileSync(`${recordFile}.new`, JSON.stringify(this.#record, undefined, 2))
    renameSync(`${recordFile}.new`, recordFile)
  }
}

/** The first complaint in a program's log, without time, level and place. */
function reason({ log, ended }) {
  const lines = readFileSync(log, 'utf8').split('\n')
  const complaint =
    lines.find((line) => /already in use|cannot assign|permission denied/i.test(line)) ??
    lines.find((line) => /\b(?:crit|critical|fatal|err|error|failed|cannot|bad)\b/i.test(line)) ??
    lines.findLast((line) => line.trim() !== '')
  const text = complaint
    ?.replace(/^.*?\b(?:CRITICAL|CRIT|ERROR|ERR|FATAL)\b:?\s*/, '')
    .replace(/^.*?\[[\w/.]+:\d+\]:\s*/, '')
    .trim()
  return [ended, text].filter(Boolean).join(': ') || 'it says nothing'
}

/** Ends the processes on record that are still the same, workers included, and removes the run folder. */
export async function stopAll() {
  const record = readRecord()
  // Kamailio before its relays; the watchdog first, unless it is who asks.
  const living = (record?.processes ?? []).toReversed().filter(isSame)
  const signal = (one, name) => {
    if (!isSame(one) || one.pid === process.pid) return
    try {
      process.kill(name === 'SIGKILL' ? -one.pid : one.pid, name)
    } catch (error) {
      if (error.code !== 'ESRCH') throw error
    }
  }
  for (const one of living) signal(one, 'SIGTERM')
  for (const deadline = Date.now() + STOP_MS; living.some((one) => one.pid !== process.pid && isSame(one)); ) {
    if (Date.now() > deadline) for (const one of living) signal(one, 'SIGKILL')
    await sleep(20)
  }
  if (existsSync(runFolder)) rmSync(runFolder, { recursive: true, force: true })
}
