/** The command `report`. */
import { join } from 'node:path'
import { Command } from 'commander'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'

export function reportCommand(context: CliContext): Command {
  return new Command('report')
    .summary("render a run's report again from its result.json")
    .description(
      'Renders index.html, customers.html, junit.xml, ctrf.json and summary.md of a run again, from its result.json alone.',
    )
    .argument('<folder>', "the run's folder, or its result.json")
    .addHelpText('after', '\nExamples:\n  ringproof report reports/latest\n  ringproof report artifacts/result.json')
    .action(async (path: string) => {
      const { renderReport, ResultFileError } = await import('../../report/write-report.js')
      try {
        context.out(`${join(await renderReport(path), 'index.html')}\n`)
      } catch (error) {
        throw error instanceof ResultFileError ? new UsageError(error.message) : error
      }
    })
}
