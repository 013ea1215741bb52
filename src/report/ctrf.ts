/** `ctrf.json`: the same cases as `junit.xml` in the Common Test Report Format (https://ctrf.io). */
import type { RunResult } from '../result/result.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import type { Verdict } from '../result/terms.js'
import { type Case, casesOf } from './cases.js'
import { clip } from './html.js'
import { isBeside } from './parts.js'

type Status = 'passed' | 'failed' | 'skipped' | 'pending' | 'other'

/** The version of the specification that it is written by. */
const SPECIFICATION = '0.0.0'

/** @returns the document's text */
export function ctrf(result: RunResult): string {
  const { ringproof, target, startedAt, endedAt, command, seed, clock, sentence, exitCode, repeat, verdict } = result
  const tests = casesOf(result).map((one) => testOf(one, Date.parse(startedAt)))
  const [start, stop] = [Date.parse(startedAt), Date.parse(endedAt)]
  const many = (status: Status) => tests.filter((one) => one.status === status).length
  const document = {
    reportFormat: 'CTRF',
    specVersion: SPECIFICATION,
    timestamp: endedAt,
    generatedBy: `ringproof ${ringproof}`,
    results: {
      tool: { name: 'ringproof', version: ringproof },
      summary: {
        tests: tests.length,
        passed: many('passed'),
        failed: many('failed'),
        skipped: many('skipped'),
        pending: 0,
        other: many('other'),
        flaky: tests.filter(({ flaky }) => flaky === true).length,
        suites: new Set(tests.map(({ suite }) => suite.join('/'))).size,
        start,
        stop,
        duration: Math.max(0, stop - start),
      },
      tests,
      environment: {
        appName: target.name,
        ...(target.software?.length ? { appVersion: target.software.join(', ') } : {}),
        ...(result.selection?.shard === undefined ? {} : { shardId: result.selection.shard }),
        healthy: exitCode === 0,
        extra: { command, seed, clock, verdict, exitCode, sentence, repeat, baseline: result.comparison?.base.name },
      },
    },
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

function testOf(one: Case, startMs: number) {
  const { suite, name, seconds, message, text, of } = one
  const isBad = one.state === 'failure' || one.state === 'error'
  return {
    name,
    status: statusOf(one),
    duration: Math.round(seconds * 1000),
    suite: [suite],
    ...(message === '' ? {} : { message: clip(message, 1000) }),
    ...(isBad && text !== '' ? { trace: text } : {}),
    ...(of === undefined ? {} : aboutOf(of, startMs)),
  }
}

/** What was run and not decided is neither: `other`. */
function statusOf({ state, of }: Case): Status {
  if (state === 'passed') return 'passed'
  if (state !== 'skipped') return 'failed'
  return of?.verdict === 'inconclusive' ? 'other' : 'skipped'
}

const STATUSES: Readonly<Record<Verdict, Status>> = {
  pass: 'passed',
  warn: 'passed',
  fail: 'failed',
  error: 'failed',
  inconclusive: 'other',
  unsupported: 'skipped',
  'not applicable': 'skipped',
}

function aboutOf(of: ScenarioResult, startMs: number) {
  const { title, verdict, variant, purposes, provider, file, defect, startedAtMs, durationMs, attempts = [] } = of
  const times = startedAtMs === undefined ? {} : timesOf(startMs + startedAtMs, durationMs)
  const verdicts = new Set(attempts.map((attempt) => STATUSES[attempt.verdict]))
  const filePath = defect?.file ?? file
  return {
    rawStatus: verdict,
    type: 'conformance',
    ...times,
    tags: [...purposes, ...provider],
    labels: { transport: variant.transport, family: variant.family },
    ...(filePath === undefined ? {} : { filePath }),
    ...(defect?.line === undefined ? {} : { line: defect.line }),
    ...(attempts.length < 2
      ? {}
      : {
          retries: attempts.length - 1,
          flaky: verdicts.has('failed') && verdicts.size > 1,
          retryAttempts: attempts.map((attempt, index) => ({
            attempt: index + 1,
            status: STATUSES[attempt.verdict],
            duration: Math.round(attempt.durationMs),
            ...(attempt.reason === '' ? {} : { message: clip(attempt.reason, 1000) }),
          })),
        }),
    attachments: of.evidence
      .filter(isBeside)
      .map((path) => ({ name: path.split('/').at(-1) ?? path, contentType: 'application/x-pcapng', path })),
    extra: { title, rules: of.checks.map(({ id, rule, verdict: was }) => ({ id, rule, verdict: was })) },
  }
}

const timesOf = (start: number, durationMs: number) => ({
  start: Math.round(start),
  stop: Math.round(start + durationMs),
})
