import { afterEach, expect, test, vi } from 'vitest'
import { unixNow, WallClock } from '../../../src/clock/wall-clock.js'

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

test('a clock that was set wrong is so for Unix time alone', () => {
  const [right, ahead, behind] = [new WallClock(), new WallClock(60_000), new WallClock(-60_000)]
  const now = right.unixMs()
  expect(Math.round((ahead.unixMs() - now) / 1000)).toBe(60)
  expect(Math.round((behind.unixMs() - now) / 1000)).toBe(-60)
  expect(Math.abs(ahead.now() - right.now())).toBeLessThan(1000)
})

afterEach(() => vi.useRealTimers())

test('a step of the system’s clock moves nothing', async () => {
  const clock = new WallClock()
  const [now, unix, whole] = [clock.now(), clock.unixMs(), unixNow()]
  const hour = 3_600_000
  for (const step of [hour, -hour]) {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + step })
    // oxlint-disable-next-line no-await-in-loop -- one after another
    await clock.sleep(3)
    expect(clock.now() - now).toBeLessThan(2_000)
    expect(Math.abs(clock.unixMs() - unix)).toBeLessThan(2_000)
    expect(Math.abs(unixNow() - whole)).toBeLessThan(2_000)
    vi.useRealTimers()
  }
})
