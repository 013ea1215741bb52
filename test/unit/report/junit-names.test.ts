import { describe, expect, it } from 'vitest'
import { junit } from '../../../src/report/junit.js'
import type { ScenarioResult } from '../../../src/result/scenario-result.js'
import type { RunResult } from '../../../src/result/result.js'
import { plan } from '../../../src/runner/plan.js'
import { variantsOf } from '../../../src/scenario/scenario.js'
import { allScenarios } from '../../virtual/detection.js'
import { sampleTarget } from '../target/sample.js'
import { emptyRun } from './fixtures.js'

/** Without the case that is about the run itself. */
const namesIn = (run: RunResult): string[] =>
  [...junit(run).matchAll(/<testcase .*? name="([^"]*)"/g)].map(([, a]) => a ?? '').slice(0, -1)

describe('testcases', async () => {
  const scenarios = await allScenarios()
  const tests = scenarios.flatMap(({ definition }) =>
    variantsOf(definition).map(({ transport, family }) => `${definition.id} [${transport} ${family}]`),
  )

  it.each([
    ['with everything', sampleTarget()],
    ['without TLS', sampleTarget({ endpoints: { udp: { host: 'proxy.example.net' } } })],
    ['with IPv4 and one account', sampleTarget({ families: ['ipv4'], accounts: [{ user: 'a', password: 'b' }] })],
  ])('of a target %s: each scenario and variant has one of its own, whether it was run or not', (_name, target) => {
    const { entries, notRun } = plan(scenarios, {}, target, 'memory')
    const run: RunResult = {
      ...emptyRun(),
      notRun,
      scenarios: entries.map(({ definition: { id, title, area }, variant }): ScenarioResult => {
        const { transport, family } = variant
        const empty = { purposes: [], provider: [], reason: '', durationMs: 1, checks: [], evidence: [] }
        return { id, title, area, variant: { transport, family }, verdict: 'pass', ...empty }
      }),
    }
    expect(entries.length).toBeGreaterThan(20)
    expect(notRun.length).toBeGreaterThan(5)
    expect(namesIn(run).toSorted()).toEqual(tests.toSorted())
  })

  it('that results of version 1 name twice are numbered, for CI servers keep the last of two', () => {
    const twice = { id: 'a/b', why: 'needs TLS', area: 'a' }
    expect(namesIn({ ...emptyRun(), notRun: [twice, { ...twice, why: 'needs IPv6' }] })).toEqual(['a/b', 'a/b (2)'])
  })
})
