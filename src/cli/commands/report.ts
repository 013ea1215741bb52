/** The command `report`. */
import { join } from 'node:path'
import { Command } from 'commander'
import type { RunResult } from '../../result/result.js'
import type { CliContext } from '../context.js'
import { UsageError } from '../errors.js'

export function reportCommand(context: CliContext): Command {
  return new Command('report')
    .summary("render a run's report again from its result.json")
    .description('Renders index.html, junit.xml and summary.md of a run again, from its result.json alone.')
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

/** Reads a run's result from its folder or file. @throws UsageError where there is none, or none that fits */
export async function readResult(path: string): Promise<{ folder: string; result: RunResult }> {
  const report = await import('../../report/write-report.js')
  try {
    return report.readResult(path)
  } catch (error) {
    throw error instanceof report.ResultFileError ? new UsageError(error.message) : error
  }
}
