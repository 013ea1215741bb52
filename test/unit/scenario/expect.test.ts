import { describe, expect, it } from 'vitest'
import type { SipSighting } from '../../../src/evidence/record.js'
import { Expectations, type Matchers } from '../../../src/scenario/expect.js'
import { ScenarioMistake } from '../../../src/scenario/mistake.js'
import { must } from '../../../src/scenario/rule.js'

const rules = { allow: must('RFC 3261 §8.2.1', 'a 405 lists what is allowed', { gravity: 'letter' }) }
const made = () => new Expectations(rules, () => 0)
/** As who writes JavaScript, or casts, can hand it over. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- that is what is tried
const unchecked = (value: unknown): never => value as never

describe('what the target did not send', () => {
  it('is null: a fail that says so', () => {
    const expectations = made()
    expect(expectations.expect('allow', null as string | null).toBe('INVITE')).toBe(false)
    expect(expectations.results()).toMatchObject([{ verdict: 'fail', expected: 'INVITE', actual: 'none' }])
  })

  it('is absent, not present, and matches nothing', () => {
    const { expect: holds } = made()
    expect(holds('allow', null).toBeAbsent()).toBe(true)
    expect(holds('allow', null).toBePresent()).toBe(false)
    expect(holds('allow', null as string | null).toMatch(/./)).toBe(false)
    expect(holds('allow', null).toContain('INVITE')).toBe(false)
    expect(holds('allow', null).toBeWithin(0, 10)).toBe(false)
    expect(holds('allow', null as boolean | null).toBeTrue()).toBe(false)
  })
})

describe('a figure of the target', () => {
  it('makes no mistake of the scenario, however odd it is', () => {
    const expectations = made()
    expect(expectations.expect('allow', 5).toBeWithin(Number.NaN, 10)).toBe(false)
    expect(expectations.expect('allow', 5).toBeWithin(10, -10)).toBe(false)
    expect(expectations.expect('allow', Number.NaN).toBeWithin(0, 10)).toBe(false)
    expect(expectations.expect('allow', [0]).toFollow([Number.NaN])).toBe(false)
    expect(expectations.expect('allow', Number.NaN).toBe(Number.NaN)).toBe(false)
    expect(expectations.mistake).toBeUndefined()
  })
})

describe('moments at which a timer fired', () => {
  const due = [0, 500, 1500, 3500, 7500]
  const verdictOn = (got: readonly number[], expected = due, seen?: SipSighting) => {
    const expectations = made()
    expectations.expect('allow', got, { seen }).toFollow(expected)
    const [check] = expectations.results()
    return check?.reasonCode ?? check?.verdict
  }

  it.each([
    ['are on time', due],
    ['come from a coarse timer wheel', [0, 420, 1525, 3283, 7400]],
    ['are a tenth late throughout', due.map((ms) => ms * 1.1)],
    ['are a tenth early throughout', due.map((ms) => ms * 0.9)],
  ])('may be what they are where they %s', (_, got) => {
    expect(verdictOn(got)).toBe('pass')
  })

  it.each(due.map((_, lost) => lost))('may lack number %i, which the network may have lost', (lost) => {
    const left = due.toSpliced(lost, 1)
    // Counted from the first that was seen.
    expect(verdictOn(left.map((ms) => ms - (left[0] ?? 0)))).toBe('packet-lost')
  })

  it.each([
    ['do not double', [0, 500, 1000, 1500, 2000]],
    ['lack two', [0, 500, 1500]],
    ['are one too many', [...due, 8000]],
    ['begin late', [0, 700, 1700, 3700, 7700]],
  ])('fail where they %s', (_, got) => {
    expect(verdictOn(got)).not.toBe('pass')
    expect(verdictOn(got)).not.toBe('packet-lost')
  })

  it.each(['tcp', 'tls'] as const)('cannot tell, where all came over %s, but late or in one go', (transport) => {
    const over = (way: SipSighting['transport'], got: readonly number[]) =>
      verdictOn(got, due, unchecked({ transport: way }))
    for (const held of [
      [0, 0, 950, 2950, 6950],
      [0, 500, 1500, 3500, 8200],
    ]) {
      expect(over(transport, held)).toBe('packet-lost')
      expect(over('udp', held)).toBe('rule-broken')
    }
    expect(over(transport, [...due, 8000])).toBe('rule-broken')
    expect(over(transport, [0, 500])).toBe('rule-broken')
  })

  it('are not told from one alone: nothing was sent again', () => {
    expect(verdictOn([0], [0, 500])).not.toBe('packet-lost')
  })
})

describe('what a reader is told', () => {
  const told = (say: (matchers: Expectations<typeof rules>['expect']) => void) => {
    const expectations = made()
    say(expectations.expect)
    return expectations.results().map(({ expected, actual }) => [expected, actual])
  }

  it('of a count is what was counted', () => {
    expect(told((holds) => holds<number>('allow', 3).toBe(0, 'INVITE'))).toEqual([['no INVITE', '3 × INVITE']])
    expect(told((holds) => holds<number>('allow', 0).toBe(1, '100'))).toEqual([['one 100', 'no 100']])
    expect(told((holds) => holds<number>('allow', 404).toBe(481))).toEqual([['481', '404']])
  })

  it('of a list names each thing once', () => {
    const seen = ['desk: 403', 'mobile: 403', 'desk: 403']
    expect(told((holds) => holds('allow', seen).toBeEmpty())).toEqual([['none', 'desk: 403 (2 times); mobile: 403']])
  })

  it('of a limit has no other end, and of a pattern its words', () => {
    const late = told((holds) => holds('allow', 440).toBeWithin(Number.NEGATIVE_INFINITY, 400, 'ms'))
    expect(late).toEqual([['at most 400 ms', '440 ms']])
    const pattern = told((holds) => holds('allow', 'x').toMatch(/^\d+$/, 'a number of seconds'))
    expect(pattern).toEqual([['a number of seconds', 'x']])
  })
})

describe('a mistake in a scenario', () => {
  const handed: [string, unknown][] = [
    ['undefined', undefined],
    ['a list that holds undefined', ['a', undefined]],
  ]
  it.each(handed)('%s handed to expect, whatever it is compared with', (_, value) => {
    const expectations = made()
    expect(() => expectations.expect('allow', unchecked(value))).toThrow(ScenarioMistake)
    expect(expectations.mistake?.message).toMatch(/^expect\('allow', …\) was handed .*undefined: write \?\? null/)
    expect(expectations.results()).toEqual([])
  })

  type Use = (matchers: Matchers<unknown>) => unknown
  const compared: [string, unknown, Use][] = [
    ['toBe', 'a', (m) => m.toBe(undefined)],
    ['toEqual', ['a'], (m) => m.toEqual(unchecked(undefined))],
    ['toEqual, deep', [['a']], (m) => m.toEqual(unchecked([[undefined]]))],
    ['toBeOneOf', 'a', (m) => m.toBeOneOf([undefined])],
    ['toBeOneOf without a list', 'a', (m) => m.toBeOneOf(unchecked(undefined))],
    ['toBeWithin without an end', 5, (m) => m.toBeWithin(0, unchecked(undefined))],
    ['toFollow', [0], (m) => unchecked(m.toFollow.call(unchecked(m), [unchecked(undefined)]))],
    ['toFollow of no list', 0, (m) => unchecked(m.toFollow.call(unchecked(m), [0]))],
    ['toBeConstant of no list', 'a', (m) => unchecked(m.toBeConstant.call(unchecked(m)))],
    ['toBeEmpty of no list', 'a', (m) => unchecked(m.toBeEmpty.call(unchecked(m)))],
    ['toContain', ['a'], (m) => unchecked(m.toContain.call(unchecked(m), unchecked(undefined)))],
    ['toContain in neither text nor list', 5, (m) => unchecked(m.toContain.call(unchecked(m), unchecked(5)))],
    ['toMatch', 'a', (m) => unchecked(m.toMatch.call(unchecked(m), unchecked('a')))],
    ['toBe of an object and a text', { status: 200 }, (m) => m.toBe('200')],
    ['toBe of a number and an object', 200, (m) => m.toBe({ status: 200 })],
    ['toBe of two objects', { status: 200 }, (m) => m.toBe({ status: 200 })],
    ['toBe of a number and its text', 486, (m) => m.toBe('200')],
    ['toBe of a text and its number', '486', (m) => m.toBe(200)],
    ['toBe of yes and its text', true, (m) => m.toBe('true')],
    ['toEqual of a list and a text', ['a'], (m) => m.toEqual('a')],
    ['toBeOneOf where none can be', 200, (m) => m.toBeOneOf(['200', '202'])],
    ['toBeWithin of a text', '5', (m) => m.toBeWithin(0, 10)],
    ['toBeWithin of an object', { ms: 5 }, (m) => m.toBeWithin(0, 10)],
    ['toBeWithin of yes', true, (m) => m.toBeWithin(0, 10)],
    ['toMatch of a number', 200, (m) => unchecked(m.toMatch.call(unchecked(m), /200/))],
    ['toContain of an object', [{ a: 1 }], (m) => unchecked(m.toContain.call(unchecked(m), unchecked({ a: 1 })))],
    ['toFollow of texts', ['0', '500'], (m) => unchecked(m.toFollow.call(unchecked(m), [0, 500]))],
    ['toBeComplete of numbers', [1], (m) => unchecked(m.toBeComplete.call(unchecked(m)))],
    ['toBeIntact of texts', ['a'], (m) => unchecked(m.toBeIntact.call(unchecked(m)))],
    ['toBeTrue of a text', 'yes', (m) => unchecked(m.toBeTrue.call(unchecked(m)))],
    [
      'toSatisfy with a function that forgets to return',
      'a',
      (m) =>
        m.toSatisfy(
          'x',
          unchecked(() => undefined),
        ),
    ],
  ]
  it.each(compared)('%s', (_, value, use) => {
    const expectations = made()
    const matchers: Matchers<unknown> = expectations.expect('allow', unchecked(value))
    expect(() => use(matchers)).toThrow(ScenarioMistake)
    expect(expectations.results()).toEqual([])
  })

  const matchers = ({ expect: holds }: ReturnType<typeof made>, value: unknown): Matchers<unknown> =>
    holds('allow', unchecked(value))

  it('is none where the words for what did not come are of another kind', () => {
    const expectations = made()
    expect(matchers(expectations, 'no answer').toBe(200)).toBe(false)
    expect(matchers(expectations, 486).toBe('no answer')).toBe(false)
    expect(matchers(expectations, null).toEqual({ status: 200 })).toBe(false)
    expect(expectations.mistake).toBeUndefined()
  })

  it('is told with what to write instead', () => {
    expect(() => matchers(made(), { status: 200 }).toBe('200')).toThrow(
      `expect('allow', …).toBe() can never hold: an object is never a text ({"status":200}, and 200): compare one of its values`,
    )
    expect(() => matchers(made(), 200).toBe('200')).toThrow(
      "the text '200' is never the number 200: compare texts with texts, numbers with numbers",
    )
  })

  it('is a rule that is not declared, told with the nearest one', () => {
    const { expect: holds } = made()
    expect(() => holds(unchecked('alow'), 'a')).toThrow("declares no rule 'alow'; did you mean 'allow'?")
  })

  it('is kept where the story catches it', () => {
    const expectations = made()
    const caught = Promise.reject(new Error('x')).catch(() => expectations.expect('allow', unchecked(undefined)))
    return caught.then(
      () => expect.unreachable('it was thrown'),
      () => expect(expectations.mistake).toBeInstanceOf(ScenarioMistake),
    )
  })

  it('is none once the story is over: what it says while its devices are being stopped counts for nothing', () => {
    const expectations = made()
    expectations.close()
    expect(expectations.expect('allow', unchecked(undefined)).toBePresent()).toBe(true)
    expect(expectations.mistake).toBeUndefined()
  })

  it('is refused by the types too', () => {
    const { expect: holds } = made()
    const header: { value?: string } = {}
    // @ts-expect-error -- may be undefined
    expect(() => holds('allow', header.value)).toThrow(ScenarioMistake)
    // @ts-expect-error -- a list may not hold it either
    expect(() => holds('allow', [header.value])).toThrow(ScenarioMistake)
    // @ts-expect-error -- nor may what it is compared with
    expect(() => holds('allow', 'a').toBe(header.value)).toThrow(ScenarioMistake)
    // @ts-expect-error -- a text is no list
    expect(() => holds('allow', 'a').toBeEmpty()).toThrow(ScenarioMistake)
  })
})

describe('where the harness itself was late', () => {
  const seen = { seen: Object.assign(JSON.parse('{}'), { message: { headers: { get: () => undefined } } }) }
  const verdictAt = (lagMs: number, holds: boolean, pointer = {}) => {
    const expectations = new Expectations(rules, () => lagMs)
    expectations.expect('allow', holds ? 'INVITE' : null, pointer).toBe('INVITE')
    return expectations.results().map(({ verdict, reasonCode }) => reasonCode ?? verdict)
  }

  it.each([
    ['what holds, holds', 5_000, true, {}, 'pass'],
    ['what did not come fails while it was hardly late', 200, false, {}, 'rule-broken'],
    ['what did not come is open where it stood still', 300, false, {}, 'harness-late'],
    ['what stands in a message fails though it stood still', 900, false, seen, 'rule-broken'],
    ['what happened fails though it stood still', 900, false, { certain: true }, 'rule-broken'],
    [
      'what stands in a message is open where it was silent for long: the target may have answered that',
      1_100,
      false,
      seen,
      'harness-late',
    ],
    ['what happened is open where it was silent for long', 1_100, false, { certain: true }, 'harness-late'],
  ])('%s', (_, lagMs, holds, pointer, told) => {
    expect(verdictAt(lagMs, holds, pointer)).toEqual([told])
  })
})
