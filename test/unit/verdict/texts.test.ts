import { expect, it } from 'vitest'
import { lowered } from '../../../src/verdict/texts.js'

it.each([
  ['Calls drop after 32 seconds', 'calls drop after 32 seconds'],
  ['A call never ends', 'a call never ends'],
  ['One-way audio', 'one-way audio'],
  ['Customers’ calls drop', 'customers’ calls drop'],
  ['IPv6 is not served', 'IPv6 is not served'],
  ['SRTP keys are sent twice', 'SRTP keys are sent twice'],
  ['Max-Forwards is not counted down', 'Max-Forwards is not counted down'],
  ['REGISTER is refused', 'REGISTER is refused'],
])('%s, in the middle of a sentence', (text, middle) => {
  expect(lowered(text)).toBe(middle)
})
