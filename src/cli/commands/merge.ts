/** The command `merge`: its options. */
import { Command, Option } from 'commander'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'
import { knownDeviationsOf } from '../known-deviations.js'
import { pathName } from '../options.js'
import { scenariosWith, withScenarios } from '../own-scenarios.js'
import type { MergeOrder } from '../merge.js'

interface MergeFlags {
  readonly out?: string
  readonly known?: string
  readonly failOn: 'harm' | 'letter'
  readonly scenarios?: string[]
}

export function mergeCommand(context: CliContext): Command {
  const command = new Command('merge')
    .summary('join the results of the parts of one load')
    .description(
      'Joins the results of a load that was split (load --shard, or k6 --execution-segment) into one verdict and one report.\nThresholds are judged over all calls of all parts.',
    )
    .argument('<folders...>', 'folders of the parts, or their result.json')
    .option('--out <folder>', 'folder for the report (default: reports/<target>/<run>)', pathName)
    .addOption(
      new Option('--fail-on <gravity>', 'gravity from which a broken rule fails the run')
        .choices(['harm', 'letter'])
        .default('letter'),
    )
    .option('--known <file>', 'known deviations of the target', pathName)
  return withScenarios(command, 'your own scenarios, which the parts had')
    .option('--quiet', 'print only the verdict, the findings and the path of the report')
    .option('--json', 'print the result as JSON on stdout and nothing else there')
    .addHelpText(
      'after',
      `
Example, on two machines at the same time, then on one of them:
  ringproof load --target my.yaml --profile load --calls 2000 --shard 1/2 --out part-1
  ringproof load --target my.yaml --profile load --calls 2000 --shard 2/2 --out part-2
  ringproof merge part-1 part-2 --out joined`,
    )
    .action(async (paths: string[], flags: MergeFlags) => {
      const order = await mergeOrderOf(paths, flags)
      const { performMerge } = await import('../merge.js')
      const { NotTogetherError } = await import('../../load/belong-together.js')
      try {
        const { result } = await performMerge(order, context)
        context.exitCode = result.exitCode
      } catch (error) {
        throw error instanceof NotTogetherError ? new UsageError(error.message) : error
      }
    })
}

async function mergeOrderOf(paths: readonly string[], flags: MergeFlags): Promise<MergeOrder> {
  const { readResult, ResultFileError } = await import('../../report/write-report.js')
  try {
    const results = paths.map((path) => readResult(path))
    const name = results[0]?.result.target.name ?? ''
    const deviations = await knownDeviationsOf(
      flags.known,
      { name },
      async () => (await scenariosWith(flags.scenarios)).all,
    )
    return { results, out: flags.out, failOn: flags.failOn, deviations }
  } catch (error) {
    throw error instanceof ResultFileError ? new UsageError(error.message) : error
  }
}
