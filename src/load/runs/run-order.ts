/** What a client of the call agent may order of scenarios: one run, or a wave of them. */
import { z } from 'zod'
import { type Random, SeededRandom, SystemRandom } from '../../clock/random.js'
import { nearestWord } from '../../target/did-you-mean.js'
import type { Variant } from '../../scenario/variant.js'
import { matches } from '../../runner/plan.js'
import { BadOrderError, parsed } from '../call-order.js'
import { momentsOf } from '../wave-order.js'
import type { PushableScenario } from './run-protocol.js'

/** More are several waves. */
const MOST_RUNS_OF_A_WAVE = 2_000
const LONGEST_WAVE_MS = 600_000

const kindSchema = z.strictObject({
  /** An id, or a pattern with `*`. */
  scenario: z.string().min(1).max(200),
  /** Default: by turns all that the target has. */
  variant: z
    .strictObject({ transport: z.enum(['udp', 'tcp', 'tls']), family: z.enum(['ipv4', 'ipv6']) })
    .partial()
    .optional(),
})

/** Body of `POST /v1/runs`. With `count` a wave, held until all its runs are over. */
const requestSchema = kindSchema.partial().extend({
  mix: z
    .array(kindSchema.extend({ weight: z.number().positive().max(1e9).default(1) }))
    .min(1)
    .max(300)
    .optional(),
  count: z.int().min(1).max(MOST_RUNS_OF_A_WAVE).optional(),
  /** Milliseconds that the beginnings are spread over. */
  overMs: z.int().min(0).max(LONGEST_WAVE_MS).optional(),
  arrivals: z.enum(['even', 'poisson']).default('even'),
  /** No calls are made beside them: where there are few accounts, those of the calls may be used, too. */
  alone: z.boolean().default(false),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional(),
})

/** A run, and when it begins, ms after the order. */
export interface TimedRun {
  readonly atMs: number
  readonly scenario: PushableScenario
  readonly variant: Variant
}

/** What was ordered: one run, or several that are answered together. */
export interface OrderedRuns {
  readonly isWave: boolean
  readonly runs: readonly TimedRun[]
}

/** Chooses by turns what orders leave open, from one order to the next: variants, and scenarios by their weights. */
export class Turns {
  readonly #next = new Map<string, number>()
  readonly #credits = new Map<string, number>()

  of<T>(key: string, among: readonly [T, ...T[]]): T {
    const turn = this.#next.get(key) ?? 0
    this.#next.set(key, turn + 1)
    return among[turn % among.length] ?? among[0]
  }

  /** Each kind as often as its weight asks for, and none twice before its time. */
  among<T extends { readonly weight: number; readonly scenario: PushableScenario }>(
    kinds: readonly T[],
  ): T | undefined {
    const keyOf = (kind: T) => `${kinds.length} ${kind.scenario.id}`
    let best: T | undefined
    for (const kind of kinds) {
      this.#credits.set(keyOf(kind), this.#creditOf(keyOf(kind)) + kind.weight)
      if (best === undefined || this.#creditOf(keyOf(kind)) > this.#creditOf(keyOf(best)) + 1e-9) best = kind
    }
    if (best !== undefined)
      this.#credits.set(keyOf(best), this.#creditOf(keyOf(best)) - kinds.reduce((sum, { weight }) => sum + weight, 0))
    return best
  }

  #creditOf(key: string): number {
    return this.#credits.get(key) ?? 0
  }
}

/** Whether an order says that no calls are made beside it. */
export const isAlone = (body: unknown): boolean => requestSchema.safeParse(body).data?.alone ?? false

/** Reads an order and decides its runs. @throws BadOrderError */
export function runsOf(body: unknown, scenarios: readonly PushableScenario[], turns: Turns): OrderedRuns {
  const { scenario, variant, mix, count, overMs, arrivals, seed } = parsed(requestSchema, body)
  if ((scenario === undefined) === (mix === undefined)) {
    const field = scenario === undefined ? 'scenario' : 'mix'
    throw new BadOrderError(field, "expected either 'scenario' or 'mix'")
  }
  if (count === undefined && (mix !== undefined || overMs !== undefined))
    throw new BadOrderError('count', "expected 'count' with 'mix' and 'overMs': how many runs")
  const kinds =
    mix === undefined
      ? kindsOf({ scenario: scenario ?? '', variant }, '', scenarios)
      : mix.flatMap(({ weight, ...kind }, index) => kindsOf(kind, `mix.${index}.`, scenarios, weight))
  const random = seed === undefined ? new SystemRandom() : new SeededRandom(seed)
  const times = momentsOf(arrivals, count ?? 1, overMs ?? (count === undefined ? 0 : 1000), random)
  const chosen = seed === undefined ? times.map(() => turns.among(kinds)) : byChance(kinds, times.length, random)
  return {
    isWave: count !== undefined,
    runs: times.flatMap((atMs, index) => {
      const kind = chosen[index]
      if (kind === undefined) return []
      return [{ atMs, scenario: kind.scenario, variant: turns.of(kind.scenario.id, kind.variants) }]
    }),
  }
}

