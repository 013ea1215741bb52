/** What a command has of the world around it. */
import { exitCodes } from '../verdict/exit-code.js'
import type { Starter } from '../worlds/target-under-test.js'
import { Console, type ConsoleOptions } from './console.js'
import { Interruption } from './interruption.js'

export type ContextOptions = ConsoleOptions & { readonly interruption?: Interruption }

export class CliContext extends Console {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly interruption: Interruption
  /** What the process is to end with. */
  exitCode: number = exitCodes.held

  constructor({ interruption = new Interruption(), ...options }: ContextOptions = {}) {
    super(options)
    this.env = options.env ?? process.env
    this.interruption = interruption
  }
}

/** Starts a target for this command. */
export function starterOf(context: CliContext): Starter {
  return { tell: (line) => context.tell(line), signal: context.interruption.signal }
}
