import { describe, expect, it } from 'vitest'
import type { Finding, LoadResult, ScenarioResult } from '../../../src/result/result.js'
import { sentenceOf } from '../../../src/verdict/sentence.js'

const scenario = (area: string, verdict: ScenarioResult['verdict'], transport = 'udp'): ScenarioResult => ({
  id: `${area}/one`,
  title: '',
  area,
  purposes: [],
  provider: [],
  variant: { transport, family: 'ipv4' },
  verdict,
  reason: '',
  durationMs: 1,
  checks: [],
  evidence: [],
})
const finding = (id: string, severity: Finding['severity'], harm: string): Finding => {
  return {
    id,
    kind: 'rule',
    gravity: 'harm',
    scenarios: [],
    severity,
    title: `Title of ${id}`,
    harm,
    provider: [],
    evidence: [],
  }
}
const load: LoadResult = {
  profile: 'load',
  valid: true,
  generator: { sendLatenessP99Ms: 1, eventLoopLagP99Ms: 1 },
  calls: { started: 5, completed: 5, failed: 0, oneWay: 1, twoWay: 4 },
  relays: [],
}
const run = { notRun: [], findings: [], scenarios: [] }

describe('the verdict in a sentence', () => {
  it('says that calls work only where calls with audio were made', () => {
    const scenarios = [scenario('media', 'pass'), scenario('media', 'pass', 'tls'), scenario('dns', 'pass', 'tcp')]
    expect(sentenceOf({ ...run, verdict: 'pass', scenarios })).toBe(
      'Calls work on UDP and TLS over IPv4: 3 of 3 scenarios held.',
    )
    expect(sentenceOf({ ...run, verdict: 'pass', scenarios: [scenario('dns', 'pass')] })).toBe(
      'What was tested works on UDP over IPv4: 1 of 1 scenario held.',
    )
  })

  it('counts what the target lacks neither as held nor as not held', () => {
    const scenarios = [scenario('media', 'pass'), scenario('srtp', 'unsupported'), scenario('proxy', 'not applicable')]
    expect(sentenceOf({ ...run, verdict: 'pass', scenarios })).toContain('1 of 1 scenario held')
  })

  it('names the worst in plain words, counts the rest, and gives both figures', () => {
    const findings = [
      finding('nat/one#a', 'fail', 'Customers cannot be called. Nor called back.'),
      finding('x', 'fail', ''),
      finding('y', 'warn', ''),
    ]
    const scenarios = [scenario('nat', 'fail'), scenario('media', 'pass'), scenario('dns', 'inconclusive')]
    expect(sentenceOf({ ...run, verdict: 'fail', scenarios, findings, load })).toBe(
      'Not fit for release: customers cannot be called. And 1 more problem. (1 of 3 scenarios held; 1 could not be decided; under load 4 of 5 calls had audio in both directions.)',
    )
  })

  it('a load that failed is not fit for release either', () => {
    const findings = [finding('LOAD-RELAY-LOSS', 'fail', 'Customers hear gaps.')]
    expect(sentenceOf({ ...run, verdict: 'fail', findings, load })).toBe(
      'Not fit for release: title of LOAD-RELAY-LOSS. (under load 4 of 5 calls had audio in both directions.)',
    )
  })

  it('an interrupted run praises nothing and hides nothing', () => {
    const scenarios = [scenario('media', 'pass'), scenario('nat', 'fail')]
    expect(sentenceOf({ ...run, verdict: 'interrupted' })).toBe('Interrupted before anything was tested.')
    expect(sentenceOf({ ...run, verdict: 'interrupted', scenarios: scenarios.slice(0, 1) })).toBe(
      'Interrupted: of what was tested, 1 of 1 scenario held.',
    )
    const findings = [finding('nat/one#a', 'fail', 'Customers cannot be called.')]
    expect(sentenceOf({ ...run, verdict: 'interrupted', scenarios, findings })).toMatch(
      /^Interrupted, and not fit for release: customers cannot be called\./,
    )
  })

  it('a load that is not valid proves nothing', () => {
    const generator = { ...load.generator, problems: ['sent 80 ms late'] }
    const findings = [finding('nat/one#a', 'fail', 'Customers cannot be called.')]
    const invalid = { ...load, valid: false, generator }
    expect(sentenceOf({ ...run, verdict: 'fail', findings, load: invalid })).toBe(
      'Not fit for release: customers cannot be called. (the load is not valid.)',
    )
    expect(sentenceOf({ ...run, verdict: 'invalid', load: invalid })).toBe('The load proves nothing: sent 80 ms late.')
  })
})
