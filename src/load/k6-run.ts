/** Starts k6 on a profile and brings home its summary. */
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TransportName } from '../transport/flow.js'
import type { Family } from '../transport/network.js'
import { childEnvironment } from '../worlds/child-environment.js'
import { K6Log } from './k6-log.js'
import type { K6Program } from './k6-program.js'
import { temporaryFolder } from '../worlds/temporary-folder.js'
import { type PartNumber, segmentArgs, segmentOf } from './parts.js'
import { isK6Summary, type K6Summary } from './reconciliation.js'

/** What k6 runs: a file, or a text as if it were a file of that folder. */
export type K6Script = { readonly file: string } | { readonly text: string; readonly folder: string }

export interface K6Order {
  readonly program: K6Program
  readonly script: K6Script
  readonly agentUrl: string
  readonly token: string
  readonly calls?: number | undefined
  readonly rate?: number | undefined
  readonly hold?: number | undefined
  readonly duration?: number | undefined
  /** Default: auto. */
  readonly to?: string | undefined
  /** Which calls use, an equal share each. Default: the first that reaches the target. */
  readonly transports?: readonly TransportName[] | undefined
  readonly families?: readonly Family[] | undefined
  /** False: calls are signalling alone. */
  readonly audio?: boolean | undefined
  /** The target file's, in place of the profile's usual ones. */
  readonly thresholds?: Readonly<Record<string, readonly string[]>> | undefined
  /** The part of the load that it carries out; absent: all of it. */
  readonly part?: PartNumber | undefined
  /** More arguments of k6. */
  readonly args?: readonly string[] | undefined
  /** The target's limits, which what is usual for the profile stays within. */
  readonly limits?: { readonly callsPerSecond: number; readonly concurrentCalls: number } | undefined
  /** How long a k6 is waited for that somebody has stopped, milliseconds. Default: 30 s. */
  readonly stoppedMs?: number
  /** Used where the machine has no folder for temporary files. */
  readonly folder: string
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Gets what the script writes to its console and to stdout, and k6's warnings and errors, line by line. */
  readonly show?: ((line: string) => void) | undefined
}

/** What k6 ends with where thresholds were crossed. */
export const K6_THRESHOLDS_CROSSED = 99
/** … and where the script ended the test (`exec.test.abort`), as ours does when an order is refused. */
export const K6_ABORTED = 108

export interface K6End {
  /** Exit code; undefined where a signal ended it. */
  readonly code: number | undefined
  readonly signal: string | undefined
  readonly summary: K6Summary | undefined
  /** The last lines that it said. */
  readonly said: string
  /** The last error that it told, in one line. */
  readonly reason?: string | undefined
  /** Iterations that ended with an exception of the script. */
  readonly thrown?: { readonly count: number; readonly first: string } | undefined
  /** Metrics whose threshold ended it early (`abortOnFail`). */
  readonly abortedBy?: string | undefined
  /** Why there is no summary, of a k6 that somebody else started. */
  readonly lacking?: string | undefined
}

export interface K6Run {
  readonly pid: number | undefined
  readonly ended: Promise<K6End>
  /** Asks it to end; after some seconds makes it. */
  stop(): void
}

const KILL_AFTER_MS = 10_000
/** A k6 that somebody has stopped (Ctrl-Z, SIGSTOP) is waited for so long; the calls that it ordered are not its to hold. */
const STOPPED_MS = 30_000

