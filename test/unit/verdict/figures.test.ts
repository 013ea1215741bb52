import { describe, expect, test } from 'vitest'
import type { LadderArrow } from '../../../src/result/scenario-result.js'
import { compare } from '../../../src/verdict/comparison/compare.js'
import { figuresOf } from '../../../src/verdict/comparison/figures.js'
import { joined } from '../../../src/verdict/comparison/join.js'
import { faultyRun } from '../report/fixtures.js'
import { ran, side, tested } from './comparison-fixtures.js'

const arrow = (
  atMs: number,
  from: string,
  to: string,
  label: string,
  more: Partial<LadderArrow> = {},
): LadderArrow => ({
  atMs,
  from,
  to,
  label,
  kind: 'sip',
  ...more,
})

const call = (ringing: number, more: LadderArrow[] = []) => ({
  ...tested('a/b', 'held'),
  ladder: {
    lanes: ['alice', 'dus'],
    arrows: [
      arrow(0, 'alice', 'dus', 'INVITE'),
      arrow(5, 'dus', 'alice', '407 Proxy Authentication Required'),
      arrow(6, 'alice', 'dus', 'ACK'),
      arrow(10, 'alice', 'dus', 'INVITE'),
      arrow(11, 'dus', 'alice', '100 Trying'),
      ...more,
      arrow(10 + ringing, 'dus', 'alice', '180 Ringing'),
    ],
  },
})
const run = (...ringing: number[]) => ran({ scenarios: ringing.map((ms) => call(ms)) })

describe('figures of a run', () => {
  test('set-up is the time from the INVITE that was not challenged to ringing; half of the calls', () => {
    expect(figuresOf(run(30, 50, 40, 20, 60))['setup/udp']?.runs).toEqual([40])
  })

  test('of few calls there is none, nor of an INVITE that was sent again', () => {
    expect(figuresOf(run(30, 50, 40))).toEqual({})
    const again = [arrow(12, 'alice', 'dus', 'INVITE', { again: true })]
    expect(figuresOf(ran({ scenarios: [1, 2, 3, 4, 5].map((ms) => call(ms, again)) }))).toEqual({})
  })

  test('relays are figures by name, of runs and of loads; a load that is not valid has none', () => {
    const names = Object.keys(figuresOf(faultyRun()))
    expect(names).toEqual(names.toSorted())
    expect(names).toEqual(expect.arrayContaining(['load/setup/p50', 'load/setup/p95', 'load/failed']))
    expect(names.filter((name) => name.startsWith('load/loss/')).length).toBeGreaterThan(1)
    const { load } = faultyRun()
    if (load === undefined) throw new Error('no load')
    expect(figuresOf(ran({}, { load: { ...load, valid: false } }))).toEqual({})
  })
})

describe('figures of a comparison', () => {
  const base = (more = {}) => ({
    name: 'base',
    baseline: joined(
      [40, 41, 39, 40, 42].map((ms) => side(ran({ scenarios: [1, 2, 3, 4, 5].map(() => call(ms)) }, more))),
    ),
  })
  const now = (ms: number, more = {}) => side(ran({ scenarios: [1, 2, 3, 4, 5].map(() => call(ms)) }, more))
  const states = (...o: Parameters<typeof compare>) => compare(...o).figures.map(({ id, state }) => `${id} ${state}`)

  test('are worse beyond the noise, which the sentence and the gate tell', () => {
    const comparison = compare(base(), now(80))
    expect(comparison.figures).toMatchObject([
      { id: 'setup/udp', state: 'worse', text: '80 ms, was 39 to 42 ms in 5 runs' },
    ])
    expect(comparison.sentence).toMatch(/^1 figure worse \(set-up of a call over UDP/)
    expect(states(base(), now(41))).toEqual(['setup/udp within'])
  })

  test.each([
    ['another version', { ringproof: '2.0.0' }],
    ['other tests', { selection: { slow: true } }],
    ['another place', { environment: { node: '', platform: '', seenFrom: ['192.0.2.2'] } }],
    ['another line', { environment: { node: '', platform: '', seenFrom: ['192.0.2.1'], network: 'delay=50ms' } }],
    ['a standstill of ours', { environment: { node: '', platform: '', seenFrom: ['192.0.2.1'], worstLagMs: 900 } }],
    ['another target', { target: { name: 'other', file: '' } }],
  ])('with %s nothing is told of them', (_, more) => {
    const here = { environment: { node: '', platform: '', seenFrom: ['192.0.2.1'] } }
    expect(states(base(here), now(800, more))).toEqual(['setup/udp untold'])
  })

  test('runs from several places know the noise of places', () => {
    const at = (address: string) => ({ environment: { node: '', platform: '', seenFrom: [address] } })
    const many = joined(
      [40, 41, 39, 40, 42].map((ms, index) =>
        side(ran({ scenarios: [1, 2, 3, 4, 5].map(() => call(ms)) }, at(`192.0.2.${index}`))),
      ),
    )
    expect(states({ name: '', baseline: many }, now(80, at('192.0.2.9')))).toEqual(['setup/udp worse'])
  })

  test('one run on each side: said, and nothing told', () => {
    const comparison = compare(now(40), now(400))
    expect(comparison.figures[0]?.state).toBe('untold')
    expect(comparison.limits[0]?.text).toMatch(/Slower or worse cannot be told from 1 run and 1 run/)
  })
})

describe('loads', () => {
  const { load } = faultyRun()
  if (load === undefined) throw new Error('no load')
  const loaded = (more: Partial<typeof load>) => side(ran({ load: { ...load, ...more } }))

  test('of another order, or not valid, are not held against each other', () => {
    const codes = (...o: Parameters<typeof compare>) => compare(...o).limits.map(({ code }) => code)
    expect(codes(loaded({}), loaded({}))).not.toContain('other-load')
    expect(codes(loaded({}), loaded({ order: { calls: 7 } }))).toContain('other-load')
    expect(codes(loaded({}), loaded({ valid: false }))).toContain('load-invalid')
    const other = compare(loaded({ profile: 'quiet' }), loaded({}))
    expect(other.findings.filter(({ regression }) => regression)).toEqual([])
  })
})
