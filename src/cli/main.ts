import { isatty } from 'node:tty'
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
import type { CliContext } from './context.js'
import { endOf } from './errors.js'
import { exitCodeOf, exitCodes } from '../verdict/exit-code.js'
import { Interruption } from './interruption.js'
import { version } from '../worlds/package-folder.js'

export type { CliContext } from './context.js'

/**
 * Runs the command line.
 * @param args without the program's name
 * @returns what the process is to end with
 */
export async function main(args: readonly string[], given: Partial<CliContext> = {}): Promise<number> {
  const context: CliContext = {
    out: (text) => process.stdout.write(text),
    tell: (line) => process.stderr.write(`${withoutControls(line)}\n`),
    env: process.env,
    terminal: isatty(2) && process.env.CI === undefined,
    interruption: new Interruption(),
    exitCode: exitCodes.held,
    ...given,
  }
  const ignore = context.interruption.listen((line) => context.tell(line))
  try {
    await programFor(context).parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version that were asked for are no mistake; commander has written them, or the complaint.
      return error.exitCode === 0 ? exitCodes.held : exitCodes.usage
    }
    const end = endOf(error)
    const interruptedBy = context.interruption.received
    if (interruptedBy !== undefined && context.interruption.signal.aborted && isAbort(error))
      return exitCodeOf({ interruptedBy })

    context.tell(end.message)
    context.exitCode = end.code
  } finally {
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
  ringproof load --profile load                      calls with audio, in number
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
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .showHelpAfterError("('--help' shows what there is)")
      .showSuggestionAfterError()
      .configureOutput({ writeOut: (text) => context.out(text), writeErr: (text) => context.tell(text.trimEnd()) })
  }
  return program
}

/** What a target sent may be part of a message, its certificate's name, say: it must not steer the terminal. */
export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, (run) => (/^[\n\t]+$/.test(run) ? run : ' '))
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.message.startsWith('interrupted by'))
}
