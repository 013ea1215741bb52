import { expect, test } from 'vitest'
import { SeededRandom, SystemRandom } from '../../../src/clock/random.js'

test('a seed fixes every value; a fork does not depend on what was drawn from its parent', () => {
  const draw = (random: SeededRandom) => [
    random.uint32(),
    random.float(),
    random.token(12),
    random.bytes(7).toString('hex'),
  ]
  expect(draw(new SeededRandom(42))).toEqual(draw(new SeededRandom(42)))
  expect(draw(new SeededRandom(42))).not.toEqual(draw(new SeededRandom(43)))

  const untouched = new SeededRandom('s').fork('media')
  const parent = new SeededRandom('s')
  parent.uint32()
  expect(draw(parent.fork('media'))).toEqual(draw(untouched))
  // Two users of one label must not get the same Call-IDs.
  expect(draw(parent.fork('media'))).not.toEqual(draw(new SeededRandom('s').fork('media')))
})

test.each([new SeededRandom('spread'), new SystemRandom()])('values are spread evenly and in bounds', (random) => {
  const counts = Array.from({ length: 6 }, () => 0)
  const bits = Array.from({ length: 32 }, () => 0)
  for (let i = 0; i < 60_000; i++) {
    const face = random.int(6)
    counts[face] = counts[face]! + 1
    const word = random.uint32()
    for (let b = 0; b < 32; b++) bits[b] = bits[b]! + ((word >>> b) & 1)
  }
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(600)
  for (const set of bits) expect(Math.abs(set - 30_000)).toBeLessThan(900)
  expect(random.float()).toBeLessThan(1)
  expect(random.token(33)).toMatch(/^[a-z2-7]{33}$/)
  expect([0, 1, 3, 4, 65, 5000].map((n) => random.bytes(n).length)).toEqual([0, 1, 3, 4, 65, 5000])
  expect(() => random.int(0)).toThrow(RangeError)
})
