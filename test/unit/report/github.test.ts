import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CliContext } from '../../../src/cli/context.js'
import { tellGitHub } from '../../../src/cli/on-github.js'
import { annotations } from '../../../src/report/github.js'
import { sinks } from '../cli/sinks.js'
import { faultyRun, passingRun } from './fixtures.js'
import { comparedRun } from './compared-run.js'

const UNSAFE = 'a%\r\n::error::b'

test('what fails the run is an error each, ten at most, and nothing where all held', () => {
  expect(annotations(passingRun())).toEqual([])
  const lines = annotations(faultyRun())
  expect(lines.length).toBeGreaterThan(2)
  expect(lines.length).toBeLessThanOrEqual(10)
  for (const line of lines) expect(line).toMatch(/^::error [^\n\r]*title=ringproof%3A [^\n\r]+::[^\n\r]+$/)
})

test('with --fail-on regression what was so before is none', () => {
  const run = comparedRun()
  expect(annotations(run)).toHaveLength(2)
  expect(annotations({ ...run, failOn: { gravity: 'letter', onlyRegressions: true } })).toHaveLength(1)
})

test('a mistake in a scenario of one’s own stands at its file and line; what a target sent begins no command', () => {
  const run = passingRun()
  const [first] = run.scenarios
  const defect = { message: UNSAFE, file: 'ours/a,b:c.ts', line: 7, column: 3 }
  const [line] = annotations({ ...run, scenarios: [{ ...first!, verdict: 'error', reason: UNSAFE, defect }] })
  expect(line).toBe(`::error file=ours/a%2Cb%3Ac.ts,line=7,col=3,title=ringproof%3A ${first!.id}::a%25%0D%0A::error::b`)
})

test('in a job of GitHub the summary is appended, and elsewhere nothing is said', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringproof-github-'))
  const summary = join(folder, 'summary')
  try {
    const elsewhere = sinks({ env: { GITHUB_STEP_SUMMARY: summary } })
    tellGitHub(new CliContext(elsewhere.options), faultyRun())
    expect(elsewhere.printed).toEqual({ out: '', err: '' })
    const job = sinks({ env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary } })
    for (const run of [faultyRun(), passingRun()]) tellGitHub(new CliContext(job.options), run)
    expect(job.printed.out).toBe('')
    expect(job.printed.err).toMatch(/^::error /)
    expect(readFileSync(summary, 'utf8').match(/^## ringproof: /gm)).toHaveLength(2)
    // A summary that cannot be written costs no run.
    const full = sinks({ env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: '/dev/full' } })
    tellGitHub(new CliContext(full.options), passingRun())
    expect(full.printed.err).toContain('The job’s summary could not be written'.replace('’', "'"))
  } finally {
    rmSync(folder, { recursive: true })
  }
})
