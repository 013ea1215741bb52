import type { Clock, Timer } from './clock.js'

/** 2000-01-01T00:00:00Z in Unix milliseconds: where virtual time begins. */
export const VIRTUAL_EPOCH_MS = 946_684_800_000

/**
 * Time that moves only when everything runnable has run. Timers fire by (time, order in which they were set).
 */
export class VirtualClock implements Clock {
  readonly kind = 'virtual'

  now(): number {
    throw new Error('not yet')
  }

  unixMs(): number {
    return VIRTUAL_EPOCH_MS + this.now()
  }

  after(_delayMs: number, _fire: () => void): Timer {
    throw new Error('not yet')
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve)
    })
  }

  /** Runs `main` and moves time on until it settles. */
  run<T>(_main: () => Promise<T>): Promise<T> {
    throw new Error('not yet')
  }
}
