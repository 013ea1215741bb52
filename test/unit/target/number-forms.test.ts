import { expect, it } from 'vitest'
import { formsOf } from '../../../src/target/number-forms.js'

const all = ['0211550001', '+49211550001', '0049211550001']

it.each(all)('%s is dialled nationally, with + and with 00', (number) => {
  expect(formsOf(number, '49')).toEqual(all)
})

it.each(['00038799999', '110', '+43155', '**610', 'kunde17', '000', '49211550001', '+490211550001'])(
  '%s has no other form',
  (number) => {
    expect(formsOf(number, '49')).toEqual([number])
  },
)
