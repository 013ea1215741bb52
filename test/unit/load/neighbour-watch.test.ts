import { expect, test } from 'vitest'
import { NeighbourWatch } from '../../../src/load/neighbour-watch.js'

test('counts the time in which calls were up, and no other', () => {
  const times = [
    { ranMs: 100, waitedMs: 900 },
    { ranMs: 150, waitedMs: 1400 },
    { ranMs: 160, waitedMs: 1400 },
    { ranMs: 170, waitedMs: 1410 },
    { ranMs: 900, waitedMs: 2000 },
  ]
  const watch = new NeighbourWatch(() => times.shift())
  watch.look(1000, 0)
  expect(watch.facts).toBeUndefined()
  watch.look(2000, 1)
  watch.look(3000, 2)
  // They have ended within this one.
  watch.look(4000, 0)
  watch.look(5000, 0)
  expect(watch.facts).toEqual({ ms: 3000, ranMs: 70, waitedMs: 510 })
})

test('knows nothing of a process that is gone', () => {
  const watch = new NeighbourWatch(() => undefined)
  watch.look(1000, 5)
  watch.look(2000, 5)
  expect(watch.facts).toBeUndefined()
})
