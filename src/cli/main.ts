/** The command line: how a command is run, and how it ends. */
import { CommanderError } from 'commander'
import { exitCodeOf, exitCodes } from '../verdict/exit-code.js'
import { CliContext, type ContextOptions } from './context.js'
import { endOf } from './errors.js'
import type { Interruption } from './interruption.js'
import { programFor } from './program.js'

/**
 * Runs the command line.
 * @param args without the program's name
 * @returns what the process is to end with
 */
export async function main(args: readonly string[], given: ContextOptions = {}): Promise<number> {
  const context = new CliContext(given)
  const ignoreStrays = context.interruption.listenToStrays((error) => context.complain(endOf(error).message))
  const ignore = context.interruption.listen((line) => context.complain(line), context.env)
  try {
    await programFor(context).parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version that were asked for are no mistake; commander has written them, or the complaint.
      return error.exitCode === 0 ? exitCodes.held : exitCodes.usage
    }
    const end = endOf(error)
    const { received: interruptedBy, stray } = context.interruption
    // What it was broken off for has been told.
    if (stray !== undefined) return endOf(stray).code
    if (interruptedBy !== undefined && isAbort(error, context.interruption)) return exitCodeOf({ interruptedBy })
    context.complain(end.message)
    context.exitCode = end.code
  } finally {
    context.status('')
    ignore()
    ignoreStrays()
  }
  const interruptedBy = context.interruption.received
  if (interruptedBy !== undefined) return exitCodeOf({ interruptedBy })
  const { stray } = context.interruption
  return stray === undefined ? context.exitCode : exitCodeAfter(context.exitCode, endOf(stray).code)
}

/** The report knows of it; what was thrown after it was written still counts. */
const exitCodeAfter = (found: number, stray: number): number => (found === exitCodes.held ? stray : found)

/** Whether an error only says that the command was interrupted. */
function isAbort(error: unknown, { signal }: Interruption): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError')
}
