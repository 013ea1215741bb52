import { expect, test } from 'vitest'
import { Progress } from '../../../src/cli/progress.js'
import type { ScenarioResult } from '../../../src/result/scenario-result.js'
import type { PlanEntry } from '../../../src/runner/plan.js'
import { contextFor } from './sinks.js'

const variant = { transport: 'udp', family: 'ipv4' } as const

function entry(id: string): PlanEntry {
  const definition = {
    id,
    title: '',
    area: 'proxy' as const,
    purposes: ['P'],
    rules: {},
    devices: {},
    seconds: 1,
    harm: '',
    advice: '',
    run: () => Promise.resolve(),
  }
  return { definition, file: '', variant }
}

function result(id: string, verdict: ScenarioResult['verdict'], reason = ''): ScenarioResult {
  const about = { title: '', area: 'proxy', purposes: [], provider: [], variant }
  return { id, verdict, reason, ...about, durationMs: 1234, checks: [], evidence: [] }
}

const known = {
  file: 'known.json',
  deviations: [{ scenario: 'a/known', check: 'rule', rule: 'RFC 3261 §8', reason: 'mended in 5.7' }],
}

function knownResult(): ScenarioResult {
  const failed = result('a/known', 'fail', 'rule')
  const check = {
    id: 'rule',
    level: 'MUST',
    rule: 'RFC 3261 §8',
    verdict: 'fail',
    expected: '200',
    actual: '500',
  } as const
  return { ...failed, checks: [{ ...check, paraphrase: '', gravity: 'harm', cause: 'a/known' }] }
}

test('without a terminal: a line for each scenario that did not pass, and how far it is every 15 s', () => {
  const { printed, context } = contextFor()
  let now = 0
  const progress = new Progress(context, { known, now: () => now })
  progress.planned([entry('a/one'), entry('a/two'), entry('a/known'), entry('a/four')], [{ id: 'a/slow', why: '' }])
  progress.begins(entry('a/one'))
  progress.ended(entry('a/one'), result('a/one', 'pass'))
  progress.ended(entry('a/two'), result('a/two', 'fail', 'no \u001b[31m200\r\nheard'))
  now = 14_999
  progress.ended(entry('a/known'), knownResult())
  now = 15_000
  progress.ended(entry('a/four'), result('a/four', 'inconclusive', 'silence'))
  expect(printed.out).toBe('')
  expect(printed.err.split('\n')).toEqual([
    '4 tests to run; 1 not tested (the report says why)',
    'FAIL         a/two udp/ipv4 (1.2 s): no  [31m200 heard',
    'known        a/known udp/ipv4 (1.2 s): known deviation: mended in 5.7',
    'inconclusive a/four udp/ipv4 (1.2 s): silence',
    '4 of 4 done, 1 failed, 1 known, 1 inconclusive',
    '',
  ])
})

test('on a terminal one line is kept up to date below the others, and is gone at the end', () => {
  const { printed, context } = contextFor({ terminal: true })
  const progress = new Progress(context, { now: () => 0 })
  progress.planned([entry('a/one'), entry('a/two')], [])
  progress.begins(entry('a/one'))
  progress.ended(entry('a/one'), result('a/one', 'pass'))
  progress.ended(entry('a/two'), result('a/two', 'fail'))
  context.status('')
  expect(screenOf(printed.err)).toEqual(['2 tests to run', 'FAIL         a/two udp/ipv4 (1.2 s)', ''])
  expect(printed.err).toContain('1 of 2 done')
  expect(printed.err).toContain('0 of 2 done · 1 running, a/one udp/ipv4')
})

test('quiet: nothing of it', () => {
  const { printed, context } = contextFor({ terminal: true })
  context.quiet = true
  const progress = new Progress(context)
  progress.planned([entry('a/one')], [])
  progress.ended(entry('a/one'), result('a/one', 'fail'))
  expect(printed).toEqual({ out: '', err: '' })
})

/** What stands on a terminal after all this was written to it. */
function screenOf(text: string): string[] {
  return text.split('\n').map((line) => line.split('\r\u001b[2K').at(-1) ?? '')
}
