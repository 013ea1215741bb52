import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ctrf } from '../../../src/report/ctrf.js'
import type { RunResult } from '../../../src/result/result.js'
import { comparedRun } from './compared-run.js'
import { bulkyRun, emptyRun, faultyRun, interruptedRun, passingRun, unreachableRun } from './fixtures.js'
import { surveyedRun } from './surveyed-run.js'

const schema = z.fromJSONSchema(JSON.parse(readFileSync('test/unit/report/ctrf/ctrf-schema-0.0.json', 'utf8')))
const read = (run: RunResult) => JSON.parse(ctrf(run))

describe('ctrf.json', () => {
  test.each([
    ['passing', passingRun()],
    ['faulty', faultyRun()],
    ['interrupted', interruptedRun()],
    ['unreachable', unreachableRun()],
    ['empty', emptyRun()],
    ['bulky', bulkyRun()],
    ['surveyed', surveyedRun()],
    ['compared', comparedRun()],
  ])('of a %s run is valid by the schema of its makers', (_name, run) => {
    expect(schema.safeParse(read(run)).error).toBeUndefined()
  })

  test('the schema refuses what is none', () => {
    expect(schema.safeParse({ ...read(passingRun()), results: { tests: [] } }).success).toBe(false)
    expect(schema.safeParse({ ...read(passingRun()), invented: 1 }).success).toBe(false)
  })

  test('counts agree with the tests, and states with JUnit', () => {
    const { summary, tests } = read(faultyRun()).results
    const many = (status: string) => tests.filter((one: { status: string }) => one.status === status).length
    expect(summary).toMatchObject({ tests: tests.length, passed: many('passed'), failed: many('failed'), pending: 0 })
    expect(summary.skipped + summary.other).toBe(many('skipped') + many('other'))
    expect(summary.failed).toBeGreaterThan(5)
  })

  test('what failed, then held, is flaky, with all attempts', () => {
    const run = passingRun()
    const [first, ...rest] = run.scenarios
    const attempt = { reason: '', durationMs: 3.4, evidence: [] }
    const attempts = [
      { ...attempt, verdict: 'fail' as const, reason: 'no ACK' },
      { ...attempt, verdict: 'pass' as const },
    ]
    const { summary, tests } = read({ ...run, scenarios: [{ ...first!, attempts }, ...rest] }).results
    expect(summary.flaky).toBe(1)
    expect(tests[0]).toMatchObject({
      flaky: true,
      retries: 1,
      retryAttempts: [
        { attempt: 1, status: 'failed', duration: 3, message: 'no ACK' },
        { attempt: 2, status: 'passed', duration: 3 },
      ],
    })
  })
})
