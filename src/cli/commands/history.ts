/** The command `history`: its options. */
import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { collect, pathName } from '../options.js'

interface HistoryFlags {
  readonly out?: string
  readonly target?: string[]
}

export function historyCommand(context: CliContext): Command {
  return new Command('history')
    .summary('the runs below a folder as one page of trends')
    .description(
      'Makes one page of all runs below a folder, from their files alone: verdicts and findings over time, basic functions,\nset-up time, audio, loads, router tests; with links to their reports.',
    )
    .argument('<folder>', 'folder with runs below it, such as reports')
    .option('--out <file>', 'the page (default: history.html in that folder)', pathName)
    .option('--target <name>', 'only targets whose name holds this (may be repeated)', collect)
    .option('--quiet', 'print only the path of the page')
    .option('--json', 'print the history as JSON on stdout and nothing else there')
    .addHelpText(
      'after',
      `
Examples:
  ringproof history reports
  ringproof history /var/lib/ringproof/runs --out trends.html
  ringproof history reports --target dus.net --json

Exit code: 0, whatever the runs came to; 2 there is no run. Files that cannot be read are told, and left out.`,
    )
    .action(async (folder: string, { out, target }: HistoryFlags) => {
      const { performHistory } = await import('../history.js')
      await performHistory({ folder, out, targets: target }, context)
    })
}
