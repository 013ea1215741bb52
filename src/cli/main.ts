/** The command line: its commands, and how a command ends. */
import { Command, CommanderError } from 'commander'
import { agentCommand } from './commands/agent.js'
import { compareCommand } from './commands/compare.js'
import { doctorCommand } from './commands/doctor.js'
import { explainCommand } from './commands/explain.js'
import { listCommand } from './commands/list.js'
import { loadCommand } from './commands/load.js'
import { providerCommand } from './commands/provider.js'
import { reportCommand } from './commands/report.js'
import { runCommand } from './commands/run.js'
import { startCommand } from './commands/start.js'
import { CliContext, type ContextOptions } from './context.js'
import { endOf } from './errors.js'
import { exitCodeOf, exitCodes } from '../verdict/exit-code.js'
import type { Interruption } from './interruption.js'
import { refuseTwice } from './options.js'
import { version } from '../worlds/package-folder.js'

/**
 * Runs the command line.
 * @param args without the program's name
 * @returns what the process is to end with
 */
export async function main(args: readonly string[], given: ContextOptions = {}): Promise<number> {
  const context = new CliContext(given)
  const ignore = context.interruption.listen((line) => context.complain(line), context.env)
  try {
    await programFor(context).parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version that were asked for are no mistake; commander has written them, or the complaint.
      return error.exitCode === 0 ? exitCodes.held : exitCodes.usage
    }
    const end = endOf(error)
    const interruptedBy = context.interruption.received
    if (interruptedBy !== undefined && isAbort(error, context.interruption)) return exitCodeOf({ interruptedBy })
    context.complain(end.message)
    context.exitCode = end.code
  } finally {
    context.status('')
    ignore()
  }
  const interruptedBy = context.interruption.received
  return interruptedBy === undefined ? context.exitCode : exitCodeOf({ interruptedBy })
}

function programFor(context: CliContext): Command {
  const program = new Command('ringproof')
    .description('Conformance and load tests for hosted telephony: registrar, proxy, media relays, service numbers.')
    .version(version(), '--version')
    .addHelpText(
      'after',
      `
Examples:
  ringproof run                                      test the embedded provider
  ringproof doctor --target targets/dus-net.yaml     what can be tested from here
  ringproof run --target targets/dus-net.yaml        test a real one
  ringproof load --profile load                      a hundred calls with audio at once
  ringproof help run                                 more about one command`,
    )
  const commands = [
    runCommand(context),
    loadCommand(context),
    providerCommand(context),
    agentCommand(context),
    doctorCommand(context),
    listCommand(context),
    explainCommand(context),
    reportCommand(context),
    compareCommand(context),
  ]
  for (const command of commands) program.addCommand(command)
  program.addCommand(startCommand(context), { hidden: true })
  program.hook('preAction', (_, action) => {
    const { quiet = false, json = false }: { quiet?: boolean; json?: boolean } = action.opts()
    context.quiet = quiet
    context.json = json
  })
  for (const command of program.commands) refuseTwice(command)
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .showHelpAfterError("('--help' shows what there is)")
      .showSuggestionAfterError()
      .configureOutput({ writeOut: (text) => context.out(text), writeErr: (text) => context.complain(text.trimEnd()) })
  }
  return program
}

/** Whether an error only says that the command was interrupted. */
function isAbort(error: unknown, { signal }: Interruption): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError')
}
