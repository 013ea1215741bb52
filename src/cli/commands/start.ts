import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { pathName } from '../options.js'

/** For `npm start`: not shown in the help, since without a checkout there is nothing to set up. */
export function startCommand(context: CliContext): Command {
  return new Command('start')
    .description('Conformance and a short load against the embedded provider, in one report.')
    .option('--out <folder>', 'folder for the report (default: reports/<target>/<run>)', pathName)
    .addHelpText('after', '\nExample:\n  npm start')
    .action(async ({ out }: { out?: string }) => {
      const { performStart } = await import('../start.js')
      const end = await performStart({ out }, context)
      context.exitCode = end.result.exitCode
    })
}
