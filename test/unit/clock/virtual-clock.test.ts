import { describe, expect, test } from 'vitest'
import { VIRTUAL_EPOCH_MS, VirtualClock } from '../../../src/clock/virtual-clock.js'
import { SeededRandom } from '../../../src/clock/random.js'

describe('virtual clock', () => {
  test('a day passes at once, to the fraction of a millisecond', async () => {
    const clock = new VirtualClock()
    const seen: number[] = []
    await clock.run(async () => {
      await clock.sleep(0.25)
      seen.push(clock.now())
      await clock.sleep(86_400_000)
      seen.push(clock.now(), clock.unixMs())
    })
    expect(seen).toEqual([0.25, 86_400_000.25, VIRTUAL_EPOCH_MS + 86_400_000.25])
  })

  test('what a timer sets going is finished before the next one fires, even at the same instant', async () => {
    const clock = new VirtualClock()
    const order: string[] = []
    clock.after(5, () => {
      order.push('first')
      process.nextTick(() => {
        order.push('tick')
        void Promise.resolve().then(() => process.nextTick(() => order.push('tick of a microtask')))
      })
      // A long chain of microtasks.
      void (async () => {
        for (let i = 0; i < 200; i++) await Promise.resolve()
        order.push('chain')
        clock.after(0, () => order.push('set at the same instant'))
      })()
    })
    clock.after(5, () => order.push('second'))
    clock.after(4, () => order.push('earlier'))
    await clock.run(() => clock.sleep(5.5))
    expect(order.at(0)).toBe('earlier')
    expect(order.slice(-2)).toEqual(['second', 'set at the same instant'])
    expect(order.slice(1, 5).sort()).toEqual(['chain', 'first', 'tick', 'tick of a microtask'])
  })

  test('the same program gives the same order of events, however it is scheduled', async () => {
    const runOnce = async () => {
      const clock = new VirtualClock()
      const random = new SeededRandom('order')
      const log: string[] = []
      await clock.run(async () => {
        await Promise.all(
          Array.from({ length: 200 }, async (_, actor) => {
            for (let turn = 0; turn < 10; turn++) {
              // Few distinct delays, so that many timers share an instant.
              await clock.sleep(random.int(4))
              for (let i = random.int(5); i > 0; i--) await Promise.resolve()
              log.push(`${clock.now()}:${actor}`)
            }
          }),
        )
      })
      return log
    }
    const once = await runOnce()
    expect(once).toHaveLength(2000)
    expect(await runOnce()).toEqual(once)
  })

  test('a cancelled timer does not fire, wherever it stood in the queue', async () => {
    const clock = new VirtualClock()
    const random = new SeededRandom(7)
    const fired: number[] = []
    const timers = Array.from({ length: 500 }, (_, i) => {
      const due = random.int(1000)
      return { i, due, timer: clock.after(due, () => fired.push(i)) }
    })
    const kept = timers.filter(({ timer }) => {
      if (random.int(2) === 0) return true
      timer.cancel()
      timer.cancel()
      return false
    })
    expect(clock.pendingTimers).toBe(kept.length)
    await clock.run(() => clock.sleep(1000))
    expect(fired).toEqual(kept.sort((a, b) => a.due - b.due || a.i - b.i).map(({ i }) => i))
  })

  test('a run that waits for nothing is reported, and so is one whose time cannot move', async () => {
    const clock = new VirtualClock()
    clock.after(30, () => {})
    await expect(clock.run(() => new Promise(() => {}))).rejects.toThrow(/at 30 ms and nothing is left to happen/)
    const spin = () => void clock.after(0, spin)
    spin()
    await expect(clock.run(() => clock.sleep(1))).rejects.toThrow(/stands still at 30 ms/)
  })

  test('an error in a timer or in main ends the run with that error; the clock can run again', async () => {
    const clock = new VirtualClock()
    clock.after(1, () => {
      throw new Error('from a timer')
    })
    await expect(clock.run(() => clock.sleep(2))).rejects.toThrow('from a timer')
    await expect(clock.run(() => Promise.reject(new Error('from main')))).rejects.toThrow('from main')
    let nested: Promise<void> | undefined
    expect(
      await clock.run(async () => {
        nested = clock.run(() => clock.sleep(1))
        await expect(nested).rejects.toThrow('running already')
        return 7
      }),
    ).toBe(7)
  })

  test('time stands still while work waits for the machine', async () => {
    const clock = new VirtualClock()
    let fired = false
    clock.after(1, () => {
      fired = true
    })
    await clock.run(async () => {
      await clock.outside(() => new Promise((resolve) => setTimeout(resolve, 5)))
      expect(fired).toBe(false)
      expect(clock.now()).toBe(0)
      await clock.sleep(1)
      expect(fired).toBe(true)
    })
  })
})
