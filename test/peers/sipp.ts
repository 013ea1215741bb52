/** SIPp with the scenarios of this folder. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const installSipp = 'sudo apt-get install sip-tester'
export const hasSipp = spawnSync('sipp', ['-v']).error === undefined

export interface SippResult {
  /** 0: every call went as its scenario says. */
  readonly code: number | null
  /** Messages that it did not expect. */
  readonly errors: string
}

/** Resolves when somebody listens on the port (0A: LISTEN; of UDP 07: unconnected). */
export async function listens(port: number, mode: 'udp' | 'tcp', patienceMs = 10_000): Promise<void> {
  const place = new RegExp(`^ *\\d+: [0-9A-F]+:${port.toString(16).toUpperCase().padStart(4, '0')} \\S+ 0[7A] `, 'm')
  const until = performance.now() + patienceMs
  const isThere = () => ['', '6'].some((family) => place.test(readFileSync(`/proc/net/${mode}${family}`, 'latin1')))
  while (!isThere()) {
    if (performance.now() > until) throw new Error(`nobody listens on ${mode} port ${port}`)
    // oxlint-disable-next-line no-await-in-loop -- until it is there
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A scenario of this folder, or one of those that SIPp brings along. */
export type SippScenarioName = 'caller' | 'callee' | 'register' | { readonly builtIn: string }

/** XML of a scenario that SIPp brings along. */
export function builtIn(name: string): string {
  const { stdout } = spawnSync('sipp', ['-sd', name], { encoding: 'utf8' })
  return stdout.slice(stdout.indexOf('<?xml'))
}

/** Runs to the end of its calls, or for 60 s. `stop` ends it early. */
export function sipp(
  name: SippScenarioName,
  args: readonly string[],
): { ended: Promise<SippResult>; stop: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'ringproof-sipp-'))
  const scenario =
    typeof name === 'string'
      ? ['-sf', fileURLToPath(new URL(`sipp/${name}.xml`, import.meta.url))]
      : ['-sn', name.builtIn]
  const errorFile = join(folder, 'errors.log')
  const fixed = [
    ...scenario,
    '-nostdin',
    '-trace_err',
    '-error_file',
    errorFile,
    '-timeout',
    '60s',
    '-timeout_error',
    '-cp',
    '0',
  ]
  const child = spawn('sipp', [...fixed, ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, TERM: 'dumb' },
  })
  let said = ''
  child.stderr.on('data', (data: Buffer) => (said += data.toString()))
  const ended = new Promise<SippResult>((resolve) => {
    child.once('close', (code) => {
      let errors = said
      try {
        errors += readFileSync(errorFile, 'utf8')
      } catch {
        // Nothing was unexpected.
      }
      rmSync(folder, { recursive: true })
      resolve({ code, errors: errors.replace(/^Resolving remote host .*$/gm, '').trim() })
    })
  })
  return { ended, stop: () => child.kill('SIGKILL') }
}
