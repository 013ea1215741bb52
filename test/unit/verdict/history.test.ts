import { describe, expect, test } from 'vitest'
import type { RunResult } from '../../../src/result/result.js'
import { historyOf } from '../../../src/verdict/history.js'
import { pointOfRouter, pointOfRun } from '../../../src/verdict/history-points.js'
import { runOf } from '../report/compared-run.js'

type States = Parameters<typeof runOf>[1]

const WELL: States = { fresh: 'pass', mended: 'pass', flaky: 'pass', ms: 40 }
const found = (day: number) => ({ folder: `r${day}`, writtenAt: `2026-03-1${day}T00:00:00.000Z` })
const pointOn = (day: number, states: Partial<States> = {}, change: Partial<RunResult> = {}) =>
  pointOfRun({ ...runOf(day, { ...WELL, ...states }), ...change }, found(day))

const targetOf = (...points: Parameters<typeof historyOf>[1]) => historyOf('0.1.0', points).targets[0]!
const findingOf = (id: string, ...points: Parameters<typeof historyOf>[1]) =>
  targetOf(...points).findings.find((one) => one.id === id)!

describe('a finding', () => {
  test('is there since the run that showed it first, when it was never away', () => {
    const finding = findingOf('fresh', pointOn(1), pointOn(2, { fresh: 'fail' }), pointOn(3, { fresh: 'fail' }))
    expect(finding).toMatchObject({ state: 'there', first: 1, last: 2, since: 1, shown: 2, spells: 1 })
    expect(finding.standings).toEqual(['open', 'shown', 'shown'])
  })

  test('is gone when the test that showed it holds', () => {
    const finding = findingOf('fresh', pointOn(1, { fresh: 'fail' }), pointOn(2))
    expect(finding).toMatchObject({ state: 'gone', standings: ['shown', 'held'] })
  })

  test('is neither there nor gone when nobody looked again', () => {
    const without = runOf(2, WELL).scenarios.filter(({ id }) => id !== 'registrar/fresh')
    const finding = findingOf('fresh', pointOn(1, { fresh: 'fail' }), pointOn(2, {}, { scenarios: without }))
    expect(finding).toMatchObject({ state: 'unknown', standings: ['shown', 'open'] })
  })

  test('has two spells when it was away in between, and one when nobody looked', () => {
    const without = runOf(2, WELL).scenarios.filter(({ id }) => id !== 'registrar/fresh')
    const again = pointOn(3, { fresh: 'fail' })
    expect(findingOf('fresh', pointOn(1, { fresh: 'fail' }), pointOn(2), again)).toMatchObject({ spells: 2, since: 2 })
    expect(
      findingOf('fresh', pointOn(1, { fresh: 'fail' }), pointOn(2, {}, { scenarios: without }), again),
    ).toMatchObject({ spells: 1, since: 0 })
  })

  test('that was seen once and not confirmed is unsteady, under the same cause', () => {
    const run = runOf(2, { ...WELL, fresh: 'fail' })
    const unsteady = run.findings.map((one) =>
      one.id === 'fresh' ? { ...one, id: 'UNSTEADY fresh', kind: 'unsteady' as const, severity: 'warn' as const } : one,
    )
    const finding = findingOf('fresh', pointOn(1), pointOfRun({ ...run, findings: unsteady }, found(2)))
    expect(finding).toMatchObject({ unsteady: 1, shown: 0, standings: ['open', 'unsteady'] })
  })

  test('stands before those that are gone', () => {
    const { findings } = targetOf(pointOn(1, { mended: 'fail' }), pointOn(2))
    expect(findings.map(({ id, state }) => [id, state])).toEqual([
      ['lasting', 'there'],
      ['mended', 'gone'],
    ])
  })
})

test('runs stand by their dates, whatever the order of their folders', () => {
  const { runs } = targetOf(pointOn(3), pointOn(1), pointOn(2))
  expect(runs.map(({ folder }) => folder)).toEqual(['r1', 'r2', 'r3'])
})

test('a run in simulated time stands where its file was written, and says so', () => {
  const { runs } = targetOf(pointOn(1, {}, { clock: 'virtual' }))
  expect(runs[0]).toMatchObject({ simulated: true, startedAt: '2026-03-11T00:00:00.000Z' })
})

test('tests that always came to the same are counted, the others told run by run', () => {
  const { changed, steady } = targetOf(pointOn(1), pointOn(2, { flaky: 'fail' }))
  expect(changed).toEqual([{ id: 'registrar/flaky', verdicts: ['pass', 'fail'] }])
  expect(steady).toBe(4)
})

test('figures have a value a run, and a gap where a run has none', () => {
  const { figures } = targetOf(pointOn(1, { ms: 40 }), pointOn(2, {}, { survey: undefined }), pointOn(3, { ms: 95 }))
  expect(figures.find(({ id }) => id === 'round-trip/udp/ipv4')).toMatchObject({ unit: 'ms', values: [40, null, 95] })
})

test('targets are apart, each with its own runs', () => {
  const other = runOf(1, WELL)
  const { targets } = historyOf('0.1.0', [
    pointOn(1),
    pointOfRun({ ...other, target: { ...other.target, name: 'another' } }, found(2)),
  ])
  expect(targets.map(({ runs }) => runs.length)).toEqual([1, 1])
})

test('router tests are a target of their own, with what they found and how long flows live', () => {
  const router = (day: number, id: string | undefined, heldMs: number) =>
    pointOfRouter(
      {
        command: 'router',
        ringproof: '0.1.0',
        startedAt: `2026-03-0${day}T00:00:00.000Z`,
        endedAt: `2026-03-0${day}T00:01:00.000Z`,
        verdict: id === undefined ? 'pass' : 'fail',
        reflector: { named: 'reflector.example' },
        findings: id === undefined ? [] : [{ id, severity: 'fail', title: 'The router rewrites SIP' }],
        lifetimes: [{ flow: 'udp', heldMs }],
      },
      found(day),
    )
  const target = targetOf(router(1, 'ALG', 30_000), router(2, undefined, 45_000))
  expect(target.findings[0]).toMatchObject({ id: 'ALG', state: 'gone', standings: ['shown', 'held'] })
  expect(target.figures[0]).toMatchObject({ unit: 's', values: [30, 45] })
})
