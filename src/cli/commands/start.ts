/** The command `start`, for `npm start`. */
import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { collect, type ReportFlags, reportOrder, withReportOptions } from '../options.js'
import { orderOf } from './run.js'

/** For `npm start`: not shown in the help, since without a checkout there is nothing to set up. */
export function startCommand(context: CliContext): Command {
  const command = new Command('start')
    .description('Conformance and a short load against the embedded provider, in one report.')
    .option('--fault <name>', 'enable a fault of the embedded provider (may be repeated)', collect)
  return withReportOptions(command)
    .addHelpText('after', '\nExamples:\n  npm start\n  npm start -- --fault nat-binding-forgotten')
    .action(async (flags: ReportFlags & { readonly fault?: string[] }) => {
      const { performStart } = await import('../start.js')
      const conformance = await orderOf({ ...flags, clock: 'wall' })
      const end = await performStart({ ...(await reportOrder(flags)), conformance }, context)
      context.exitCode = end.result.exitCode
    })
}
