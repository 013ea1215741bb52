/** Programs that end with this process, however that ends. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { PATIENCE_MS, until } from './until.js'

const TIE = 'setpriv'

/** What to start for a program to be ended when the thread that starts it is gone: prctl(2), PR_SET_PDEATHSIG. */
export const tied = (program: string, args: readonly string[]): [command: string, args: string[]] => [
  TIE,
  ['--pdeathsig', 'KILL', '--', program, ...args],
]

/** What is missing of a program and of what ties it to this one; undefined where nothing is. */
export function lacksProgram(program: string, option: string, install: string): string | undefined {
  if (spawnSync(program, [option]).error !== undefined) return `${program} is missing: ${install}`
  return spawnSync(TIE, ['--version']).error === undefined ? undefined : 'setpriv (util-linux, of Linux) is missing'
}

export class TiedProcess {
  readonly name: string
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  /** All that it has printed. */
  said = ''

  /** @param env beside what is set here */
  constructor(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.name = program
    this.#child = spawn(...tied(program, args), {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (data: Buffer) => (this.said += data.toString()))
    this.#child.stdin?.on('error', () => {})
    this.#closed = new Promise((resolve) => this.#child.once('close', resolve))
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Exit code, or the signal that ended it; null while it runs. */
  get ended(): number | NodeJS.Signals | null {
    return this.#child.exitCode ?? this.#child.signalCode
  }

  types(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  signals(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Waits until there is something. @throws Error with all that it has told, where that never comes */
  until<T>(
    what: string,
    look: () => T | undefined | Promise<T | undefined>,
    o: {
      readonly said?: () => string
      readonly failed?: (() => string | undefined) | undefined
      readonly patienceMs?: number
    } = {},
  ): Promise<T> {
    return until(`${this.name}: ${what}`, look, {
      said: o.said ?? (() => this.said),
      failed: () => (this.ended === null ? o.failed?.() : `it ended with ${this.ended}`),
      patienceMs: o.patienceMs ?? PATIENCE_MS,
    })
  }

  /** Waits until it has ended, which it has been told to; not for ever. */
  async ends(): Promise<void> {
    const timer = setTimeout(() => this.signals('SIGKILL'), PATIENCE_MS)
    await this.#closed
    clearTimeout(timer)
  }
}
