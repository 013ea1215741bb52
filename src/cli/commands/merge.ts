/** The command `merge`: its options. */
import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'
import { knownDeviationsOf } from '../known-deviations.js'
import { baselineOption, FAIL_ON_TEXT, type FailOn, failOnOption, pathName, reportOrder } from '../options.js'
import { scenariosWith, withScenarios } from '../own-scenarios.js'
import type { MergeOrder } from '../orders.js'

interface MergeFlags {
  readonly out?: string
  readonly known?: string
  readonly failOn?: readonly FailOn[]
  readonly baseline?: string
  readonly scenarios?: string[]
}

export function mergeCommand(context: CliContext): Command {
  const command = new Command('merge')
    .summary('join the results of the parts of one run, or of one load')
    .description(
      'Joins the results of a run that was split (run --shard), or of a load (load --shard, or k6 --execution-segment), into one\nverdict and one report. A part that is missing is told, and the run is not whole then. Thresholds of a load are judged over\nall calls of all parts.',
    )
    .argument('<folders...>', 'folders of the parts, or their result.json')
    .option('--out <folder>', 'folder for the report (default: reports/<target>/<run>)', pathName)
    .addOption(failOnOption(FAIL_ON_TEXT))
    .addOption(baselineOption())
    .option('--known <file>', 'known deviations of the target (default: those of the parts)', pathName)
  return withScenarios(command, 'your own scenarios, which the parts had')
    .option('--quiet', 'print only the verdict, the findings and the path of the report')
    .option('--json', 'print the result as JSON on stdout and nothing else there')
    .addHelpText(
      'after',
      `
Examples:
  ringproof run --target my.yaml --shard 1/2 --out part-1     two jobs at the same time
  ringproof run --target my.yaml --shard 2/2 --out part-2
  ringproof merge part-1 part-2 --out report                  a third, after both

  ringproof load --target my.yaml --profile load --calls 2000 --shard 1/2 --out part-1

Exit codes as of run and load; 5 also where a part is missing or was interrupted.`,
    )
    .action(async (paths: string[], flags: MergeFlags) => {
      const order = await mergeOrderOf(paths, flags)
      const { NotTogetherError } = await import('../../load/belong-together.js')
      const { ResultFileError } = await import('../../report/write-report.js')
      try {
        const { result } = await (await joinerOf(order))(order, context)
        context.exitCode = result.exitCode
      } catch (error) {
        const isTheirs = error instanceof NotTogetherError || error instanceof ResultFileError
        throw isTheirs ? new UsageError(error.message) : error
      }
    })
}

/** What joins them: loads, unless one is a conformance run. */
async function joinerOf({ results }: MergeOrder) {
  const { isPartOfRun, mergeRuns } = await import('../merge-runs.js')
  return results.some(isPartOfRun) ? mergeRuns : (await import('../merge.js')).mergeLoads
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
    const { out, failOn, baseline, onlyRegressions } = await reportOrder(flags)
    return { results, out, failOn, baseline, onlyRegressions, known: flags.known, deviations }
  } catch (error) {
    throw error instanceof ResultFileError ? new UsageError(error.message) : error
  }
}
