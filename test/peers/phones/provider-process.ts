/** `ringproof provider` as somebody starts it who wants to try a phone. */
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadTarget, type TargetDocument } from '../../../src/target/target-file.js'
import { TiedProcess } from './tied-process.js'

const COMMAND = fileURLToPath(new URL('../../../bin/ringproof.mjs', import.meta.url))
const READY_MS = 60_000

/** What the provider says itself: its clock, and who is where; transports by user names. */
export interface Presence {
  /** Seconds since midnight. */
  readonly clock: number
  readonly registered: ReadonlyMap<string, string>
  readonly served: ReadonlyMap<string, string>
  readonly callsBetweenPhones: number
}

export class ProviderProcess {
  readonly host: string
  /** File with the certificate that phones have to trust. */
  readonly authority: string
  readonly target: TargetDocument
  readonly #program: TiedProcess
  readonly #folder: string

  private constructor(o: { host: string; folder: string; program: TiedProcess }) {
    this.host = o.host
    this.authority = join(o.folder, 'ca.pem')
    this.target = loadTarget(join(o.folder, 'provider.yaml'))
    this.#program = o.program
    this.#folder = o.folder
  }

  /**
   * Starts it on a loopback address of its own, and waits until it is ready.
   * @param time what its clock shows then, HH:MM:SS
   */
  static async start(time: string, accounts: number): Promise<ProviderProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'ringproof-provider-'))
    const host = `127.${randomInt(64, 128)}.${randomInt(256)}.${randomInt(1, 255)}`
    const files = ['--write-ca', join(folder, 'ca.pem'), '--write-target', join(folder, 'provider.yaml')]
    const options = ['--listen', host, ...files, '--time', time, '--accounts', String(accounts)]
    const program = new TiedProcess(process.execPath, [COMMAND, 'provider', ...options])
    try {
      const isReady = () => /^ready .*Ctrl-C.*\n/ms.test(program.said) || undefined
      await program.until('ringproof provider is ready', isReady, { patienceMs: READY_MS })
      return new ProviderProcess({ host, folder, program })
    } catch (error) {
      program.signals('SIGKILL')
      await program.ends()
      rmSync(folder, { recursive: true })
      throw error
    }
  }

  /** Asks for its clock, who is registered, and who is in calls. */
  async presence(): Promise<Presence> {
    const before = this.#program.said.length
    this.#program.signals('SIGUSR2')
    const line =
      /^now (\d\d):(\d\d):(\d\d), registered: (.*); in calls to services: (.*); calls between phones: (\d+)$/m
    const isTold = () => line.exec(this.#program.said.slice(before)) ?? undefined
    const [, hours, minutes, seconds, registered = '', served = '', calls] = await this.#program.until(
      'tells who is there',
      isTold,
    )
    return {
      clock: 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds),
      registered: namesIn(registered),
      served: namesIn(served),
      callsBetweenPhones: Number(calls),
    }
  }

  /** Waits until this user is registered, or in a call to a service; says what carries its signalling. */
  reaches(user: string, what: 'registered' | 'served'): Promise<string> {
    return this.#program.until(`has ${user} ${what}`, async () => (await this.presence())[what].get(user))
  }

  /** Waits until none of these is registered or in a call to a service: what phones have sent may be under way. */
  async isRidOf(users: readonly string[]): Promise<void> {
    await this.#program.until(`has nothing of ${users.join(', ')}`, async () => {
      const { registered, served } = await this.presence()
      return users.some((user) => registered.has(user) || served.has(user)) ? undefined : true
    })
  }

  /** Waits until nobody is registered and there is no call. */
  async isEmpty(): Promise<void> {
    await this.#program.until('is empty', async () => {
      const { registered, served, callsBetweenPhones } = await this.presence()
      return registered.size + served.size + callsBetweenPhones === 0 ? true : undefined
    })
  }

  async stop(): Promise<void> {
    this.#program.signals('SIGINT')
    await this.#program.ends()
    rmSync(this.#folder, { recursive: true })
  }
}

/** `00038720001 (udp), 00038720002 (tls)`, or `nobody`. */
const namesIn = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(/(\S+) \((\w+)\)/g)].map(([, user = '', transport = '']) => [user, transport]))
