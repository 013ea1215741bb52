import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  baselineJsonSchema,
  baselineText,
  readRunOrBaseline,
  writeBaseline,
} from '../../../src/report/baseline-file.js'
import { joined } from '../../../src/verdict/comparison/join.js'
import { snapshotOf } from '../../../src/verdict/comparison/snapshot.js'
import { bulkyRun, faultyRun, passingRun } from './fixtures.js'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-baseline-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a baseline file', () => {
  test('its schema is in step with the code (RINGPROOF_WRITE_SCHEMA=1 writes it anew)', () => {
    const text = `${JSON.stringify(baselineJsonSchema(), null, 2)}\n`
    if (process.env.RINGPROOF_WRITE_SCHEMA) writeFileSync('schema/baseline.schema.json', text)
    expect(JSON.parse(readFileSync('schema/baseline.schema.json', 'utf8'))).toEqual(baselineJsonSchema())
  })

  test('is read back as it was, and fits its schema', () => {
    const path = join(folder, 'one.json')
    const baseline = snapshotOf(faultyRun())
    writeBaseline(path, baseline)
    expect(readRunOrBaseline(path)).toEqual({ baseline: JSON.parse(JSON.stringify(baseline)) })
    expect(
      z.fromJSONSchema(baselineJsonSchema()).safeParse(JSON.parse(readFileSync(path, 'utf8'))).error,
    ).toBeUndefined()
  })

  test('has a line for each scenario and is small, whatever the run was', () => {
    const run = bulkyRun()
    const text = baselineText(snapshotOf(run))
    const ids = new Set(run.scenarios.map(({ id }) => id))
    expect(text.split('\n').length).toBeLessThan(ids.size + 100)
    expect(text.length).toBeLessThan(JSON.stringify(run).length / 20)
  })

  test('a test that changes is one line of difference', () => {
    const before = passingRun()
    const after = {
      ...before,
      scenarios: before.scenarios.map((one, at) => (at === 3 ? { ...one, verdict: 'unsupported' as const } : one)),
    }
    const lines = (run: typeof before) => baselineText(snapshotOf(run)).split('\n')
    const differing = lines(after).filter((one, at) => one !== lines(before)[at])
    expect(differing).toHaveLength(1)
    expect(differing[0]).toContain(before.scenarios[3]?.id)
  })

  test('is the same, whatever the order of the runs', () => {
    const run = (day: number) => ({
      name: '',
      baseline: snapshotOf({ ...passingRun(), startedAt: `2026-01-0${day}T00:00:00.000Z`, clock: 'wall' as const }),
    })
    expect(baselineText(joined([run(1), run(2), run(3)]))).toBe(baselineText(joined([run(3), run(1), run(2)])))
  })

  test.each([
    ['one of a later release', { baselineVersion: 2 }, /baselineVersion 2, this release of ringproof knows up to 1/],
    ['a part of one', { baselineVersion: 1, target: {} }, /is not a baseline of ringproof: \S+: .*Write it anew/],
  ])('%s is refused with a sentence', (_, json, sentence) => {
    const path = join(folder, 'odd.json')
    writeFileSync(path, JSON.stringify(json))
    expect(() => readRunOrBaseline(path)).toThrow(sentence)
  })

  test('what a merge left in pieces is refused with a sentence', () => {
    const path = join(folder, 'pieces.json')
    writeFileSync(path, '<<<<<<< HEAD\n{')
    expect(() => readRunOrBaseline(path)).toThrow(/a merge left it in pieces/)
    expect(() => readRunOrBaseline(join(folder, 'no-such'))).toThrow(/There is no/)
  })
})
