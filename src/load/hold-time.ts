/** How long calls are held: one time for all, or log-normal, as the calls of people are. */
import { z } from 'zod'
import type { Random } from '../clock/random.js'

const LONGEST_MS = 86_400_000
/** Bounds of a distribution whose order names none, by its median: few calls of people are beyond them. */
const SHORTEST_OF_MEDIAN = 0.1
const LONGEST_OF_MEDIAN = 5
/** Audio is recognised after about a second: shorter calls could not be judged. */
const SHORTEST_MS = 2_000

export const holdTimeSchema = z.union(
  [
    z.int().min(0).max(LONGEST_MS),
    z.strictObject({
      medianMs: z.int().min(1).max(LONGEST_MS),
      /** Standard deviation of the logarithm; 0.8 is usual for calls of people. */
      sigma: z.number().min(0).max(3),
      minMs: z.int().min(0).max(LONGEST_MS).optional(),
      maxMs: z.int().min(1).max(LONGEST_MS).optional(),
    }),
  ],
  { error: 'expected milliseconds, or { medianMs, sigma, minMs, maxMs }' },
)
export type HoldTime = z.output<typeof holdTimeSchema>

/** A holding time, ms. */
export function drawHoldMs(hold: HoldTime, random: Random): number {
  if (typeof hold === 'number') return hold
  const { shortest, longest } = boundsOf(hold)
  const drawn = hold.medianMs * Math.exp(hold.sigma * normal(random))
  return Math.round(Math.min(longest, Math.max(shortest, drawn)))
}

/** Whether some calls would be over before that moment. */
export const isShorterThan = (hold: HoldTime, ms: number): boolean =>
  (typeof hold === 'number' ? hold : boundsOf(hold).shortest) < ms

function boundsOf({ medianMs, minMs, maxMs }: Exclude<HoldTime, number>): { shortest: number; longest: number } {
  const longest = maxMs ?? Math.max(medianMs * LONGEST_OF_MEDIAN, SHORTEST_MS)
  return { shortest: Math.min(longest, minMs ?? Math.max(SHORTEST_MS, medianMs * SHORTEST_OF_MEDIAN)), longest }
}

/** A standard normal value (Box and Muller). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float())
}
