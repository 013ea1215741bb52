import { expect, it } from 'vitest'
import { isPromised } from '../../../src/target/promises.js'

it.each([
  ['all', 'BH-7', true],
  ['none', 'BH-7', false],
  [['BH-10', 'EP-2'], 'EP-2', true],
  [['BH-10', 'EP-2'], 'SC-4, EP-2', true],
  [['BH-10'], 'BH-1', false],
  // What stands elsewhere is nobody's promise alone.
  ['none', 'RFC 3261 §10.3', true],
] as const)('promises %j: %s is promised: %s', (promises, source, promised) => {
  expect(isPromised(source, { promises: typeof promises === 'string' ? promises : [...promises] })).toBe(promised)
})
