/** The command `compare`: its options. */
import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { type FailOn, failOnOption, gravityOf } from '../options.js'

interface CompareFlags {
  readonly failOn?: readonly FailOn[]
}

export function compareCommand(context: CliContext): Command {
  return new Command('compare')
    .summary('compare two runs, or a run with a baseline')
    .description(
      'Compares a run with an earlier one: what is new, fixed, unchanged, varying from run to run, no longer tested, and slower or worse\nby more than the noise between repeated runs.',
    )
    .argument('<base>', 'the earlier one: folder of a run, its result.json, or a baseline file')
    .argument('<new>', 'the later one, likewise')
    .addOption(
      failOnOption(
        'end with 1 on a regression: regression or letter (whatever is worse), harm (but for formal rules and figures); default: a comparison that could be made ends with 0',
      ),
    )
    .option('--quiet', 'print only the comparison')
    .option('--json', 'print the comparison as JSON on stdout and nothing else there')
    .addHelpText(
      'after',
      `
Examples:
  ringproof compare reports/dus.net/20261101T060000Z reports/latest
  ringproof compare baseline.json reports/latest --fail-on regression

Exit codes: 0 compared, 2 wrong usage; with --fail-on also 1 something is worse, 4 not everything could be compared
(another target, a run that was interrupted or is not valid).`,
    )
    .action(async (base: string, now: string, { failOn }: CompareFlags) => {
      const { performCompare, sideOf } = await import('../compare.js')
      const order = { base: sideOf(base), now: sideOf(now), failOn: failOn && gravityOf(failOn) }
      context.exitCode = performCompare(order, context)
    })
}
