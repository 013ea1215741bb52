import { describe, expect, it } from 'vitest'
import type { CheckResult, ScenarioResult } from '../../../src/result/result.js'
import { findingsOf } from '../../../src/verdict/cards.js'
import { sentenceOf } from '../../../src/verdict/sentence.js'

/** A scenario's result as far as it is told of. */
function result(area: string, purpose: string, verdict: 'pass' | 'fail', title = purpose): ScenarioResult {
  const check: Partial<CheckResult> = { id: 'x', verdict, level: 'MUST', rule: 'RFC 3261 §10.3', paraphrase: title }
  const told: Partial<ScenarioResult> = {
    id: `${area}/${purpose.toLowerCase()}`,
    area,
    purposes: [purpose],
    variant: { transport: 'udp', family: 'ipv4' },
    verdict,
    checks: [Object.assign(JSON.parse('{}'), check)],
    evidence: [],
    harm: `${title}.`,
  }
  return Object.assign(JSON.parse('{}'), told)
}

const sentence = (verdict: 'pass' | 'fail', scenarios: ScenarioResult[]) =>
  sentenceOf({ verdict, scenarios, findings: findingsOf(scenarios, []), notRun: [] })

describe('what is told of a run', () => {
  it('speaks of calls only where there were some', () => {
    const registrar = result('registrar', 'REG-ADD', 'pass')
    expect(sentence('pass', [registrar])).toBe('What was tested works on UDP over IPv4: 1 of 1 scenario held.')
    expect(sentence('pass', [registrar, result('media', 'MED-ECHO', 'pass')])).toMatch(/^Calls work on UDP over IPv4/)
  })

  it('begins with what harms most, not with what telephones hardly ever ask for', () => {
    const scenarios = [
      result('registrar', 'REG-ESCAPED', 'fail', 'nobody escapes'),
      result('media', 'MED-ECHO', 'fail', 'nothing is heard'),
      result('security', 'ID-FRAUD', 'fail', 'anybody calls'),
    ]
    expect(findingsOf(scenarios, []).map(({ harm }) => harm)).toEqual([
      'anybody calls.',
      'nothing is heard.',
      'nobody escapes.',
    ])
    expect(sentence('fail', scenarios)).toMatch(/^Not fit for release: anybody calls\. And 2 more problems/)
  })
})
