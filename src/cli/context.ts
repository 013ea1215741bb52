/** What a command has of the world around it. */
import type { Starter } from '../worlds/target-under-test.js'
import type { Interruption } from './interruption.js'

/** What a command has of the world around it; tests supply their own. */
export interface CliContext {
  /** Results, for people or programs to read. */
  out(text: string): void
  /** Progress and errors. */
  readonly tell: (line: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether `tell` writes to a terminal that a line can be overwritten on. */
  readonly terminal: boolean
  readonly interruption: Interruption
  /** What the process is to end with; 0 unless a command sets it. */
  exitCode: number
}

/** Starts a target for this command. */
export function starterOf({ tell, interruption }: Pick<CliContext, 'tell' | 'interruption'>): Starter {
  return { tell, signal: interruption.signal }
}
