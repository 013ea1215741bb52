import { describe, expect, it } from 'vitest'
import type { Clock, Timer } from '../../../src/clock/clock.js'
import { LagMonitor } from '../../../src/worlds/lag-monitor.js'

/** A machine's clock that is moved by hand: what is due fires when the process is let run, in the order in which it was due. */
class HandClock implements Clock {
  readonly kind = 'wall'
  #now = 0
  readonly #timers = new Set<{ due: number; fire: () => void }>()

  now(): number {
    return this.#now
  }

  unixMs(): number {
    return this.#now
  }

  after(delayMs: number, fire: () => void): Timer {
    const timer = { due: this.#now + delayMs, fire }
    this.#timers.add(timer)
    return { cancel: () => this.#timers.delete(timer) }
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  /** Time in which the process does nothing. */
  stands(ms: number): void {
    this.#now += ms
  }

  /** Time in which all is done when it is due; first what is overdue. */
  runs(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.due - b.due)
      if (next === undefined || next.due > end) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.due)
      next.fire()
    }
    this.#now = end
  }
}

describe('how late this process is', () => {
  it('is nothing where all ticks come in time', () => {
    const clock = new HandClock()
    const lag = new LagMonitor(clock)
    clock.runs(1_000)
    expect(lag.between(0, clock.now())).toBe(0)
    expect(lag.recently()).toBe(0)
  })

  it('is the longest standstill of the time that is asked for', () => {
    const clock = new HandClock()
    const lag = new LagMonitor(clock)
    clock.runs(1_000)
    clock.stands(3_000)
    clock.runs(1_000)
    expect(lag.between(0, clock.now())).toBe(2_980)
    expect(lag.between(0, 900)).toBe(0)
    expect(lag.between(4_500, clock.now())).toBe(0)
    // Whoever began or ended in the middle of it was concerned.
    expect(lag.between(3_990, clock.now())).toBe(2_980)
    expect(lag.between(0, 1_100)).toBe(2_980)
  })

  it('is known before the tick that was due comes to its turn', () => {
    const clock = new HandClock()
    const lag = new LagMonitor(clock)
    clock.runs(1_000)
    let seen = 0
    // Due before the tick, and so fired before it when the process goes on.
    clock.after(5, () => {
      seen = lag.between(0, clock.now())
    })
    clock.stands(3_000)
    clock.runs(1)
    expect(seen).toBe(2_980)
  })

  it('at present is the mean of the last half of a second: one standstill is little, many are much', () => {
    const clock = new HandClock()
    const lag = new LagMonitor(clock)
    clock.runs(1_000)
    clock.stands(120)
    clock.runs(380)
    expect(lag.recently()).toBeGreaterThan(2)
    expect(lag.recently()).toBeLessThan(10)
    for (let i = 0; i < 10; i++) {
      clock.stands(80)
      clock.runs(1)
    }
    expect(lag.recently()).toBeGreaterThan(50)
    clock.runs(600)
    expect(lag.recently()).toBe(0)
  })
})
