import { expect, it } from 'vitest'
import { isPromised, type Promising } from '../../../src/target/promises.js'

const bare: Promising = { promises: 'none', endpoints: {}, media: {}, policy: {} }

it.each([
  ['all', 'BH-7', true],
  ['none', 'BH-7', false],
  [['BH-10', 'BH-7'], 'BH-7', true],
  [['BH-10', 'BH-7'], 'BH-6, BH-7', true],
  [['BH-10'], 'BH-6', false],
  // What any telephone service owes.
  ['none', 'BH-4', true],
  // A scenario of a number is run only where the target file has it.
  ['none', 'SC-4', true],
  // What stands elsewhere is nobody's promise alone.
  ['none', 'RFC 3261 §10.3', true],
] as const)('promises %j: %s binds: %s', (promises, source, binds) => {
  expect(isPromised(source, { ...bare, promises: typeof promises === 'string' ? promises : [...promises] })).toBe(binds)
})

it('what the target file names, it promises', () => {
  const rows = ['EP-2', 'EP-6', 'EP-7', 'EP-10', 'BH-10', 'BH-13']
  const named = {
    ...bare,
    endpoints: { tls: {} },
    stun: {},
    ntp: {},
    published: {},
    media: { dtmfPayloadType: 101 },
    policy: { sharedCredentials: 'fork' },
  }
  expect(rows.map((row) => isPromised(row, bare))).toEqual(rows.map(() => false))
  expect(rows.map((row) => isPromised(row, named))).toEqual(rows.map(() => true))
})
