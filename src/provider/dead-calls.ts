/** Calls of which a device has gone without a word: how soon they end. */

/** How often calls are looked at. */
export const SWEEP_MS = 30_000
/** Until the BYE is out. */
const LEEWAY_S = 1

/** Seconds within which a dead call ends, where so many milliseconds of silence are let pass. */
export const endsWithin = (silenceMs: number): number => (silenceMs + SWEEP_MS) / 1000 + LEEWAY_S

/** Milliseconds of silence to let pass, so that a dead call ends within so many seconds. */
export const silenceOf = (seconds: number): number => Math.max(1_000, (seconds - LEEWAY_S) * 1000 - SWEEP_MS)