export function startK6(order: K6Order): K6Run {
  const folder = temporaryFolder(order.folder)
  const summaryFile = join(folder, 'summary.json')
  const { script, part } = order
  const child = spawn(
    order.program.path,
    [
      'run',
      '--no-usage-report',
      '--quiet',
      '--no-color',
      '--log-output=stderr',
      '--log-format=json',
      ...(part === undefined ? [] : segmentArgs(segmentOf(part))),
      ...(order.args ?? []),
      'file' in script ? script.file : '-',
    ],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      // What a script opens by a relative name lies beside it.
      ...('file' in script ? {} : { cwd: script.folder }),
      // In a group of its own: Ctrl-C at the terminal is for ringproof, which then ends k6 in an orderly way.
      detached: true,
      env: {
        ...environmentOf(order),
        RINGPROOF_AGENT_URL: order.agentUrl,
        RINGPROOF_AGENT_TOKEN: order.token,
        RINGPROOF_SUMMARY: summaryFile,
      },
    },
  )
  child.stdin.on('error', () => undefined)
  child.stdin.end('text' in script ? script.text : '')
  const log = new K6Log(order.show)
  child.stderr.setEncoding('utf8').on('data', (text: string) => log.add(text))
  // Nothing but what the script's own handleSummary, or an output that it asked for, writes there.
  createInterface({ input: child.stdout }).on('line', (line) => order.show?.(line))
  let patience: NodeJS.Timeout | undefined
  const { stoppedMs: patienceMs = STOPPED_MS } = order
  const lookEveryMs = patienceMs / 10
  let stoppedMs = 0
  const watch = setInterval(() => {
    stoppedMs = isStopped(child.pid) ? stoppedMs + lookEveryMs : 0
    if (stoppedMs < patienceMs) return
    log.add(`\nit was stopped (SIGSTOP) for ${patienceMs / 1000} s\n`)
    child.kill('SIGKILL')
  }, lookEveryMs)
  const ended = new Promise<K6End>((resolve) => {
    const end = (code: number | null, signal: string | null) => {
      clearTimeout(patience)
      clearInterval(watch)
      const summary = readSummary(summaryFile)
      rmSync(folder, { recursive: true, force: true })
      log.end()
      const { said, reason, thrown, abortedBy } = log
      resolve({ code: code ?? undefined, signal: signal ?? undefined, summary, said, reason, thrown, abortedBy })
    }
    child.once('error', (error) => {
      log.add(`${error.message}\n`)
      end(null, null)
    })
    child.once('close', end)
  })
  return {
    pid: child.pid,
    ended,
    stop: () => {
      child.kill('SIGINT')
      patience ??= setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
    },
  }
}

/** The variables that tell a script what was asked for on the command line, and in the target file. */
export function environmentOf(
  order: Omit<K6Order, 'agentUrl' | 'token' | 'folder'>,
): Record<string, string | undefined> {
  const given = (name: string, value: number | undefined) => (value === undefined ? {} : { [name]: String(value) })
  return {
    ...childEnvironment(order.env),
    ...(order.to === undefined ? {} : { RINGPROOF_TO: order.to }),
    ...(order.transports === undefined ? {} : { RINGPROOF_TRANSPORT: order.transports.join(',') }),
    ...(order.families === undefined ? {} : { RINGPROOF_FAMILY: order.families.join(',') }),
    ...(order.audio === false ? { RINGPROOF_AUDIO: 'none' } : {}),
    ...(order.thresholds === undefined ? {} : { RINGPROOF_THRESHOLDS: JSON.stringify(order.thresholds) }),
    ...given('RINGPROOF_MOST_CALLS', order.limits?.concurrentCalls),
    ...given('RINGPROOF_MOST_RATE', order.limits?.callsPerSecond),
    ...given('RINGPROOF_PARTS', order.part?.of),
    ...given('RINGPROOF_CALLS', order.calls),
    ...given('RINGPROOF_RATE', order.rate),
    ...given('RINGPROOF_HOLD', order.hold),
    ...given('RINGPROOF_DURATION', order.duration),
  }
}

/** Whether the kernel lets a process wait (proc(5), state T); false where that cannot be told. */
function isStopped(pid: number | undefined): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return /^\s*[Tt]\b/.test(stat.slice(stat.lastIndexOf(')') + 1))
  } catch {
    return false
  }
}

function readSummary(path: string): K6Summary | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isK6Summary(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}
