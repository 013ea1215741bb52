/** SIPp as a peer of benchmarks: callee for every caller, and the caller to compare with. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { existsSync } from 'node:fs'

export const installSipp = 'apt-get install -y sip-tester'

/** Is there a `sipp` on the path? */
export function hasSipp(): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'sipp')))
}

export interface SippProcess {
  readonly pid: number
  /** Resolves with SIPp's own counts once it has ended. */
  readonly ended: Promise<SippCounts>
  /** Ends it at once, by its process id. */
  stop(): void
}

export interface SippCounts {
  readonly created: number
  readonly successful: number
  readonly failed: number
  readonly retransmissions: number
}

/** `sipp -sn uas`: answers each INVITE with 180 and 200. It ends by itself after `lifeSeconds`. */
export function sippCallee(port: number, lifeSeconds: number): SippProcess {
  return start(['-sn', 'uas', '-i', '127.0.0.1', '-p', String(port), '-timeout', `${lifeSeconds}s`])
}

/** `sipp -sn uac`: `calls` calls at `rate` a second, each hung up as soon as it is answered. */
export function sippCaller(o: { port: number; calleePort: number; rate: number; calls: number }): SippProcess {
  const timeout = Math.ceil(o.calls / o.rate) + 10
  return start([
    '-sn',
    'uac',
    '-i',
    '127.0.0.1',
    '-p',
    String(o.port),
    '-r',
    String(o.rate),
    '-m',
    String(o.calls),
    // More than will ever be up, so that the rate is kept.
    '-l',
    '20000',
    '-timeout',
    `${timeout}s`,
    `127.0.0.1:${o.calleePort}`,
  ])
}

function start(options: string[]): SippProcess {
  // Its files of statistics go where nobody is disturbed.
  const folder = mkdtempSync(join(tmpdir(), 'ringproof-sipp-'))
  const child = spawn('sipp', [...options, '-nostdin', '-trace_stat', '-fd', '1'], { cwd: folder, stdio: 'ignore' })
  const { pid } = child
  if (pid === undefined) throw new Error(`sipp does not start; ${installSipp}`)
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  return {
    pid,
    stop: kill,
    ended: endOf(child).then(() => {
      process.off('exit', kill)
      const counts = readCounts(folder)
      rmSync(folder, { recursive: true, force: true })
      return counts
    }),
  }
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
}

/** The last line of SIPp's file of statistics. */
function readCounts(folder: string): SippCounts {
  const file = readdirSync(folder).find((name) => name.endsWith('_.csv'))
  const lines = file === undefined ? [] : readFileSync(join(folder, file), 'latin1').trim().split('\n')
  const names = lines[0]?.split(';') ?? []
  const values = lines.at(-1)?.split(';') ?? []
  const count = (name: string) => Number(values[names.indexOf(name)] ?? Number.NaN)
  return {
    created: count('TotalCallCreated'),
    successful: count('SuccessfulCall(C)'),
    failed: count('FailedCall(C)'),
    retransmissions: count('Retransmissions(C)'),
  }
}