interface Kind {
  readonly weight: number
  readonly scenario: PushableScenario
  readonly variants: readonly [Variant, ...Variant[]]
}

/**
 * A `*` stands for anything: all of these that are fit and that the target has share the weight.
 * @param at path of the order within the body, with a dot @throws BadOrderError
 */
function kindsOf(
  { scenario: pattern, variant = {} }: z.output<typeof kindSchema>,
  at: string,
  scenarios: readonly PushableScenario[],
  weight = 1,
): Kind[] {
  if (!pattern.includes('*')) return [{ weight, ...kindOf({ scenario: pattern, variant }, at, scenarios) }]
  const fit = scenarios.filter(({ id, unfit }) => unfit === undefined && matches(pattern, { id, purposes: [] }))
  const able = fit.flatMap((scenario) => {
    const [first, ...more] = variantsFor(scenario, variant).flatMap((one) => (one.why === undefined ? one.variant : []))
    return first === undefined ? [] : { scenario, variants: [first, ...more] satisfies Kind['variants'] }
  })
  if (able.length === 0) {
    const why =
      fit.length === 0 ? 'of the scenarios that are fit for load none is called so' : 'the target has none of these'
    throw new BadOrderError(`${at}scenario`, `'${pattern}': ${why}`)
  }
  return able.map((kind) => ({ weight: weight / able.length, scenario: kind.scenario, variants: kind.variants }))
}

const variantsFor = (
  { variants }: PushableScenario,
  { transport, family }: NonNullable<z.output<typeof kindSchema>['variant']>,
): PushableScenario['variants'] =>
  variants.filter(
    ({ variant }) =>
      (transport ?? variant.transport) === variant.transport && (family ?? variant.family) === variant.family,
  )

/** @throws BadOrderError */
function kindOf(
  { scenario: id, variant = {} }: z.output<typeof kindSchema>,
  at: string,
  scenarios: readonly PushableScenario[],
): Omit<Kind, 'weight'> {
  const scenario = scenarios.find((one) => one.id === id)
  const fit = scenarios.filter(({ unfit }) => unfit === undefined).map((one) => one.id)
  if (scenario === undefined) {
    const near = nearestWord(id, fit)
    throw new BadOrderError(
      `${at}scenario`,
      `there is no scenario '${id}'${near === undefined ? `; fit for load are: ${fit.join(', ')}` : `; did you mean '${near}'?`}`,
    )
  }
  if (scenario.unfit !== undefined) {
    throw new BadOrderError(
      `${at}scenario`,
      `'${id}' cannot be run as load: it ${scenario.unfit}. Fit for load are: ${fit.join(', ')}`,
    )
  }
  const asked = variantsFor(scenario, variant)
  if (asked.length === 0) {
    const has = scenario.variants.map((one) => `${one.variant.transport}/${one.variant.family}`)
    throw new BadOrderError(`${at}variant`, `'${id}' has no such variant; it has ${has.join(', ')}`)
  }
  const [first, ...more] = asked.filter(({ why }) => why === undefined).map((one) => one.variant)
  if (first === undefined)
    throw new BadOrderError(`${at}scenario`, `'${id}' cannot be run on this target: ${asked[0]?.why ?? ''}`)
  return { scenario, variants: [first, ...more] }
}

/** Each kind as often as its weight asks for, in random order. */
function byChance<T extends { readonly weight: number }>(kinds: readonly T[], count: number, random: Random): T[] {
  const all = kinds.reduce((sum, { weight }) => sum + weight, 0)
  const offset = random.float()
  const chosen = Array.from({ length: count }, (_, index) => {
    let left = ((index + offset) / count) * all
    return kinds.find(({ weight }) => (left -= weight) < 0) ?? kinds.at(-1)
  }).filter((kind) => kind !== undefined)
  return chosen
    .map((kind) => ({ kind, at: random.float() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ kind }) => kind)
}
