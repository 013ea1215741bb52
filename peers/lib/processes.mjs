// Starts programs, keeps a record of them on disk, and ends exactly those.
import { spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const watchdog = fileURLToPath(new URL('watchdog.sh', import.meta.url))
const recordFile = (folder) => join(folder, 'processes.json')
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

/**
 * What lives of the group that a process on record led, itself apart: its workers, which go on when it was killed. Only
 * what works in the run folder counts, since numbers are used again.
 */
function workersOf(leader, runFolder) {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === leader.pid || Number(name) === process.pid) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (state === 'Z' || state === 'X' || Number(group) !== leader.pid) return []
      const folder = readlinkSync(`/proc/${name}/cwd`).replace(/ \(deleted\)$/, '')
      return folder === runFolder ? [Number(name)] : []
    } catch {
      return []
    }
  })
}

const isSame = (recorded) => {
  const now = recorded && processAt(recorded.pid)
  return now !== undefined && now.startedAt === recorded.startedAt
}

/** What an earlier start left on record. */
function readRecord(folder) {
  try {
    return JSON.parse(readFileSync(recordFile(folder), 'utf8'))
  } catch {
    return undefined
  }
}

/** The process that the servers were started for and that still lives; undefined where nobody needs them. */
export function livingOwner(folder) {
  const record = readRecord(folder)
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
  #folder
  #record

  /** @param record what an earlier start left; absent: one begins */
  constructor(folder, record) {
    this.#folder = folder
    this.#record = record ?? {
      starter: processAt(process.pid),
      owner: ownerPid() && processAt(ownerPid()),
      processes: [],
    }
  }

  /** Makes the run folder. @throws where somebody else made it at the same moment */
  static begin(folder) {
    mkdirSync(join(folder, '..'), { recursive: true })
    mkdirSync(folder, { mode: 0o700 })
    const servers = new Servers(folder)
    servers.#write()
    return servers
  }

  /** Those that are there. @throws where there are none */
  static found(folder) {
    const record = readRecord(folder)
    if (record === undefined) throw new Error('the servers have not been started')
    return new Servers(folder, record)
  }

  /**
   * Starts the programs and waits until all answer. @throws Error with the reason from the program's log, or where something
   * answers in place of one before it was started: two rtpengines can share a port, and each would get a part of what is meant for the other
   */
  async start(programs) {
    const taken = await Promise.all(programs.map((program) => program.answers()))
    const foreign = programs.find((_, index) => taken[index])
    if (foreign)
      throw new Error(`${foreign.name}: already in use: something answers at its address. Servers of another checkout?`)
    const children = programs.map((program) => this.#spawn(program))
    await Promise.all(children.map((child) => this.#untilReady(child)))
  }

  /** Ends the program of that name and starts it anew, while the others go on. @throws Error as `start` */
  async restart(program) {
    const isIt = ({ name }) => name === program.name
    await end(this.#record.processes.filter(isIt), this.#folder)
    this.#record.processes = this.#record.processes.filter((one) => !isIt(one))
    await this.start([program])
  }

  /** Watches over the owner, if there is one, and lets this process end. @param script stops the servers */
  settle(script) {
    if (this.#record.owner) {
      const args = [String(this.#record.owner.pid), script]
      this.#spawn({ name: 'watchdog', executable: watchdog, args })
    }
    delete this.#record.starter
    this.#write()
  }

  #spawn(program) {
    const log = join(this.#folder, `${program.name}.log`)
    const output = openSync(log, 'w')
    // A group of its own, so that its workers can be ended with it, and Ctrl-C at a terminal does not reach it.
    const child = spawn(program.executable, program.args, {
      cwd: this.#folder,
      detached: true,
      env: { ...process.env, ...program.env },
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
      if (Date.now() > deadline)
        throw new Error(`${program.name}: ${program.executable} does not answer; ${reason(started)}`)
    }
  }

  #write() {
    const file = recordFile(this.#folder)
    writeFileSync(`${file}.new`, JSON.stringify(this.#record, undefined, 2))
    renameSync(`${file}.new`, file)
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

/** Ends the processes on record that are still the same, and their workers, and removes the run folder. */
export async function stopAll(folder) {
  const record = readRecord(folder)
  // In the reverse order of their start, and not the watchdog where it is who asks.
  await end(
    (record?.processes ?? []).toReversed().filter((one) => one.pid !== process.pid),
    folder,
  )
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true })
}

async function end(recorded, folder) {
  // A leader ends its workers itself; those who have lost theirs are told one by one.
  const living = () => recorded.flatMap((one) => (isSame(one) ? [one.pid] : workersOf(one, folder)))
  for (const pid of living()) signal(pid, 'SIGTERM')
  for (const deadline = Date.now() + STOP_MS; living().length > 0; await sleep(20)) {
    if (Date.now() < deadline) continue
    for (const one of recorded) {
      const all = [...(isSame(one) ? [one.pid] : []), ...workersOf(one, folder)]
      for (const pid of all) signal(pid, 'SIGKILL')
    }
  }
}

function signal(pid, name) {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}
