/** The command `compare`. */
import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'

export function compareCommand(context: CliContext): Command {
  return new Command('compare')
    .summary('compare two runs (in a later release)')
    .description('Compares a run with an earlier one: new, fixed, still failing, slower, newly untested.')
    .argument('<base>', 'folder or result.json of the earlier run')
    .argument('<new>', 'folder or result.json of the later run')
    .addHelpText('after', '\nExample:\n  ringproof compare reports/dus.net/20260101T060000Z reports/latest')
    .action(() => {
      context.exitCode = 2
      throw new UsageError(
        "'compare' is not in this release: it comes with 0.2. Until then, compare the two result.json files.",
      )
    })
}
