/** Records as runs leave them, with what a test does not care about filled in. */
import type { Place } from '../../../src/result/terms.js'
import type { CheckResult, ScenarioResult } from '../../../src/result/scenario-result.js'
import type { VitalSign } from '../../../src/result/survey-result.js'
import { type Conclusion, conclude } from '../../../src/verdict/conclude.js'
import type { RunFacts, SeenNote } from '../../../src/verdict/facts.js'

export const check = (id: string, more: Partial<CheckResult> = {}): CheckResult => ({
  id,
  level: 'MUST',
  gravity: 'harm',
  rule: 'RFC 3261 §10.3',
  verdict: 'fail',
  expected: 'this',
  actual: 'that',
  paraphrase: `rule ${id} holds`,
  ...more,
})

/** @param variant `udp/ipv4` */
export const on = (variant: string): Pick<ScenarioResult, 'variant'> => {
  const [transport = '', family = ''] = variant.split('/')
  return { variant: { transport, family } }
}

const RANK = ['pass', 'warn', 'inconclusive', 'fail']

export const result = (id: string, checks: CheckResult[], more: Partial<ScenarioResult> = {}): ScenarioResult => ({
  id,
  title: `title of ${id}`,
  area: id.split('/')[0] ?? '',
  purposes: [],
  provider: [],
  ...on('udp/ipv4'),
  verdict: checks.map(({ verdict }) => verdict).reduce((a, b) => (RANK.indexOf(b) > RANK.indexOf(a) ? b : a), 'pass'),
  reason: '',
  durationMs: 1,
  checks,
  evidence: [`evidence/${id.replace('/', '_')}.pcapng`],
  harm: `Harm of ${id}.`,
  advice: `Advice of ${id}.`,
  ...more,
})

export const sign = (id: string, checks: CheckResult[], more: Partial<VitalSign> = {}): VitalSign => ({
  ...result(id, checks),
  ...more,
})

export const note = (id: string, place: Partial<Place> = {}, more: Partial<SeenNote['note']> = {}): SeenNote => ({
  note: {
    id,
    severity: 'fail',
    gravity: 'letter',
    title: `Title of ${id}`,
    rule: 'RFC 3261 §8.2.6.2',
    provider: [],
    expected: 'this',
    actual: 'that',
    harm: `Harm of ${id}.`,
    advice: `Advice of ${id}.`,
    count: 1,
    ...more,
  },
  place: { scenario: 'media/echo', transport: 'udp', family: 'ipv4', ...place },
  evidence: [],
})

export const run = (facts: Partial<RunFacts>): Conclusion =>
  conclude({ scenarios: [], notes: [], notRun: [], ...facts })

/** `id: title` of each finding. */
export const titles = (facts: Partial<RunFacts>): string[] =>
  run(facts).findings.map(({ id, title }) => `${id}: ${title}`)
