/** docs/coverage.md is what `npm run coverage` writes, and shows no gap. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { purposeGroups, PURPOSES } from '../../../src/cli/purposes.js'
import { faultCatalogue } from '../../../src/provider/faults.js'
import { allScenarios, recorded } from '../../virtual/detection.js'

interface From {
  groups: ReturnType<typeof purposeGroups>
  scenarios: Awaited<ReturnType<typeof allScenarios>>
  faults: readonly { readonly name: string; readonly mayTurnRed: readonly string[] }[]
  detection: Record<string, string[]>
  defects: Record<string, string[]>
  targets: readonly { readonly target: string; readonly verdicts: Record<string, string> }[]
}
const {
  coverage,
  recordOf,
  WITHOUT_SCENARIO,
}: {
  coverage: (from: From) => { text: string; gaps: string[] }
  recordOf: (result: object, description: string, before?: object) => { verdicts: Record<string, string> }
  WITHOUT_SCENARIO: Record<string, string>
} = await import(new URL('../../../bin/lib/coverage.mjs', import.meta.url).href)

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const scenarios = await allScenarios()
const from: From = {
  groups: purposeGroups(scenarios.map(({ definition }) => definition)),
  scenarios,
  faults: faultCatalogue,
  detection: recorded,
  defects: JSON.parse(read('test/peers/kamailio-defects/found.json')),
  targets: readdirSync(new URL('../../../targets', import.meta.url))
    .filter((name) => name.endsWith('.verdicts.json'))
    .sort()
    .map((name) => JSON.parse(read(`targets/${name}`))),
}

/** Tables are padded for those who read the file as it is: that makes no difference. */
const plain = (text: string) => text.replace(/-{3,}/g, '---').replace(/ {2,}/g, ' ').trim()

describe('docs/coverage.md', () => {
  const { text, gaps } = coverage(from)

  it('has no gap: each purpose a scenario, each scenario a planted fault that proves it', () => {
    expect(gaps).toEqual([])
  })

  it('is up to date (npm run coverage)', () => {
    expect(plain(read('docs/coverage.md'))).toBe(plain(text))
  })

  it('has a verdict of each scenario on the embedded provider and on Kamailio, none of them a fail', () => {
    for (const name of ['embedded', 'kamailio']) {
      const verdicts = from.targets.find(({ target }) => target === name)?.verdicts ?? {}
      expect([name, Object.entries(verdicts).filter(([, verdict]) => /^(fail|error)$/.test(verdict))]).toEqual([
        name,
        [],
      ])
      expect(Object.keys(verdicts).length, name).toBeGreaterThan(150)
    }
  })

  it('knows the purposes that faults name', () => {
    const named = faultCatalogue.flatMap(({ name, mayTurnRed }) => mayTurnRed.map((purpose) => ({ name, purpose })))
    const known = (purpose: string) => PURPOSES.has(purpose) || Object.hasOwn(WITHOUT_SCENARIO, purpose)
    expect(named.filter(({ purpose }) => !known(purpose))).toEqual([])
  })
})

describe('what counts as a gap', () => {
  const scenario = scenarios.find(({ definition }) => definition.id === 'registrar/refresh-replaces')!
  const small = {
    ...from,
    scenarios: [scenario],
    groups: [{ title: 'Registrar', purposes: { 'REG-REFRESH': 'words' } }],
  }

  it('is a purpose without scenario, a scenario without fault, and a purpose that is not in the list', () => {
    expect(coverage(small).gaps).toEqual([])
    const groups = [{ title: 'Registrar', purposes: { 'REG-REFRESH': 'words', 'REG-NEW': 'words' } }]
    expect(coverage({ ...small, groups }).gaps).toEqual(['REG-NEW: no scenario'])
    expect(coverage({ ...small, detection: {}, defects: {} }).gaps).toEqual([
      'registrar/refresh-replaces: no planted fault proves it',
    ])
    expect(coverage({ ...small, groups: [] }).gaps).toEqual([
      'registrar/refresh-replaces: REG-REFRESH is no purpose of the list',
    ])
  })

  it('is not closed by a fault that there no longer is', () => {
    const detection = { 'registrar/refresh-replaces': ['a-fault-of-old'] }
    expect(coverage({ ...small, detection, defects: {} }).gaps.length).toBe(1)
  })

  it('is closed by a defect found in Kamailio', () => {
    const defects = { 'both-kept': ['registrar/refresh-replaces#once'] }
    const { gaps, text } = coverage({ ...small, detection: {}, defects })
    expect([gaps, text.includes('Kamailio: `both-kept`')]).toEqual([[], true])
  })
})

describe('the record of verdicts', () => {
  const run = (scenarioVerdicts: [id: string, verdict: string, reasonCode?: string][], notRun: object[] = []) => ({
    target: { name: 'a' },
    endedAt: '2026-11-30T01:02:03.000Z',
    clock: 'wall',
    scenarios: scenarioVerdicts.map(([id, verdict, reasonCode]) => ({ id, verdict, reasonCode })),
    notRun,
  })

  it('has the worst of all variants, and known deviations as such', () => {
    const result = run([
      ['a/one', 'pass'],
      ['a/one', 'fail'],
      ['a/two', 'warn', 'known-deviation'],
      ['a/two', 'pass'],
    ])
    expect(recordOf(result, '').verdicts).toEqual({ 'a/one': 'fail', 'a/two': 'known deviation' })
  })

  it('keeps what a run left out, takes on what it did anew, and tells what the target does not offer', () => {
    const before = { verdicts: { 'a/one': 'fail', 'a/two': 'pass' } }
    const result = run(
      [['a/one', 'pass']],
      [
        { id: 'a/two', kind: 'slow' },
        { id: 'a/three', kind: 'target file' },
      ],
    )
    expect(recordOf(result, '', before).verdicts).toEqual({
      'a/one': 'pass',
      'a/three': 'not offered',
      'a/two': 'pass',
    })
  })
})
