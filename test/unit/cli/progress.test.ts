import { expect, test } from 'vitest'
import { Interruption } from '../../../src/cli/interruption.js'
import { Progress } from '../../../src/cli/progress.js'
import type { ScenarioResult } from '../../../src/result/result.js'
import type { PlanEntry } from '../../../src/runner/plan.js'

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

test('without a terminal there is a line for each scenario, and nothing that steers one', () => {
  const lines: string[] = []
  const progress = new Progress({
    out: () => undefined,
    tell: (line) => lines.push(line),
    env: {},
    terminal: false,
    interruption: new Interruption(),
    exitCode: 0,
  })
  progress.planned([entry('a/one'), entry('a/two')], [{}])
  progress.begins(entry('a/one'))
  progress.ended(entry('a/one'), result('a/one', 'pass'))
  progress.ended(entry('a/two'), result('a/two', 'fail', 'no \u001b[31m200\r\nheard'))
  expect(lines).toEqual([
    '2 scenarios to run; 1 not run (the report says why)',
    '1/2 pass  a/one udp/ipv4 (1.2 s)',
    '2/2 FAIL  a/two udp/ipv4 (1.2 s): no  [31m200 heard',
  ])
})
