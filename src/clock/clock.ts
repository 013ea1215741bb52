/** Time as everything that runs on both kinds of it knows it. */

/** A timer that has been set. Cancelling one that has fired or was cancelled does nothing. */
export interface Timer {
  cancel(): void
}

/**
 * What the time is, and a way to be called later. Whatever a scenario stands on takes its time from one of these, and neither
 * reads the time of the machine nor uses a timer of the runtime, so that it runs on the machine's time and on virtual time
 * alike. What knows the machine's time only is listed in `test/unit/tooling/time.test.ts`: the command line, the processes
 * that it starts, the main thread of a load, the dates of certificates, the report's page.
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
