/** The end of a run: the result is decided, written, and said in a few lines. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { storageTrouble } from '../evidence/storage-trouble.js'
import { kindWord } from '../report/finding-view.js'
import { writePart } from '../report/part-file.js'
import { writeReport } from '../report/write-report.js'
import type { RunVerdict } from '../result/terms.js'
import type { Finding } from '../result/finding.js'
import { partSchema } from '../result/part.js'
import type { RunResult } from '../result/result.js'
import { exitCodes, exitCodeWithoutReport } from '../verdict/exit-code.js'
import { problemsOf } from '../result/problems.js'
import { tellComparison } from './compare.js'
import { oneLine, type Style } from './console.js'
import { tellGitHub } from './on-github.js'
import { endOf } from './errors.js'
import type { CliContext } from './context.js'
import type { RunEnd } from './orders.js'
import { factsOf, resultOf, type RunStory } from './result-of.js'
import { finalFolderOf, pointLatestAt, publish } from './run-folder.js'

/** Findings that are shown; the report has them all. */
const MOST_FINDINGS = 10
const MOST_LENGTH = 2000

const STYLES: Readonly<Record<RunVerdict, Style>> = {
  pass: 'green',
  warn: 'yellow',
  fail: 'red',
  error: 'red',
  invalid: 'yellow',
  inconclusive: 'yellow',
  interrupted: 'yellow',
}

/**
 * Decides a run, writes its report, and prints what came of it.
 * @param isOwnFolder whether the folder was chosen by the user, so that `reports/latest` is not to point at it
 */
export async function finish(
  story: RunStory,
  { folder: work, isOwnFolder }: { readonly folder: string; readonly isOwnFolder: boolean },
  context: CliContext,
): Promise<RunEnd> {
  context.status('')
  const whole = { ...story, facts: { ...story.facts, ...strayFacts(context) } }
  if (story.selection?.shard !== undefined) writePartOrTell(work, story.selection.shard, { whole, context })
  const result = await writeReportOrTell(work, resultOf(whole), context)
  const folder = publish(work)
  if (!isOwnFolder) pointLatestAt(folder)
  if (context.json) context.out(`${JSON.stringify(result, null, 2)}\n`)
  tellEnd(context, result, folder)
  return { result, folder }
}

/** What the command was broken off for, where nobody caught it. */
function strayFacts({ interruption: { stray } }: CliContext): Pick<RunStory['facts'], 'defect' | 'incomplete'> {
  if (stray === undefined) return {}
  const { code } = endOf(stray)
  if (code !== exitCodes.defect) return { incomplete: true }
  const message = stray instanceof Error ? `${stray.name}: ${stray.message}` : 'something was thrown that is no error'
  return { defect: `Broken off by a defect of ringproof: ${oneLine(message)}.` }
}

/** What `ringproof merge` needs of a part. */
function writePartOrTell(
  folder: string,
  shard: string,
  { whole, context }: { readonly whole: RunStory; readonly context: CliContext },
): void {
  const { load: _, failOn: _failOn, ...facts } = factsOf(whole)
  try {
    // What is not named there is left out, as what reads it would.
    writePart(folder, shard, partSchema.shape.facts.parse(facts))
  } catch (error) {
    const why = storageTrouble(error)
    if (why === undefined) throw error
    context.complain(`part.json could not be written, so that this part cannot be merged: ${why}.`)
  }
}

/**
 * Writes a run's report. Where the disk does not take it, that is said, and a run that held ends as one that was not all
 * done; what it found out counts all the same.
 * @returns the result, with the exit code that is true now
 */
export async function writeReportOrTell(folder: string, result: RunResult, context: CliContext): Promise<RunResult> {
  try {
    await writeReport(folder, result, finalFolderOf(folder))
    return result
  } catch (error) {
    const why = storageTrouble(error)
    if (why === undefined) throw error
    context.complain(`The report is incomplete in ${folder}: ${why}. Choose another folder with --out, and run again.`)
    return { ...result, exitCode: exitCodeWithoutReport(result.exitCode) }
  }
}

/** The verdict in a sentence, the first findings in a line each, and where the report is. */
export function tellEnd(context: CliContext, result: RunResult, folder: string): void {
  const { sentence = '', verdict, findings } = result
  const page = join(folder, 'index.html')
  context.report([{ style: STYLES[verdict], text: oneLine(sentence, MOST_LENGTH) }])
  // Problems as the report counts them, then what it tells below them; what is only worth knowing stands in the report.
  const problems = problemsOf(findings)
  const others = findings.filter((one) => one.severity !== 'info' && !problems.includes(one))
  const telling = [...problems, ...others]
  for (const finding of telling.slice(0, MOST_FINDINGS)) tellFinding(context, finding, problems.includes(finding))
  const more = telling.length - MOST_FINDINGS
  if (more > 0) context.report(`  and ${more} more in the report`)
  if (result.comparison !== undefined) {
    tellComparison(context, result.comparison)
    if (verdict === 'fail' && result.exitCode !== exitCodes.failed) {
      context.report(
        `Exit code ${result.exitCode}, and not 1: what fails is no worse than in ${result.comparison.base.name}.`,
      )
    }
  }
  if (existsSync(page)) context.report(`Report: ${page}`)
  tellGitHub(context, result)
}

function tellFinding(context: CliContext, finding: Finding, isProblem: boolean): void {
  const { severity, kind, title, scenarios } = finding
  const ids = [...new Set(scenarios.map(({ scenario }) => scenario))].filter((id) => id !== '')
  const more = ids.length > 3 ? ` and ${ids.length - 3} more` : ''
  const where = ids.length === 0 ? '' : ` (${ids.slice(0, 3).join(', ')}${more})`
  const word = isProblem || kind === 'defect' ? kindWord(finding) : 'known'
  const sign = severity === 'fail' ? { style: 'red' as const, text: '✗' } : { style: 'yellow' as const, text: '!' }
  context.report([
    '  ',
    sign,
    { style: 'dim', text: ` ${word.padEnd('exposure'.length)} ` },
    oneLine(title),
    { style: 'dim', text: where },
  ])
}
