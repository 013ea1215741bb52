/** A timer that has been set. Cancelling one that has fired or was cancelled does nothing. */
export interface Timer {
  cancel(): void
}

/**
 * What the time is, and a way to be called later. Nothing outside this folder reads the time of the machine or uses a
 * timer of the runtime, so that the same code runs on the machine's time and on virtual time.
 */
export interface Clock {
  readonly kind: 'wall' | 'virtual'
  /** Milliseconds since an arbitrary beginning; monotonic, with fractions. */
  now(): number
  /** Milliseconds since 1970-01-01T00:00:00Z at this moment. A virtual clock begins at 2000-01-01T00:00:00Z. */
  unixMs(): number
  /** Calls `fire` once when `delayMs` milliseconds have passed, never earlier. A delay below 0 counts as 0. */
  after(delayMs: number, fire: () => void): Timer
  /** Resolves when `ms` milliseconds have passed. */
  sleep(ms: number): Promise<void>
}
