import { expect, test } from 'vitest'
import { lifetimeOf } from '../../../src/router/lifetimes.js'

const points = (text: string) =>
  text.split('').map((sign, index) => ({ idleMs: 1_000 * (index + 1), answered: sign === '+' }))

test.each([
  ['++++', { heldMs: 4_000 }],
  ['++--', { heldMs: 2_000, lostMs: 3_000 }],
  ['----', { lostMs: 1_000 }],
  ['+-++', { heldMs: 4_000 }],
  ['+-+-', { heldMs: 1_000, lostMs: 2_000 }],
  ['+++-', { heldMs: 3_000, lostMs: 4_000 }],
])('flows that answer %s', (signs, expected) => {
  const { points: told, ...found } = lifetimeOf('udp', [...points(signs).toReversed(), undefined])
  expect(found).toEqual({ flow: 'udp', ...expected })
  expect(told.map(({ idleMs }) => idleMs)).toEqual([1_000, 2_000, 3_000, 4_000])
})
