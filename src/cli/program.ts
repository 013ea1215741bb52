/** The commands. */
import { Command } from 'commander'
import { version } from '../worlds/package-folder.js'
import { agentCommand } from './commands/agent.js'
import { baselineCommand } from './commands/baseline.js'
import { bundleCommand } from './commands/bundle.js'
import { completionCommand, manCommand } from './commands/completion.js'
import { compareCommand } from './commands/compare.js'
import { doctorCommand } from './commands/doctor.js'
import { explainCommand } from './commands/explain.js'
import { importCommand } from './commands/import.js'
import { historyCommand } from './commands/history.js'
import { initCommand } from './commands/init.js'
import { judgeCommand } from './commands/judge.js'
import { listCommand } from './commands/list.js'
import { loadCommand } from './commands/load.js'
import { mergeCommand } from './commands/merge.js'
import { monitorCommand } from './commands/monitor.js'
import { providerCommand } from './commands/provider.js'
import { recordCommand } from './commands/record.js'
import { reflectorCommand } from './commands/reflector.js'
import { reportCommand } from './commands/report.js'
import { routerCommand } from './commands/router.js'
import { runCommand } from './commands/run.js'
import { startCommand } from './commands/start.js'
import type { CliContext } from './context.js'
import { refuseTwice } from './options.js'

export function programFor(context: CliContext): Command {
  const program = new Command('ringproof')
    .description('Conformance and load tests for hosted telephony: registrar, proxy, media relays, service numbers.')
    .version(version(), '--version')
    .addHelpText(
      'after',
      `
Examples:
  ringproof run                                      test the embedded provider
  ringproof doctor --target targets/dus-net.yaml     check what can be tested from here
  ringproof run --target targets/dus-net.yaml        test a real one
  ringproof load --profile load                      a hundred calls with audio at once
  ringproof help run                                 more about one command`,
    )
  const commands = [
    runCommand(context),
    loadCommand(context),
    providerCommand(context),
    agentCommand(context),
    routerCommand(context),
    reflectorCommand(context),
    initCommand(context),
    importCommand(context),
    doctorCommand(context),
    recordCommand(context),
    listCommand(context),
    explainCommand(context),
    reportCommand(context),
    compareCommand(context),
    historyCommand(context),
    monitorCommand(context),
    baselineCommand(context),
    bundleCommand(context),
    mergeCommand(context),
    completionCommand(context),
    manCommand(context),
    judgeCommand(context),
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
      .showHelpAfterError("('--help' lists commands and options)")
      .showSuggestionAfterError()
      .configureOutput({ writeOut: (text) => context.out(text), writeErr: (text) => context.complain(text.trimEnd()) })
  }
  return program
}
