/** The most that a target carried within the thresholds, from the steps that a script took to find it. */
import { z } from 'zod'
import type { LoadResult } from '../result/load-result.js'
import { parsed } from './call-order.js'

const MOST_TEXT = 500
const text = z.string().max(MOST_TEXT)

/** Body of `POST /v1/steps`: one step of a search, told when it is over. */
const stepSchema = z.strictObject({
  what: z.enum(['calls at a time', 'calls a second']),
  level: z.number().positive(),
  /** After something gave way: whether little is carried again. */
  recovery: z.literal(true).optional(),
  ok: z.boolean(),
  crossed: z
    .array(z.strictObject({ metric: text, condition: text, measured: z.number(), relay: text.optional() }))
    .max(1000),
  /** Calls by relay. */
  relays: z.record(text, z.int().min(0)),
  /** What was wrong with the generator meanwhile. */
  generator: z.array(text).max(100),
  /** Seconds from the end of the step that gave way. */
  afterS: z.number().min(0).optional(),
})
export type SearchStep = z.output<typeof stepSchema>

/** @throws BadOrderError */
export const stepOf = (body: unknown): SearchStep => parsed(stepSchema, body)

type Breakpoint = NonNullable<LoadResult['breakpoint']>
type Search = Breakpoint['searches'][number]

/** Undefined where nothing was searched. @param steps in the order that they were taken; `atMs` since the start of the load */
export function breakpointOf(steps: readonly (SearchStep & { readonly atMs: number })[]): Breakpoint | undefined {
  if (steps.length === 0) return undefined
  const kinds = [...new Set(steps.map(({ what }) => what))]
  return {
    searches: kinds.map((what) =>
      searchOf(
        what,
        steps.filter((step) => step.what === what),
      ),
    ),
    steps: steps.map(({ relays: _relays, ...step }) => step),
  }
}

function searchOf(what: SearchStep['what'], steps: readonly SearchStep[]): Search {
  const recoveries = steps.filter(({ recovery }) => recovery === true)
  const sound = steps.filter(({ recovery, generator }) => recovery !== true && generator.length === 0)
  const broken = sound.filter(({ ok }) => !ok).toSorted((a, b) => a.level - b.level)
  const [first] = broken
  const carried = Math.max(
    0,
    ...sound.flatMap(({ ok, level }) => (ok && level < (first?.level ?? Infinity) ? [level] : [])),
  )
  const [gaveWay] = (first?.crossed ?? []).toSorted(
    // A relay by itself says more than all of them together.
    (a, b) => Number(b.relay !== undefined) - Number(a.relay !== undefined),
  )
  const spoiled = steps.find(({ generator, level }) => generator.length > 0 && level > carried)
  const lost = recoveries.some(({ ok }) => !ok)
  return {
    what,
    carried,
    ...(first === undefined ? {} : { brokeAt: first.level }),
    ...(gaveWay === undefined ? {} : { gaveWay }),
    ...(first === undefined && spoiled !== undefined
      ? { generator: { failedAt: spoiled.level, problems: [...spoiled.generator] } }
      : {}),
    relays: what === 'calls at a time' ? relaysOf(sound) : [],
    ...(recoveries.length === 0
      ? {}
      : { recovered: !lost, recoveredAfterS: Math.max(...recoveries.map(({ afterS = 0 }) => afterS)) }),
  }
}

/** What each relay carried by itself, and where it gave way. */
function relaysOf(steps: readonly SearchStep[]): Search['relays'] {
  const names = [...new Set(steps.flatMap(({ relays }) => Object.keys(relays)))]
  return names
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => {
      const own = steps.map(({ relays, crossed }) => ({
        calls: relays[name] ?? 0,
        broke: crossed.find(({ relay }) => relay === name),
      }))
      const [broke] = own.filter((one) => one.broke !== undefined).toSorted((a, b) => a.calls - b.calls)
      const limit = broke?.calls ?? Infinity
      const carried = Math.max(
        0,
        ...own.flatMap((one) => (one.broke === undefined && one.calls < limit ? [one.calls] : [])),
      )
      return { name, carried, ...(broke?.broke === undefined ? {} : { brokeAt: broke.calls, gaveWay: broke.broke }) }
    })
}
