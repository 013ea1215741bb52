/** k6's summary: its thresholds, and its own counts held against the agents' records, which are the truth. */
import type { MetricRecord } from '../result/metrics.js'
import type { LoadPart, LoadResult } from '../result/load-result.js'

/** What is used of k6's end-of-test summary. */
export interface K6Summary {
  readonly metrics: Readonly<Record<string, K6Metric>>
  /** Put there by `handleSummary` of ringproof/k6. */
  readonly ordered?: {
    /** Calls at a time, calls a second, seconds of each call and of it all. */
    readonly plan?: {
      readonly calls?: number
      readonly rate?: number
      readonly hold?: number
      readonly duration?: number
      readonly to?: string
    }
    readonly flows?: readonly OrderedFlow[]
    /** Thresholds that only all parts of the load together can be held to, by metric. */
    readonly whole?: Readonly<Record<string, readonly string[]>>
    /** What the part is that this k6 carried out; absent where it is the whole load. */
    readonly part?: LoadPart
    readonly seed?: number
    /** Name, where the script was run by somebody else's k6. */
    readonly profile?: string
    /** Scenarios that were ordered, ids or patterns. */
    readonly scenarios?: readonly string[]
  }
}

/** A flow of calls, as a script ordered it. */
export interface OrderedFlow {
  readonly expected: number
  readonly seconds: number
  /** The most calls a second. */
  readonly peak: number
  readonly calls: readonly { readonly weight: number; readonly call: OrderedCalls }[]
}

/** What is shown of a kind of calls. */
export interface OrderedCalls {
  readonly to?: string
  readonly name?: string
  readonly outcome?: string
  readonly holdMs?: number | { readonly medianMs: number; readonly sigma: number }
  readonly media?: { readonly codec?: string; readonly ptimeMs?: number; readonly srtp?: boolean | string | number }
  readonly transport?: string | readonly string[]
  readonly family?: string | readonly string[]
}

interface K6Metric {
  /** `counter`, `gauge`, `rate` or `trend`. */
  readonly type?: string
  readonly values?: Readonly<Record<string, number>>
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>
}

export function isK6Summary(value: unknown): value is K6Summary {
  return (
    typeof value === 'object' &&
    value !== null &&
    'metrics' in value &&
    typeof value.metrics === 'object' &&
    value.metrics !== null
  )
}

export const countOf = (summary: K6Summary, metric: string): number => summary.metrics[metric]?.values?.['count'] ?? 0

/** Thresholds, with what each was held against. Those of the whole load are left open in a part of it. */
export function thresholdsOf(summary: K6Summary): NonNullable<LoadResult['thresholds']> {
  const whole = Object.entries(summary.ordered?.whole ?? {}).flatMap(([metric, conditions]) =>
    conditions.map((condition) => ({ metric, condition, ok: true, whole: true })),
  )
  return [...thresholdsOfK6(summary), ...whole]
}

/** Counters and rates that only k6 has, in a form that can be added up: those with thresholds, by the names that these have. */
export function metricsOfK6({ metrics }: K6Summary, own: ReadonlySet<string>): MetricRecord[] {
  return Object.entries(metrics).flatMap(([metric, { type, thresholds, values = {} }]): MetricRecord[] => {
    if (thresholds === undefined || own.has(metric.replace(/\{.*$/, ''))) return []
    const { count, passes, fails } = values
    if (type === 'counter' && count !== undefined) return [{ kind: 'counter', metric, tags: {}, count }]
    if (type !== 'rate' || passes === undefined || fails === undefined) return []
    return [{ kind: 'rate', metric, tags: {}, passes, count: passes + fails }]
  })
}

function thresholdsOfK6(summary: K6Summary): NonNullable<LoadResult['thresholds']> {
  return Object.entries(summary.metrics).flatMap(([metric, { thresholds = {}, values = {} }]) =>
    Object.entries(thresholds).map(([condition, { ok }]) => {
      if (isEmpty(values)) return { metric, condition, ok, empty: true }
      const measured = values[aggregationOf(condition)]
      return { metric, condition, ok, ...(measured === undefined ? {} : { measured }) }
    }),
  )
}

/** Whether k6 counted nothing: a rate over nothing, and a trend of no values, it shows as 0. That a counter stayed at 0 is a count. */
function isEmpty({ count, passes, fails, min }: Readonly<Record<string, number>>): boolean {
  const isTrend = min !== undefined
  return (isTrend && count === 0) || (passes === 0 && fails === 0)
}

/** What a threshold is about, as k6 names it: `p(95)` of `p(95)<250`. Percentiles are among the values only where a profile asks for them. */
function aggregationOf(condition: string): string {
  return /^\s*([a-z]+(?:\([\d.]+\))?)/.exec(condition)?.[1] ?? ''
}

/** The agents' counts of calls whose client saw them through: k6 drops what interrupted iterations had counted. */
export interface AgentCounts {
  readonly started: number
  readonly completed: number
  readonly packetsSent: number
  readonly packetsReceived: number
  readonly packetsLost: number
}

/** @param runs of scenarios, whose client saw them through */
export function reconcile(
  summary: K6Summary,
  agents: AgentCounts,
  runs = 0,
): NonNullable<LoadResult['reconciliation']> {
  const pairs: [string, string, number][] = [
    ['calls started', 'sip_calls_started', agents.started],
    ['calls completed', 'sip_calls_completed', agents.completed],
    ['packets sent', 'rtp_packets_sent', agents.packetsSent],
    ['packets received', 'rtp_packets_received', agents.packetsReceived],
    ['packets lost', 'rtp_packets_lost', agents.packetsLost],
    ...(runs === 0 && countOf(summary, 'scenario_runs') === 0
      ? []
      : [['runs of scenarios', 'scenario_runs', runs] satisfies [string, string, number]]),
  ]
  return pairs.map(([what, metric, counted]) => {
    const k6 = countOf(summary, metric)
    return { what, k6, agents: counted, ok: k6 === counted }
  })
}
