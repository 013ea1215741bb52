import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Clock, Timer } from '../../../src/clock/clock.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { Deadlines, type Waiting } from '../../../src/transaction/deadlines.js'

function waiting(expire: (now: number) => void): Waiting {
  return { dueAt: Number.POSITIVE_INFINITY, order: 0, place: 0, expire }
}

/** A clock that moves by hand, and remembers for how long a timer was armed. */
class HandClock implements Clock {
  readonly kind = 'virtual'
  readonly armed: string[] = []
  #now = 0
  #call = () => {}
  readonly now = () => this.#now
  readonly unixMs = () => this.#now
  readonly sleep = () => Promise.resolve()

  after(delay: number, call: () => void): Timer {
    const nth = this.armed.push(String(Math.round(delay))) - 1
    this.#call = call
    return {
      cancel: () => {
        this.armed[nth] += ' cancelled'
      },
    }
  }

  /** The timer that was armed last fires. */
  fire(now: number): void {
    this.#now = now
    this.#call()
  }
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
    const hand = new HandClock()
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
    expect(() => hand.fire(10)).toThrow('boom')
    hand.fire(20)
    expect(fired).toEqual([20])
  })

  it('use one timer: armed anew only for an earlier moment, and for none when nothing waits', () => {
    const hand = new HandClock()
    const deadlines = new Deadlines(hand)
    const [a, b] = [waiting(() => {}), waiting(() => {})]
    deadlines.set(a, 100)
    deadlines.set(b, 200)
    deadlines.set(b, 100)
    expect(hand.armed).toEqual(['100'])
    deadlines.set(b, 50)
    expect(hand.armed).toEqual(['100 cancelled', '50'])
    // The timer at 50 is early now: one empty call.
    deadlines.set(b, Number.POSITIVE_INFINITY)
    expect(hand.armed).toEqual(['100 cancelled', '50'])
    hand.fire(50)
    expect(hand.armed).toEqual(['100 cancelled', '50', '50'])
    deadlines.set(a, Number.POSITIVE_INFINITY)
    expect([deadlines.size, hand.armed]).toEqual([0, ['100 cancelled', '50', '50 cancelled']])
  })

  it('that set the next ones meanwhile arm the timer once, when all that was due has come', () => {
    const hand = new HandClock()
    const deadlines = new Deadlines(hand)
    const again = waiting((now) => deadlines.set(again, now + 30))
    const other = waiting((now) => deadlines.set(other, now + 20))
    deadlines.set(again, 10)
    deadlines.set(other, 10)
    hand.fire(10)
    expect(hand.armed).toEqual(['10', '20'])
  })

  it('come a microsecond early at most, and are told their own moment then', () => {
    const hand = new HandClock()
    const deadlines = new Deadlines(hand)
    const fired: number[] = []
    deadlines.set(
      waiting((at) => fired.push(at)),
      10,
    )
    hand.fire(9.998)
    expect(fired).toEqual([])
    hand.fire(9.9995)
    expect(fired).toEqual([10])
    deadlines.set(
      waiting((at) => fired.push(at)),
      20,
    )
    hand.fire(25)
    expect(fired).toEqual([10, 25])
  })
})
