/** What a monitor measures, once, for whoever wants it: Prometheus asks for it, OpenTelemetry is sent it. docs/metrics.md has the names. */
import type { HistoryPoint } from '../result/history.js'
import type { MonitorState } from '../result/monitor.js'
import type { Verdict } from '../result/terms.js'
import { version } from '../worlds/package-folder.js'

export interface Measure {
  /** Without `ringproof_monitor_`, and without the `_total` of a counter. */
  readonly name: string
  readonly help: string
  readonly kind: 'gauge' | 'counter'
  /** As OpenTelemetry names it (UCUM). */
  readonly unit: '' | 's' | '1'
  readonly labels: readonly string[]
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

export interface Measured {
  readonly state: MonitorState
  /** The last round that said something of the target; one that did not reach it is one. */
  readonly decided: HistoryPoint | undefined
  readonly everyMs: number
}

const seconds = (iso: string): number => Date.parse(iso) / 1000

export function measuresOf({ state, decided, everyMs }: Measured): Measure[] {
  const { counters, problems, last, blind, pending } = state
  const one = (value: number | undefined) => (value === undefined ? [] : [{ labels: {}, value }])
  const gauge = (name: string, help: string, value: number | undefined, unit: Measure['unit'] = ''): Measure => ({
    name,
    help,
    kind: 'gauge',
    unit,
    labels: [],
    samples: one(value),
  })
  const open = problems.filter((problem) => problem.state === 'open')
  return [
    {
      name: 'info',
      help: '1: which target is watched, and by which version of ringproof.',
      kind: 'gauge',
      unit: '',
      labels: ['target', 'version'],
      samples: [{ labels: { target: state.target, version: version() }, value: 1 }],
    },
    gauge('interval_seconds', 'Interval between rounds.', everyMs / 1000, 's'),
    gauge(
      'blind',
      '1 while rounds say nothing of the target, for a reason of this machine.',
      blind === undefined ? 0 : 1,
    ),
    gauge('last_round_timestamp_seconds', 'When the last round ended.', last && seconds(last.endedAt), 's'),
    gauge(
      'last_round_duration_seconds',
      'How long the last round took.',
      last && Math.max(0, seconds(last.endedAt) - seconds(last.startedAt)),
      's',
    ),
    gauge(
      'last_decided_timestamp_seconds',
      'When the last round began that said something of the target.',
      decided && seconds(decided.run.startedAt),
      's',
    ),
    {
      name: 'rounds',
      help: 'Rounds that said something of the target (decided), that could not (blind), that were broken off (interrupted).',
      kind: 'counter',
      unit: '1',
      labels: ['outcome'],
      samples: (['decided', 'blind', 'interrupted'] as const).map((outcome) => ({
        labels: { outcome },
        value: counters[outcome],
      })),
    },
    counter('second_looks', 'Rounds that were made at once to confirm the one before.', counters.looks),
    counter('round_overruns', 'Rounds that took longer than the interval.', counters.overruns),
    {
      name: 'alerts',
      help: 'Alerts that were delivered (sent), and that were given up (failed).',
      kind: 'counter',
      unit: '1',
      labels: ['outcome'],
      samples: [
        { labels: { outcome: 'sent' }, value: counters.alertsSent },
        { labels: { outcome: 'failed' }, value: counters.alertsFailed },
      ],
    },
    gauge('alerts_pending', 'Alerts that wait for delivery.', pending.length),
    {
      name: 'problems_open',
      help: 'Problems that have been confirmed and are not well again, by gravity.',
      kind: 'gauge',
      unit: '1',
      labels: ['gravity'],
      samples: (['outage', 'exposure', 'harm', 'letter'] as const).map((gravity) => ({
        labels: { gravity },
        value: open.filter((problem) => problem.gravity === gravity).length,
      })),
    },
    {
      name: 'problem_since_timestamp_seconds',
      help: 'Since when a problem is open, by the code of its cause.',
      kind: 'gauge',
      unit: 's',
      labels: ['cause', 'gravity'],
      samples: open.map(({ cause, gravity, firstAt }) => ({ labels: { cause, gravity }, value: seconds(firstAt) })),
    },
    ...(decided === undefined ? [] : measuresOfRound(decided)),
  ]
}

const counter = (name: string, help: string, value: number): Measure => ({
  name,
  help,
  kind: 'counter',
  unit: '1',
  labels: [],
  samples: [{ labels: {}, value }],
})

function measuresOfRound({ snapshot, values }: HistoryPoint): Measure[] {
  const figures = Object.entries(snapshot.figures).flatMap(([id, { runs }]): [string, number][] => {
    const [first] = runs
    if (first === undefined || first === null) return []
    return [[id, typeof first === 'number' ? first : first[0] / Math.max(1, first[1])]]
  })
  const all = new Map([...Object.entries(values), ...figures])
  const of = (
    name: string,
    help: string,
    unit: Measure['unit'],
    prefix: string,
    labels: readonly string[],
    scale = 1,
  ): Measure => ({
    name,
    help,
    kind: 'gauge',
    unit,
    labels,
    samples: [...all].flatMap(([id, value]) => {
      const [head, ...rest] = id.split('/')
      if (head !== prefix) return []
      const named = Object.fromEntries(labels.map((label, index) => [label, rest[index] ?? '']))
      return [{ labels: named, value: value * scale }]
    }),
  })
  return [
    {
      name: 'test_ok',
      help: 'Of basic functions and scenarios in the last round that said something: 1 held (warnings included), 0 failed; absent where not decided.',
      kind: 'gauge',
      unit: '1',
      labels: ['test', 'transport', 'family'],
      samples: Object.entries(snapshot.tests).flatMap(([test, { on }]) =>
        Object.entries(on).flatMap(([variant, result]) => {
          const verdicts: Partial<Record<Verdict, number>> =
            typeof result === 'string' ? { [result]: 1 } : result.verdicts
          const value =
            verdicts.fail !== undefined ? 0 : verdicts.pass !== undefined || verdicts.warn !== undefined ? 1 : undefined
          const [transport = '', family = ''] = variant.split('/')
          return value === undefined ? [] : [{ labels: { test, transport, family }, value }]
        }),
      ),
    },
    of('round_trip_seconds', 'Request to answer, median.', 's', 'round-trip', ['transport', 'family'], 0.001),
    of('setup_seconds', 'INVITE to ringing or answer, median.', 's', 'setup', ['transport'], 0.001),
    of('packets_lost_ratio', 'Audio packets lost, of those expected.', '1', 'loss', ['relay']),
    of('jitter_seconds', 'Jitter of audio, median (RFC 3550 §6.4.1).', 's', 'jitter', ['relay'], 0.001),
  ]
}
