/** Thresholds held against what all parts of a load measured together, as k6 holds them against what one of them did. */
import { Histogram } from '../result/histogram.js'
import type { MetricRecord } from '../result/metrics.js'
import type { LoadResult } from '../result/load-result.js'

type Threshold = NonNullable<LoadResult['thresholds']>[number]

/** What the parts said of the same threshold. */
interface OfParts {
  readonly thresholds: readonly (readonly Threshold[])[]
  /** Of all parts. */
  readonly metrics: readonly MetricRecord[]
  /** From the beginning of the first part to the end of the last: what a counter's `rate` is over. */
  readonly seconds: number
}

export interface Judged {
  readonly thresholds: Threshold[]
  /** Those that could not be judged, in words. */
  readonly open: string[]
}

/**
 * Judges every threshold of the parts over all of them. What only k6 measured, and hands out as figures that cannot be added up, is
 * decided where all parts agree: their common figure lies between the parts' own.
 */
export function judgeThresholds({ thresholds, metrics, seconds }: OfParts): Judged {
  const names = new Map<string, Threshold[]>()
  for (const one of thresholds.flat()) {
    const key = `${one.metric} ${one.condition}`
    names.set(key, [...(names.get(key) ?? []), one])
  }
  const judged: Threshold[] = []
  const open: string[] = []
  for (const told of names.values()) {
    const [first] = told
    if (first === undefined) continue
    const { metric, condition } = first
    const parsed = conditionOf(condition)
    const own = metricsNamed(metric, metrics)
    if (parsed !== undefined && own.length > 0) {
      const measured = valueOf(parsed.of, own, seconds)
      // As k6 has it: a threshold over nothing holds.
      const ok = measured === undefined || parsed.holds(measured)
      judged.push({ metric, condition, ok, ...(measured === undefined ? {} : { measured: rounded(measured) }) })
      continue
    }
    const agreed = agreement(told, parsed)
    if (agreed !== undefined) {
      judged.push({ metric, condition, ...agreed })
    } else {
      open.push(
        `the threshold ${metric} ${condition} held in some parts and not in others, and k6 measured it in a way that cannot be added up`,
      )
    }
  }
  return { thresholds: judged, open }
}

/** What all parts agree on; undefined where they do not. */
function agreement(
  told: readonly Threshold[],
  parsed: ReturnType<typeof conditionOf>,
): Pick<Threshold, 'ok' | 'measured'> | undefined {
  const judged = told.filter(({ whole }) => whole !== true)
  const measured = judged.flatMap((one) => one.measured ?? [])
  const isSum = parsed?.of === 'count'
  if (isSum && measured.length === judged.length && judged.length > 0) {
    const sum = measured.reduce((all, one) => all + one, 0)
    return { ok: parsed.holds(sum), measured: sum }
  }
  if (judged.every(({ ok }) => ok)) return { ok: true }
  return judged.every(({ ok }) => !ok) ? { ok: false } : undefined
}

/** `rtp_jitter{relay:relay-1}` is what has been measured of rtp_jitter with that tag. */
function metricsNamed(name: string, metrics: readonly MetricRecord[]): MetricRecord[] {
  const exact = metrics.filter(({ metric }) => metric === name)
  const [, base, given] = /^([^{]+)\{(.*)\}$/.exec(name) ?? []
  if (base === undefined || given === undefined || exact.length > 0) return exact
  const tags = given.split(',').map((tag) => {
    const [key = '', ...value] = tag.split(':')
    return [
      key.trim(),
      value
        .join(':')
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    ] as const
  })
  return metrics.filter((one) => one.metric === base && tags.every(([key, value]) => one.tags[key] === value))
}

/** @param of `p(95)`, `avg`, `rate` …; undefined where nothing was measured */
function valueOf(of: string, metrics: readonly MetricRecord[], seconds: number): number | undefined {
  const trends = metrics.filter((one) => one.kind === 'trend')
  if (trends.length > 0) return valueOfTrend(of, Histogram.of(trends))
  const rates = metrics.filter((one) => one.kind === 'rate')
  const count = metrics.reduce((sum, one) => sum + one.count, 0)
  if (rates.length > 0) return count === 0 ? undefined : rates.reduce((sum, one) => sum + one.passes, 0) / count
  return of === 'rate' ? count / Math.max(1, seconds) : count
}

function valueOfTrend(of: string, histogram: Histogram): number | undefined {
  const { count, sum, min, max } = histogram
  if (of === 'count') return count
  if (count === 0) return undefined
  const [, wanted] = /^p\((.*)\)$/.exec(of) ?? []
  if (wanted !== undefined) return histogram.percentile(Number(wanted))
  if (of === 'med') return histogram.percentile(50)
  return { avg: sum / count, min, max }[of]
}

const HOLDS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
  '==': (value, limit) => value === limit,
  '===': (value, limit) => value === limit,
  '!=': (value, limit) => value !== limit,
}

/** Undefined where it is none that k6 knows. */
function conditionOf(text: string): { readonly of: string; readonly holds: (value: number) => boolean } | undefined {
  const [, of, sign = '', limit] =
    /^\s*(avg|min|max|med|count|rate|value|p\(\s*[\d.]+\s*\))\s*(<=?|>=?|={2,3}|!=)\s*([-+\d.eE]+)\s*$/.exec(text) ?? []
  const holds = HOLDS[sign]
  if (of === undefined || holds === undefined) return undefined
  return { of: of.replace(/\s/g, ''), holds: (value) => holds(value, Number(limit)) }
}

const rounded = (value: number): number => Number(value.toPrecision(6))
