/** In a job of GitHub Actions: annotations, and the summary on the job's page. */
import { appendFileSync } from 'node:fs'
import { annotations } from '../report/github.js'
import { summary } from '../report/summary.js'
import type { RunResult } from '../result/result.js'
import type { CliContext } from './context.js'

/** Does nothing elsewhere. The runner reads commands from stderr as well, so that stdout is JSON alone where it was asked for. */
export function tellGitHub(context: CliContext, result: RunResult): void {
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY } = context.env
  if (GITHUB_ACTIONS !== 'true') return
  for (const line of annotations(result)) context.complain(line)
  if (GITHUB_STEP_SUMMARY === undefined || GITHUB_STEP_SUMMARY === '') return
  try {
    appendFileSync(GITHUB_STEP_SUMMARY, `${summary(result)}\n`)
  } catch (error) {
    context.complain(
      `The job's summary could not be written: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}
