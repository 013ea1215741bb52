import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/clock/clock.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { Deadlines, type Waiting } from '../../../src/transaction/deadlines.js'

function waiting(expire: (now: number) => void): Waiting {
  return { dueAt: Number.POSITIVE_INFINITY, order: 0, place: 0, expire }
}

describe('deadlines', () => {
  it('come in time, each at its own, whatever was set, moved and taken back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ who: fc.nat(19), due: fc.option(fc.nat(500), { freq: 4 }) }), { maxLength: 120 }),
        async (steps) => {
          const clock = new VirtualClock()
          await clock.run(async () => {
            const deadlines = new Deadlines(clock)
            const fired: [number, number][] = []
            const all = Array.from({ length: 20 }, (_, who) => waiting((now) => fired.push([who, now])))
            const expected = new Map<number, number>()
            for (const { who, due } of steps) {
              deadlines.set(all[who]!, due ?? Number.POSITIVE_INFINITY)
              if (due === null) expected.delete(who)
              else expected.set(who, due)
            }
            expect(deadlines.size).toBe(expected.size)
            await clock.sleep(1000)
            expect(fired.map(([, now]) => now)).toEqual(fired.map(([, now]) => now).sort((a, b) => a - b))
            expect(new Map(fired)).toEqual(expected)
            expect(deadlines.size).toBe(0)
          })
        },
      ),
    )
  })

  it('of one moment come in the order they were set, and may set the next one', async () => {
    const clock = new VirtualClock()
    await clock.run(async () => {
      const deadlines = new Deadlines(clock)
      const fired: string[] = []
      const a = waiting((now) => {
        fired.push(`a ${now}`)
        if (now < 300) deadlines.set(a, now + 100)
      })
      const b = waiting((now) => fired.push(`b ${now}`))
      deadlines.set(b, 100)
      deadlines.set(a, 100)
      await clock.sleep(1000)
      expect(fired).toEqual(['b 100', 'a 100', 'a 200', 'a 300'])
    })
  })

  it('go on after one of them throws', () => {
    let now = 0
    let fire = () => {}
    const hand: Clock = {
      kind: 'virtual',
      now: () => now,
      unixMs: () => now,
      after: (_delay, call) => {
        fire = call
        return { cancel: () => {} }
      },
      sleep: () => Promise.resolve(),
    }
    const deadlines = new Deadlines(hand)
    const fired: number[] = []
    const bad = waiting(() => {
      throw new Error('boom')
    })
    deadlines.set(bad, 10)
    deadlines.set(
      waiting((at) => fired.push(at)),
      20,
    )
    now = 10
    expect(() => fire()).toThrow('boom')
    now = 20
    fire()
    expect(fired).toEqual([20])
  })
})
