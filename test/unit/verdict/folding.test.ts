import { describe, expect, it } from 'vitest'
import type { CheckResult } from '../../../src/result/scenario-result.js'
import { check, note, on, result, run } from './records.js'

// Which breakages are told under which: follows, and where each was seen.

const breaks = (cause: string, follows: string[] = [], variant = 'udp/ipv4', more: Partial<CheckResult> = {}) =>
  result(`area/${cause}`, [check('x', { cause, follows, harm: `${cause}.`, ...more })], on(variant))
const holds = (cause: string, variant: string) =>
  result(`area/${cause}`, [check('x', { cause, verdict: 'pass' })], on(variant))
/** `a: b, c`: card a tells of b and c. */
const told = (...scenarios: ReturnType<typeof breaks>[]) =>
  run({ scenarios })
    .findings.map(({ id, consequences = [] }) =>
      consequences.length === 0 ? id : `${id}: ${consequences.map(({ title }) => title).join(', ')}`,
    )
    .sort()

describe('of several causes that may have brought it about', () => {
  const elsewhere = breaks('a', [], 'tls/ipv6')

  it('that in the same place counts, whichever is named first', () => {
    for (const follows of [
      ['a', 'b'],
      ['b', 'a'],
    ])
      expect(told(elsewhere, breaks('b'), breaks('c', follows))).toEqual(['a', 'b: c'])
    for (const near of ['udp/ipv6', 'tls/ipv4'])
      expect(told(breaks('a', [], near), breaks('b'), breaks('c', ['a', 'b'])), near).toEqual(['a', 'b: c'])
  })

  it('that in the same execution counts more than that on the same transport and family', () => {
    const both = (cause: string) => [
      check('first', { cause, harm: `${cause}.` }),
      check('then', { cause: 'c', follows: ['a', 'b'], harm: 'c.' }),
    ]
    expect(told(breaks('a'), result('area/both', both('b')))).toEqual(['a', 'b: c'])
    expect(told(breaks('b'), result('area/both', both('a')))).toEqual(['a: c', 'b'])
  })

  it('of equals the first that is named counts', () => {
    expect(told(breaks('a'), breaks('b'), breaks('c', ['b', 'a']))).toEqual(['a', 'b: c'])
    expect(told(breaks('a'), breaks('b'), breaks('c', ['a', 'b']))).toEqual(['a: c', 'b'])
  })

  it('those that are not broken count for nothing', () => {
    expect(told(breaks('b'), breaks('c', ['z', 'c', 'b']))).toEqual(['b: c'])
    expect(told(breaks('c', ['z', 'c']))).toEqual(['c'])
  })
})

describe('a cause reaches', () => {
  it('where it broke, though it held there too', () => {
    const here = breaks('a')
    const alsoHeld = { ...holds('a', 'udp/ipv4'), accounts: ['1002'] }
    expect(told(here, alsoHeld, breaks('c', ['a']))).toEqual(['a: c'])
  })

  it('where it was not looked at, and not where it held', () => {
    expect(told(breaks('a'), breaks('c', ['a'], 'tls/ipv4'))).toEqual(['a: c'])
    expect(told(breaks('a'), holds('a', 'tls/ipv4'), breaks('c', ['a'], 'tls/ipv4'))).toEqual(['a', 'c'])
    const warned = breaks('a', [], 'tls/ipv4', { verdict: 'warn' })
    expect(told(breaks('a'), warned, breaks('c', ['a'], 'tls/ipv4'))).toEqual(['a: c'])
  })

  it('a load, which has no transport', () => {
    const load = { scenario: 'load/busy', transport: '', family: '' }
    const facts = {
      scenarios: [breaks('a', [], 'tls/ipv4'), holds('a', 'udp/ipv4')],
      notes: [note('EXAM-GAPS', load, { follows: ['a'] })],
    }
    expect(run(facts).findings.map(({ id }) => id)).toEqual(['a'])
  })
})

describe('a chain', () => {
  it('is told at its beginning, however long', () => {
    expect(told(breaks('d', ['c']), breaks('c', ['b']), breaks('b', ['a']), breaks('a'))).toEqual(['a: d, c, b'])
  })

  it('that is a circle is told at its gravest, and then at what was seen first', () => {
    const circle = (...gravities: CheckResult['gravity'][]) =>
      ['a', 'b', 'c'].map((cause, nth) =>
        breaks(cause, [['a', 'b', 'c'][(nth + 1) % 3]!], 'udp/ipv4', { gravity: gravities[nth] ?? 'harm' }),
      )
    for (const [nth, gravest] of ['a', 'b', 'c'].entries()) {
      const gravities = ['harm', 'harm', 'harm'] as CheckResult['gravity'][]
      gravities[nth] = 'outage'
      const [card] = told(...circle(...gravities))
      expect(card?.split(':')[0]).toBe(gravest)
    }
    // Of a cause that broke in several places the gravest counts.
    const twice = breaks('a', ['b'], 'tls/ipv4', { gravity: 'outage' })
    const [a, b] = [breaks('a', ['b']), breaks('b', ['a'], 'udp/ipv4', { gravity: 'exposure' })]
    expect(told(a, twice, b).map((card) => card.split(':')[0])).toEqual(['a'])
  })
})

it('what is lived with explains only what is lived with', () => {
  const known = (...causes: string[]) => ({
    file: 'x.known.json',
    deviations: causes.map((cause) => ({ scenario: `area/${cause}`, check: 'x', rule: '', reason: 'so' })),
  })
  const ids = (known_: ReturnType<typeof known>, ...scenarios: ReturnType<typeof breaks>[]) =>
    run({ scenarios, known: known_ })
      .findings.map(({ id }) => id)
      .sort()
  expect(ids(known('a'), breaks('a'), breaks('c', ['a']))).toEqual(['a', 'c'])
  expect(ids(known('a', 'c'), breaks('a'), breaks('c', ['a']))).toEqual(['a'])
  // One of its breakages is not lived with: that may have had the effect.
  const other = result('area/other', [check('x', { cause: 'a' })])
  expect(ids(known('a'), breaks('a'), other, breaks('c', ['a']))).toEqual(['a'])
})
