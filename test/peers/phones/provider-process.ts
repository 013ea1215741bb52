/** `ringproof provider` as somebody starts it who wants to try a phone. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { clockTime } from '../../../src/cli/options.js'
import { aheadOf } from '../../../src/provider/services/local-time.js'
import { loadTarget, type TargetDocument } from '../../../src/target/target-file.js'
import { until } from './until.js'

const COMMAND = fileURLToPath(new URL('../../../bin/ringproof.mjs', import.meta.url))

export class ProviderProcess {
  readonly host: string
  /** File with the certificate that phones have to trust. */
  readonly authority: string
  readonly target: TargetDocument
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  readonly #folder: string
  readonly #aheadMs: number

  private constructor(o: { host: string; folder: string; child: ChildProcess; closed: Promise<unknown>; now: string }) {
    this.host = o.host
    this.authority = join(o.folder, 'ca.pem')
    this.target = loadTarget(join(o.folder, 'provider.yaml'))
    this.#child = o.child
    this.#closed = o.closed
    this.#folder = o.folder
    this.#aheadMs = aheadOf(Date.now(), clockTime(o.now), this.target.services.timezone ?? 'UTC')
  }

  /**
   * Starts it on a loopback address of its own, and waits until it is ready.
   * @param time what its clock shows then, HH:MM:SS
   */
  static async start(time: string, accounts: number): Promise<ProviderProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'ringproof-provider-'))
    const host = `127.${randomInt(64, 128)}.${randomInt(256)}.${randomInt(1, 255)}`
    const files = ['--write-ca', join(folder, 'ca.pem'), '--write-target', join(folder, 'provider.yaml')]
    const child = spawn(
      process.execPath,
      [COMMAND, 'provider', '--listen', host, ...files, '--time', time, '--accounts', String(accounts)],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()))
    const closed = new Promise((resolve) => child.once('close', resolve))
    const now = await until('ringproof provider: ready', () => /^ready .*now ([\d:]+).*Ctrl-C/ms.exec(said)?.[1], {
      said: () => said,
      failed: () => (child.exitCode === null ? undefined : `it ended with code ${child.exitCode}`),
      patienceMs: 60_000,
    })
    return new ProviderProcess({ host, folder, child, closed, now })
  }

  /** What its clock shows, Unix ms. */
  time(): number {
    return Date.now() + this.#aheadMs
  }

  async stop(): Promise<number | null> {
    this.#child.kill('SIGINT')
    await this.#closed
    rmSync(this.#folder, { recursive: true })
    return this.#child.exitCode
  }
}
