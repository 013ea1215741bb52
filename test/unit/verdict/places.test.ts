import { describe, expect, it } from 'vitest'
import type { CheckResult } from '../../../src/result/scenario-result.js'
import { familiesOf, transportsOf, variantsOf } from '../../../src/result/variants.js'
import { sentencesOf } from '../../../src/result/texts.js'
import { OF_AUDIO, whereOf } from '../../../src/verdict/where.js'
import { check, note, on, result, run } from './records.js'

const ALL = ['udp/ipv4', 'udp/ipv6', 'tcp/ipv4', 'tcp/ipv6', 'tls/ipv4', 'tls/ipv6']

describe('variants', () => {
  it('stand in one order, however they were met', () => {
    const places = ALL.map((one) => on(one).variant)
    for (const order of [places, places.toReversed(), [places[4]!, ...places, places[2]!]]) {
      expect(variantsOf(order).map(({ transport, family }) => `${transport}/${family}`)).toEqual(ALL)
      expect(transportsOf(order)).toEqual(['udp', 'tcp', 'tls'])
      expect(familiesOf(order)).toEqual(['ipv4', 'ipv6'])
    }
  })
})

describe('sentences', () => {
  it.each([
    ['One. Two.', ['One.', 'Two.']],
    ['  One!   Two?  ', ['One!', 'Two?']],
    ['After 1.5 s. it ends.', ['After 1.5 s. it ends.']],
    ['', []],
  ])('of %o', (text, sentences) => expect(sentencesOf(text)).toEqual(sentences))
})

describe('where it showed', () => {
  const at = (variant: string, more: Partial<CheckResult> = {}, rest = {}) =>
    result('media/echo', [check('heard', more)], { ...on(variant), ...rest })
  const held = { verdict: 'pass' } as const
  const where = (...scenarios: ReturnType<typeof at>[]) => run({ scenarios }).findings[0]?.where

  it('in up to three variants names them, with codes', () => {
    const broke = ['udp/ipv4', 'tcp/ipv6', 'tls/ipv4']
    const others = ALL.filter((one) => !broke.includes(one)).map((one) => at(one, held))
    expect(where(...broke.map((one) => at(one)), ...others)).toEqual({
      transports: ['udp', 'tcp', 'tls'],
      families: ['ipv4', 'ipv6'],
      text: 'only on UDP over IPv4, TCP over IPv6 and TLS over IPv4',
    })
    expect(where(at('udp/ipv6'), at('udp/ipv4', held))).toEqual({ families: ['ipv6'], text: 'only over IPv6' })
  })

  it('does not take a variant for spared in which it only warned, or broke once and held once', () => {
    expect(where(at('udp/ipv4'), at('tcp/ipv4', { verdict: 'warn' }))?.text).toBe('on UDP and TCP')
    expect(where(at('udp/ipv4'), at('udp/ipv4', held), at('tcp/ipv4', held))?.text).toBe('only on UDP')
  })

  it('of a load, or a note in one scenario, is not known', () => {
    const load = { scenario: 'load/busy', transport: '', family: '' }
    expect(run({ notes: [note('EXAM-X', load)] }).findings[0]).not.toHaveProperty('where')
    expect(run({ notes: [note('EXAM-X')] }).findings[0]).not.toHaveProperty('where')
    const both = run({ notes: [note('EXAM-X', load), note('EXAM-X'), note('EXAM-X', { transport: 'tcp' })] })
      .findings[0]
    expect(both?.where).toEqual({ text: 'on UDP and TCP' })
  })

  describe('a relay', () => {
    const through = (broke: string[][], well: string[][], cause = 'no-audio') =>
      where(
        ...broke.map((relays, nth) => at(ALL[nth]!, { cause }, { relays })),
        ...well.map((relays, nth) => at(ALL[5 - nth]!, { cause, ...held }, { relays })),
      )?.relays

    it.each<[string, string[][], string[][], string[] | undefined]>([
      ['that all that broke went through, and nothing else', [['a', 'b'], ['a']], [['b'], ['b']], ['a']],
      ['as two of them', [['a'], ['b']], [['c'], ['c']], ['a', 'b']],
      ['not met often enough', [['a']], [['b'], ['b']], undefined],
      ['with too few others', [['a'], ['a']], [['b']], undefined],
      ['with others whose relays are not known', [['a'], ['a']], [['b'], []], undefined],
      ['of which others are not known', [['a'], []], [['b'], ['b']], undefined],
      ['that does not explain all', [['a'], ['b']], [['b'], ['b']], undefined],
      ['that explains all, besides one that is not known', [['a'], ['a'], []], [['b'], ['b']], ['a']],
      ['that does well too', [['a'], ['a']], [['a'], ['a']], undefined],
    ])('%s', (_, broke, well, relays) => expect(through(broke, well)).toEqual(relays))

    it('of lost packets is the one that lost them, where a call went through others, too', () => {
      const losses = (...lost: number[]) =>
        lost.map((packets, nth) => ({ relay: 'abc'[nth]!, expected: 500, lost: packets, gaps: packets }))
      const found = where(
        at('udp/ipv4', { cause: 'audio-lost', losses: losses(40, 0, 0) }, { relays: ['a', 'b', 'c'] }),
        at('tcp/ipv4', { cause: 'audio-lost', losses: losses(35, 3) }, { relays: ['a', 'b'] }),
        at('udp/ipv6', { cause: 'audio-lost', ...held }, { relays: ['b'] }),
        at('tcp/ipv6', { cause: 'audio-lost', ...held }, { relays: ['d'] }),
      )
      expect(found?.relays).toEqual(['a'])
    })

    it('is told after the transport', () => {
      const found = where(
        ...['tls/ipv4', 'tls/ipv6'].map((one) => at(one, { cause: 'no-audio' }, { relays: ['a'] })),
        ...['udp/ipv4', 'tcp/ipv4'].map((one) => at(one, { cause: 'no-audio', ...held }, { relays: ['b'] })),
      )
      expect(found).toEqual({ transports: ['tls'], relays: ['a'], text: 'only on TLS, only through a' })
    })

    it.each([
      'no-audio',
      'audio-lost',
      'audio-late',
      'audio-altered',
      'wrong-audio',
      'audio-after-hang-up',
      'audio-source-differs',
      'nat-source-ignored',
      'media-redirected',
      'address-family-wrong',
      'rtcp-missing',
      'audio-uneven',
      'audio-begins-late',
      'audio-ends-early',
      'relay-unpublished',
      'keypad-lost',
      'key-reused',
      'encryption-dropped',
      'srtp-not-authenticated',
      'srtp-rollover-lost',
    ])('can be where %s is', (cause) => expect([OF_AUDIO.has(cause), OF_AUDIO.size]).toEqual([true, 20]))
  })

  it('is undefined of nothing', () => expect(whereOf('x', [], [])).toBeUndefined())
})
