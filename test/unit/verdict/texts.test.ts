import { describe, expect, it } from 'vitest'
import { headline, listed, withFigures } from '../../../src/result/texts.js'

describe('a headline', () => {
  it.each([
    ['One packet is lost. Then a second one.', 'One packet is lost'],
    ['Calls end after 1.5 s of silence.', 'Calls end after 1.5 s of silence'],
    ['Does it ring? Nobody knows.', 'Does it ring'],
    ['No stop', 'No stop'],
  ])('of %s', (text, head) => expect(headline(text)).toBe(head))
})

describe('figures', () => {
  it.each([
    ['after {idle|a while} of silence', { idle: '8 s' }, 'after 8 s of silence'],
    ['after {idle|a while} of silence', {}, 'after a while of silence'],
    ['{loss} of the audio is lost', { loss: '2 %' }, '2 % of the audio is lost'],
    ['lost {share} audio', {}, 'lost audio'],
  ])('%s', (text, figures: Record<string, string>, filled) => expect(withFigures(text, figures)).toBe(filled))
})

it('lists', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual(['', 'a', 'a and b', 'a, b and c'])
})
