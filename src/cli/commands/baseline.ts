/** The command `baseline`: its options. */
import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { pathName } from '../options.js'

export function baselineCommand(context: CliContext): Command {
  return new Command('baseline')
    .summary('make a baseline file of several runs')
    .description(
      'Makes a small file of runs of one kind, which later runs are compared with: what failed in which of them, and how\nfigures varied from run to run. Keep it beside the target file, and review its changes.',
    )
    .argument('<runs...>', 'folders of runs, their result.json, or baseline files whose runs are taken over')
    .requiredOption('--out <file>', 'where to write it', pathName)
    .addHelpText(
      'after',
      `
Examples:
  for i in 1 2 3 4 5; do ringproof run --target my.yaml --out run-$i; done
  ringproof baseline run-1 run-2 run-3 run-4 run-5 --out my.baseline.json
  ringproof baseline my.baseline.json reports/latest --out my.baseline.json     one run more
  ringproof run --target my.yaml --baseline my.baseline.json --fail-on regression`,
    )
    .action(async (paths: string[], { out }: { readonly out: string }) => {
      const { performBaseline, sideOf } = await import('../compare.js')
      performBaseline(paths.map(sideOf), out, context)
    })
}
