import { storageTrouble } from '../evidence/storage-trouble.js'
import { writeReport } from '../report/write-report.js'
import type { RunResult } from '../result/result.js'
import { exitCodeWithoutReport } from '../verdict/exit-code.js'
import type { CliContext } from './context.js'

/**
 * Writes a run's report. Where the disk does not take it, that is said, and a run that held ends as one that was not all
 * done; what it found out counts all the same.
 * @returns the result, with the exit code that is true now
 */
export async function writeReportOrTell(folder: string, result: RunResult, context: CliContext): Promise<RunResult> {
  try {
    await writeReport(folder, result)
    return result
  } catch (error) {
    const why = storageTrouble(error)
    if (why === undefined) throw error
    context.tell(`The report is not complete in ${folder}: ${why}. Choose another folder with --out, and run again.`)
    return { ...result, exitCode: exitCodeWithoutReport(result.exitCode) }
  }
}
