import { expect, test } from 'vitest'
import { WallClock } from '../../../src/clock/wall-clock.js'

test('a timer never fires early, not even when it was set at the end of a busy turn', async () => {
  const clock = new WallClock()
  const busyUntil = clock.now() + 12
  while (clock.now() < busyUntil);
  const set = clock.now()
  let cancelled = false
  clock
    .after(1, () => {
      cancelled = true
    })
    .cancel()
  await clock.sleep(8.5)
  expect(clock.now() - set).toBeGreaterThanOrEqual(8.5)
  expect(cancelled).toBe(false)
  expect(Math.abs(clock.unixMs() - Date.now())).toBeLessThan(5_000)
})
