// The thresholds of a load: sane defaults, changed by the target file (load.thresholds) and by the script.

import type { Options } from 'k6/options'

/** By metric, with tags or without: `{ voip_mos: ['p(5)>4.2'], 'rtp_jitter{relay:relay-1}': ['p(95)<20'], dropped_iterations: [] }`. */
export type Thresholds = Record<string, Condition[]>

/** As k6 has them; an object may end the test (`abortOnFail`). */
type Condition = string | { threshold: string; abortOnFail?: boolean; delayAbortEval?: string }

const USUAL: Thresholds = {
  sip_call_success: ['rate>0.99'],
  rtp_two_way_audio: ['rate>0.99'],
  rtp_loss_ratio: ['p(95)<0.01'],
  rtp_jitter: ['p(95)<30'],
  voip_mos: ['p(5)>4.0'],
  sip_session_request_delay: ['p(95)<2000'],
  dropped_iterations: ['count==0'],
}

/** Of scenarios that run as load: a fail crosses; what was not decided is no pass. */
const OF_SCENARIOS: Thresholds = {
  scenario_pass: ['rate==1'],
  scenario_decided: ['rate>0.95'],
  dropped_iterations: ['count==0'],
}

/** What a load consists of. */
export type Kind = 'calls' | 'scenarios' | 'both'

/**
 * The thresholds of a load. For each metric the script's own come first, then those of the target file, then the usual
 * ones; an empty list switches a metric's off.
 * @param own of the script @param expected calls that the load comes to, of which 99 % have to be completed: rates over nothing pass
 * @param kind default: calls
 */
export function thresholds(own: Thresholds = {}, expected?: number, kind: Kind = 'calls'): Thresholds {
  const usual = { ...(kind === 'scenarios' ? {} : USUAL), ...(kind === 'calls' ? {} : OF_SCENARIOS) }
  const count: Thresholds =
    expected === undefined ? {} : { sip_calls_completed: [`count>=${Math.floor(expected * 0.99)}`] }
  const all = { ...heard({ ...usual, ...count, ...ofTarget() }), ...own }
  return Object.fromEntries(Object.entries(all).filter(([, conditions]) => conditions.length > 0))
}

/** Where calls are signalling alone (RINGPROOF_AUDIO=none), those of audio would fail for want of it. */
function heard(all: Thresholds): Thresholds {
  if (__ENV.RINGPROOF_AUDIO !== 'none') return all
  return Object.fromEntries(Object.entries(all).filter(([metric]) => !/^(?:rtp|voip)_/.test(metric)))
}

const STATISTICS = ['count', 'min', 'med', 'avg', 'p(5)', 'p(90)', 'p(95)', 'p(99)', 'max']

/** The statistics that a summary has to have so that the report can show what every threshold was held against. */
export function trendStatsFor(limits: Thresholds): string[] {
  const used = Object.values(limits).flatMap((conditions) =>
    conditions.flatMap((condition) => {
      const text = typeof condition === 'string' ? condition : condition.threshold
      return /^\s*(p\([\d.]+\))/.exec(text)?.[1] ?? []
    }),
  )
  return [...new Set([...STATISTICS, ...used])]
}

/** Options of a script of the user's own, with the statistics that the report shows. */
export function withStatistics(options: Options = {}): Options {
  const { thresholds = {}, summaryTrendStats = [] } = options
  return { ...options, summaryTrendStats: [...new Set([...summaryTrendStats, ...trendStatsFor(thresholds)])] }
}

function ofTarget(): Thresholds {
  const text = __ENV.RINGPROOF_THRESHOLDS
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- ringproof has checked it with the target file
  return text ? (JSON.parse(text) as Thresholds) : {}
}
