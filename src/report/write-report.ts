/** Writes a run's report: `result.json`, and what is rendered from it. */
import { mkdirSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { resultSchema, type RunResult } from '../result/result.js'
import { customersPage } from './customers-page.js'
import { ctrf } from './ctrf.js'
import { junit } from './junit.js'
import { page } from './page.js'
import { readResult } from './read-result.js'
import { summary } from './summary.js'
import { replaceFile } from './replace-file.js'

export { readResult, ResultFileError } from './read-result.js'

/** One of the files rendered from a result. */
interface Reporter {
  readonly file: string
  /** @param folder the report's, as a CI job names it from where it works */
  render(result: RunResult, folder: string): string | Promise<string>
}

const REPORTERS: readonly Reporter[] = [
  { file: 'junit.xml', render: junit },
  { file: 'ctrf.json', render: ctrf },
  { file: 'summary.md', render: summary },
  { file: 'customers.html', render: customersPage },
  { file: 'index.html', render: (result) => page(result) },
]

/**
 * Writes the files of a report into `folder`, which is made where it is not there. `result.json` comes first; each file is replaced in
 * one step, so that nobody reads half of one; a reporter that crashes does not harm the others.
 * @param to where it will be in the end
 * @throws AggregateError after all have been tried, with what went wrong in each
 */
export async function writeReport(folder: string, result: RunResult, to = folder): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const text = JSON.stringify(result, null, 2)
  replaceFile(join(folder, 'result.json'), `${text}\n`)
  // What was written is rendered, not what was meant, so that `ringproof report` gives the same bytes.
  const written = resultSchema.safeParse(JSON.parse(text))
  await render(folder, written.success ? written.data : result, { reporters: REPORTERS, to })
}

/**
 * Renders a run's report again from its `result.json`, which is left as it is.
 * @param path the run's folder, or its `result.json`
 * @returns the folder that was written to
 * @throws ResultFileError where there is no result, or none that fits
 */
export async function renderReport(path: string): Promise<string> {
  const { folder, result } = readResult(path)
  await render(folder, result)
  return folder
}

/** Renders with each reporter. @param o.to where the report will be in the end @throws AggregateError after all have been tried */
export async function render(
  folder: string,
  result: RunResult,
  { reporters = REPORTERS, to = folder }: { readonly reporters?: readonly Reporter[]; readonly to?: string } = {},
): Promise<void> {
  const errors: Error[] = []
  const named = fromHere(to)
  for (const reporter of reporters) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, so that an error names its file
      replaceFile(join(folder, reporter.file), await reporter.render(result, named))
    } catch (error) {
      errors.push(
        new Error(`${reporter.file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error }),
      )
    }
  }
  if (errors.length > 0)
    throw new AggregateError(errors, `The report is not complete: ${errors.map(({ message }) => message).join('; ')}`)
}

/** Below the working directory relative to it, which in CI jobs is the project's; absolute elsewhere. */
function fromHere(folder: string): string {
  const path = relative(process.cwd(), folder)
  return path.startsWith('..') || isAbsolute(path) ? resolve(folder) : path
}
