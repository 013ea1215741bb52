/** A wave: the calls of, say, a second, ordered at once. What is left to chance is decided here, by a seed. */
import { z } from 'zod'
import { type Random, SeededRandom, SystemRandom } from '../clock/random.js'
import { BadOrderError, type CallChoice, callChoices, type CallOrder, type OrderFacts, parsed } from './call-order.js'
import { drawHoldMs } from './hold-time.js'

/** More calls are several waves. */
export const MOST_CALLS_OF_A_WAVE = 20_000
const LONGEST_WAVE_MS = 600_000

/** Body of `POST /v1/waves`. Its calls are checked one by one, for errors that name their fields. */
const waveRequestSchema = z.strictObject({
  count: z.int().min(1).max(MOST_CALLS_OF_A_WAVE),
  /** Milliseconds that the beginnings of the calls are spread over. */
  overMs: z.int().min(0).max(LONGEST_WAVE_MS).default(1000),
  /** `poisson`: as independent callers begin, given that there are so many of them. */
  arrivals: z.enum(['even', 'poisson']).default('even'),
  /** The same seed gives the same calls at the same times. */
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional(),
  call: z.unknown().optional(),
  mix: z
    .array(z.strictObject({ weight: z.number().positive().max(1e9), call: z.unknown() }))
    .min(1)
    .max(100)
    .optional(),
})

/** A call and when it begins, milliseconds after the wave. */
export interface TimedCall {
  readonly atMs: number
  readonly order: CallOrder
}

/** Reads a wave and decides its calls, in the order of their beginnings. @throws BadOrderError */
export function waveOf(body: unknown, facts: OrderFacts): TimedCall[] {
  const { count, overMs, arrivals, seed, call, mix } = parsed(waveRequestSchema, body)
  if ((call === undefined) === (mix === undefined))
    throw new BadOrderError(call === undefined ? 'call' : 'mix', "expected either 'call' or 'mix'")
  const choices =
    mix === undefined
      ? callChoices(call, facts, ['call'])
      : mix.flatMap((one, index) =>
          callChoices(one.call, facts, ['mix', index, 'call']).map((choice) => ({
            ...choice,
            weight: choice.weight * one.weight,
          })),
        )
  const random = seed === undefined ? new SystemRandom() : new SeededRandom(seed)
  const times = momentsOf(arrivals, count, overMs, random)
  const chosen = chosenOf(choices, count, random)
  return times.map((atMs, index) => ({ atMs, order: orderFrom(chosen[index] ?? chosen[0], random) }))
}

/** One of the kinds of calls that an order leaves open. @param chance from 0 to 1 */
export function orderOf(choices: readonly CallChoice[], chance: number, random: Random): CallOrder {
  return orderFrom(choiceAt(choices, chance), random)
}

function orderFrom(choice: CallChoice | undefined, random: Random): CallOrder {
  if (choice === undefined) throw new Error('an order without a call')
  return { ...choice.order, holdMs: drawHoldMs(choice.holdMs, random) }
}

/** When so many begin, ms after the order, ascending. */
export const momentsOf = (arrivals: 'even' | 'poisson', count: number, overMs: number, random: Random): number[] =>
  arrivals === 'even' ? evenly(count, overMs) : atRandom(count, overMs, random)

const evenly = (count: number, overMs: number): number[] =>
  Array.from({ length: count }, (_, index) => (index * overMs) / count)

/** The beginnings of a Poisson process are spread uniformly, once their number is given. */
const atRandom = (count: number, overMs: number, random: Random): number[] =>
  Array.from({ length: count }, () => random.float() * overMs).toSorted((a, b) => a - b)

/**
 * Kinds of calls in random order, each as often as its weight asks for: rounded up or down by chance, so that it comes out
 * right over many waves.
 */
function chosenOf(choices: readonly CallChoice[], count: number, random: Random): (CallChoice | undefined)[] {
  const offset = random.float()
  const chosen = Array.from({ length: count }, (_, index) => choiceAt(choices, (index + offset) / count))
  for (let last = count - 1; last > 0; last--) {
    const other = random.int(last + 1)
    const moved = chosen[last]
    chosen[last] = chosen[other]
    chosen[other] = moved
  }
  return chosen
}

function choiceAt(choices: readonly CallChoice[], chance: number): CallChoice | undefined {
  let left = chance * choices.reduce((sum, { weight }) => sum + weight, 0)
  for (const choice of choices) {
    left -= choice.weight
    if (left < 0) return choice
  }
  return choices.at(-1)
}
