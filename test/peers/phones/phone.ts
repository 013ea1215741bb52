/** What phones of all makes have in common: a process of their own in a folder of their own, and ears. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Settings, Telephone } from './telephone.js'
import { TiedProcess } from './tied-process.js'
import { bestShareOfTone, hasSound, secondsOfTone, wavOfTone } from './tone.js'

export interface Make {
  readonly program: string
  readonly args: (folder: string) => readonly string[]
  readonly env?: (folder: string) => Readonly<Record<string, string>>
  /** Files that it needs, by their paths in its folder. */
  readonly files: (folder: string) => Readonly<Record<string, string>>
  /** How long the tone is that it says. */
  readonly speechSeconds: number
}

/** The tone that it says, in its folder. */
export const SPEECH = 'tone.wav'

export abstract class Phone implements Telephone {
  readonly tone: number
  protected readonly settings: Settings
  protected readonly folder: string
  protected readonly program: TiedProcess
  /** Calls that were waited for, by the names that the program gives them. */
  protected readonly rung = new Set<string>()

  constructor(settings: Settings, make: Make) {
    this.tone = settings.tone
    this.settings = settings
    this.folder = mkdtempSync(join(tmpdir(), `ringproof-${make.program}-`))
    const files = { [SPEECH]: wavOfTone(settings.tone, make.speechSeconds), ...make.files(this.folder) }
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true })
      writeFileSync(join(this.folder, name), content)
    }
    this.program = new TiedProcess(make.program, make.args(this.folder), make.env?.(this.folder))
  }

  /** What it has told so far, for people. */
  protected get story(): string {
    return this.program.said
  }

  protected until<T>(
    what: string,
    look: () => T | undefined,
    failed?: () => string | undefined,
    patienceMs?: number,
  ): Promise<T> {
    const patience = patienceMs === undefined ? {} : { patienceMs }
    return this.program.until(what, look, { said: () => this.story, failed, ...patience })
  }

  abstract registers(): Promise<void>
  abstract dials(number: string): void
  abstract isRefused(number: string): Promise<number>
  abstract rings(...from: string[]): Promise<void>
  abstract answers(): Promise<void>
  abstract presses(keys: string): Promise<void>
  abstract isToldKeys(keys: string): Promise<void>
  abstract lampShows(fresh: number, old: number): Promise<void>
  abstract transfers(to: string): Promise<void>
  abstract hangsUp(): Promise<void>
  abstract isHungUp(): Promise<void>
  /** Audio flows in the call that it is in. */
  protected abstract isUp(): Promise<void>
  /** Where it says that the keys of the call come from; what it says where that is none of a line's. */
  protected abstract keysInUse(): Promise<string>
  /** What it heard in the call that it is in, or was in last: 8000 samples a second. */
  protected abstract heard(): Int16Array
  /** Unregisters, and tells the program to end. */
  protected abstract leaves(): Promise<void>

  async calls(number: string): Promise<void> {
    this.dials(number)
    await this.isAnswered()
  }

  async isAnswered(): Promise<void> {
    await this.isUp()
    const keys = await this.keysInUse()
    if (keys !== this.settings.keys)
      throw new Error(`${this.program.name}: keys are from ${keys}, not ${this.settings.keys}. It said:\n${this.story}`)
  }

  async declines(): Promise<void> {
    await this.hangsUp()
  }

  heardTone(hz: number): number {
    return secondsOfTone(this.heard(), hz)
  }

  async hearsTone(hz: number, seconds = 1): Promise<void> {
    await this.until(`hears ${hz} Hz`, () => (this.heardTone(hz) >= seconds ? true : undefined))
  }

  async hearsSound(): Promise<void> {
    await this.until('hears anything', () => (hasSound(this.heard()) ? true : undefined))
  }

  async hearsMostly(hz: number, o: { readonly share: number; readonly seconds: number }): Promise<void> {
    let best = 0
    await this.until(`hears ${hz} Hz in more than ${o.share} of ${o.seconds} s`, () => {
      best = bestShareOfTone(this.heard(), hz, o.seconds)
      return best > o.share ? true : undefined
    }).catch((error: unknown) => {
      throw new Error(`of ${o.seconds} s at most a share of ${best} was ${hz} Hz`, { cause: error })
    })
  }

  async ends(): Promise<void> {
    if (this.program.ended === null) {
      await this.leaves()
      await this.program.ends()
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}
