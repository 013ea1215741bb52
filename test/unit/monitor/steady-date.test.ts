import { expect, test } from 'vitest'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { OnceTold } from '../../../src/monitor/once-told.js'
import { SteadyDate } from '../../../src/monitor/steady-date.js'

const HOUR = 3_600_000

/** What is said of the date after each of these: hours that pass, and hours by which it is set meanwhile. */
async function trusted(known: number, steps: readonly (readonly [passes: number, set: number])[]): Promise<boolean[]> {
  const clock = new VirtualClock()
  let setMs = 0
  const date = () => clock.unixMs() + setMs
  const steady = new SteadyDate(clock, date, date() - known * HOUR)
  const found: boolean[] = []
  await clock.run(async () => {
    for (const [passes, set] of steps) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await clock.sleep(passes * HOUR)
      setMs += set * HOUR
      found.push(steady.now() === date())
    }
  })
  return found
}

test('the date is trusted when it has gone on with the clock for an hour', async () => {
  expect(
    await trusted(Number.NaN, [
      [0, 0],
      [0.5, 0],
      [0.5, 0],
      [9, 0],
    ]),
  ).toEqual([false, false, true, true])
})

test('or was so before a restart', async () => {
  expect(await trusted(0.1, [[0, 0]])).toEqual([true])
  // Ten years off, or in the past: a clock without a battery, before it was set.
  expect(
    await trusted(87_600, [
      [0, 0],
      [1, 0],
    ]),
  ).toEqual([false, true])
  expect(
    await trusted(-2, [
      [0, 0],
      [1, 0],
    ]),
  ).toEqual([false, true])
})

test('one that jumps is not, until an hour later', async () => {
  expect(
    await trusted(0, [
      [1, 87_600],
      [0.5, 0],
      [0.1, -87_600],
      [0.9, 0],
      [0.1, 0],
    ]),
  ).toEqual([false, false, false, false, true])
})

test('what is the matter is told when it begins, changes and is over', () => {
  const told: string[] = []
  const once = new OnceTold((line) => told.push(line))
  for (const line of [undefined, 'full', 'full', 'read-only', undefined, undefined]) once.now('disk', line, 'well')
  once.now('another', 'full', '')
  expect(told).toEqual(['full', 'read-only', 'well', 'full'])
})
