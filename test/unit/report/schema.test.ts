import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { resultSchema } from '../../../src/result/result.js'
import { resultJsonSchema } from '../../../src/report/result-json-schema.js'
import { surveyedRun } from './surveyed-run.js'
import { bulkyRun, emptyRun, faultyRun, interruptedRun, passingRun, unreachableRun } from './fixtures.js'

describe('schema/result.schema.json', () => {
  test('is in step with the code (RINGPROOF_WRITE_SCHEMA=1 writes it anew)', () => {
    const text = `${JSON.stringify(resultJsonSchema(), null, 2)}\n`
    if (process.env.RINGPROOF_WRITE_SCHEMA) writeFileSync('schema/result.schema.json', text)
    expect(JSON.parse(readFileSync('schema/result.schema.json', 'utf8'))).toEqual(resultJsonSchema())
  })

  test('takes the least that is promised, and the fields of a later release', () => {
    const schema = z.fromJSONSchema(resultJsonSchema())
    expect(schema.safeParse(emptyRun()).success).toBe(true)
    expect(schema.safeParse({ ...emptyRun(), invented: 1 }).success).toBe(true)
    expect(schema.safeParse({ ...emptyRun(), verdict: 'fine' }).success).toBe(false)
    expect(schema.safeParse({ ...emptyRun(), scenarios: undefined }).success).toBe(false)
  })

  test.each([
    ['passing', passingRun()],
    ['faulty', faultyRun()],
    ['interrupted', interruptedRun()],
    ['unreachable', unreachableRun()],
    ['empty', emptyRun()],
    ['bulky', bulkyRun()],
    ['surveyed', surveyedRun()],
  ])('validates a %s run', (_name, run) => {
    const json: unknown = JSON.parse(JSON.stringify(run))
    expect(resultSchema.safeParse(json).error).toBeUndefined()
    expect(z.fromJSONSchema(resultJsonSchema()).safeParse(json).error).toBeUndefined()
  })
})
