import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { comparisonSection } from '../../../src/report/comparison-view.js'
import { resultJsonSchema } from '../../../src/report/result-json-schema.js'
import { summary } from '../../../src/report/summary.js'
import { comparedRun, HOSTILE } from './compared-run.js'
import { passingRun } from './fixtures.js'

const words = (run: Parameters<typeof comparisonSection>[0]) =>
  String(comparisonSection(run) ?? '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')

describe('what changed', () => {
  test('is a section of the page where there was something to compare with', () => {
    expect(comparisonSection(passingRun())).toBeUndefined()
    const text = words(comparedRun())
    expect(text).toContain('since dus.baseline.json (5 runs of 2026-03-01 to 2026-03-05) , 5 tests')
    expect(text).toMatch(/New 1 problem .*Calls are lost/)
    expect(text).toMatch(/Fixed 1 problem .*Harm of mended 1 test that showed it does so no longer/)
    expect(text).toMatch(
      /Varies from run to run 1 problem .*Harm of flaky it showed in 1 of 5 runs before, and not now/,
    )
    expect(text).toMatch(/Unchanged 1 problem .*Harm of lasting/)
    expect(text).toMatch(/worse answer to a request over UDP, IPv4 \(median\) : 95 ms, was 40\.1 to 40\.5 ms in 5 runs/)
    expect(text).toMatch(/No longer tested 1 test .*it takes longer than 40 s, and --slow was not given/)
  })

  test('shows what a target sent, and runs none of it', () => {
    const section = String(comparisonSection(comparedRun(HOSTILE)))
    expect(section).not.toContain('<img')
    expect(section).not.toContain('<script')
    expect(section).toContain('&lt;img src=x')
  })

  test('says what only differs where it cannot be told what changed', () => {
    const run = comparedRun()
    const { comparison } = run
    if (comparison === undefined) throw new Error('no comparison')
    const text = words({ ...run, comparison: { ...comparison, conclusive: false } })
    expect(text).toContain('Only now')
    expect(text).not.toMatch(/\bNew\b|\bFixed\b/)
  })

  test('is one line of summary.md', () => {
    const lines = summary(comparedRun(HOSTILE)).split('\n')
    const told = lines.filter((line) => line.startsWith('**What changed:**'))
    expect(told).toHaveLength(1)
    expect(told[0]).toContain('1 new problem and 1 figure worse')
    expect(told[0]).not.toContain('<img')
    expect(summary(passingRun())).not.toContain('What changed')
  })

  test('stands in result.json as its schema says', () => {
    const json: unknown = JSON.parse(JSON.stringify(comparedRun()))
    expect(z.fromJSONSchema(resultJsonSchema()).safeParse(json).error).toBeUndefined()
  })
})
