import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { Pace } from '../../../src/worlds/pace.js'

/** How long each of so many starts takes. */
async function starts(count: number, lateness: (nowMs: number) => number, running = () => 20): Promise<number[]> {
  const clock = new VirtualClock()
  const pace = new Pace({ clock, lateness: () => lateness(clock.now()) })
  return clock.run(async () => {
    const took: number[] = []
    for (let i = 0; i < count; i++) {
      const from = clock.now()
      // oxlint-disable-next-line no-await-in-loop -- one after another is what it is about
      await pace.next(running)
      took.push(clock.now() - from)
    }
    return took
  })
}

describe('the pace at which stories begin', () => {
  it('is even where this process is on time', async () => {
    expect(await starts(4, () => 3)).toEqual([40, 40, 40, 40])
  })

  it('waits while this process is late', async () => {
    const [first = 0, ...others] = await starts(4, (now) => (now < 5_000 ? 200 : 3))
    expect(first).toBeGreaterThanOrEqual(5_000)
    expect(first).toBeLessThan(5_100)
    expect(others).toEqual([40, 40, 40])
  })

  it('does not wait for others on the machine: few stories are not what makes it late', async () => {
    expect(
      await starts(
        4,
        () => 200,
        () => 3,
      ),
    ).toEqual([40, 40, 40, 40])
  })

  it('waits no longer than three minutes in all', async () => {
    const took = await starts(3, () => 200)
    expect(took[0]).toBeGreaterThan(170_000)
    expect(took[0]).toBeLessThan(190_000)
    expect(took.slice(1)).toEqual([40, 40])
  })
})
