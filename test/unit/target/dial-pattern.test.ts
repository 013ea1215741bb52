import { array, assert, constantFrom, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileDialPattern } from '../../../src/target/dial-pattern.js'

describe('patterns of limits.mayDial', () => {
  test.each([
    '^000387',
    '^(?:0211|\\+49211)\\d{3,5}$',
    '.*',
    '^$',
    '',
    '12|34|',
    '^[0-9*#]+?$',
    '^[^1-3]{2}$',
    'a(bc)*d?',
    '^(1|12)(23|3)$',
    '\\*21\\*',
    '(?<area>030)1',
    '\\u0031\\x32',
    '^(?:(?:1+2)*3)+$',
  ])('%s matches as RegExp does', (source) => {
    const [ours, theirs] = [compileDialPattern(source), new RegExp(source, 'u')]
    const piece = constantFrom(
      '0',
      '1',
      '2',
      '3',
      '12',
      '23',
      '*',
      '*21*',
      '0211',
      '+49211',
      '000387',
      'a',
      'bc',
      'd',
      '0301',
    )
    assert(
      property(array(piece, { maxLength: 6 }), (pieces) => ours.test(pieces.join('')) === theirs.test(pieces.join(''))),
      { numRuns: 500 },
    )
  })

  test.each(['^(\\d+)+$', '^(?:\\d|\\d\\d)*$', '^(?:1?){30}1{30}$', '^.*.*.*.*.*.*.*.*x$', '^(((1*)*)*)*$'])(
    '%s is decided at once, however long the number',
    (source) => {
      const before = performance.now()
      expect(compileDialPattern(source).test(`${'1'.repeat(127)}y`)).toBe(false)
      expect(performance.now() - before).toBeLessThan(500)
    },
  )

  test.each([
    ['^(?=1)', /look-around/],
    ['^(?!112)', /look-around/],
    ['(?<=1)2', /look-around/],
    ['(1)\\1', /back-references/],
    ['(?<a>1)\\k<a>', /back-references/],
    ['^1\\b', /back-references/],
    ['(((((1*)*)*)*)*)', /within each other/],
    ['((1{99}){99}){99}', /steps/],
    ['^(0', /Invalid regular expression/],
  ])('%s is refused', (source, why) => {
    expect(() => compileDialPattern(source)).toThrow(why)
  })
})
