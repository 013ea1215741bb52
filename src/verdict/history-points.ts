/** What of a result a history keeps. */
import { BASELINE_VERSION, type Baseline } from '../result/baseline.js'
import type { HistoryFigure, HistoryPoint, HistoryRun } from '../result/history.js'
import type { LoadResult } from '../result/load-result.js'
import type { RunResult } from '../result/result.js'
import type { RouterSummary } from '../result/router-result.js'
import type { Verdict } from '../result/terms.js'
import { median, setUpLabel, setUpTimes } from './comparison/figures.js'
import { snapshotOf } from './comparison/snapshot.js'
import { exitCodes } from './exit-code.js'

/** Where a result was found. */
export interface FoundAt extends Pick<HistoryRun, 'folder' | 'report'> {
  /** When its file was written, ISO 8601: stands for the date that a simulated run has not. */
  readonly writtenAt: string
}

type Extra = Omit<HistoryFigure, 'values'> & { readonly value: number | undefined }

export function pointOfRun(result: RunResult, found: FoundAt): HistoryPoint {
  const { target, scenarios, notRun, clock, startedAt, endedAt, verdict, sentence = '', ringproof, command } = result
  const { writtenAt, ...at } = found
  const isSimulated = clock === 'virtual'
  const tests: Partial<Record<Verdict, number>> = {}
  for (const one of scenarios) tests[one.verdict] = (tests[one.verdict] ?? 0) + 1
  return pointOf(
    target.name,
    {
      ...at,
      command,
      startedAt: isSimulated ? writtenAt : startedAt,
      ...(isSimulated ? { simulated: true } : {}),
      durationMs: lasting(startedAt, endedAt),
      verdict,
      ...(result.exitCode === exitCodes.unreachable ? { unreachable: true } : {}),
      sentence,
      ringproof,
      ...(target.faults?.length ? { faults: target.faults } : {}),
      tests,
      notRun: notRun.reduce((sum, { count = 1 }) => sum + count, 0),
    },
    snapshotOf(result),
    [...fewSetUps(result), ...(result.load === undefined ? [] : extrasOfLoad(result.load))],
  )
}

/** Of runs with so few calls that no comparison is made of them: over many runs they tell all the same. */
const fewSetUps = ({ scenarios }: RunResult): Extra[] =>
  [...new Set(scenarios.map(({ variant }) => variant.transport))].map((transport) => ({
    id: `setup/${transport}`,
    label: setUpLabel(transport),
    unit: 'ms',
    value: median(setUpTimes(scenarios, transport), 1),
  }))

function extrasOfLoad({ calls, breakpoint, profile, valid }: LoadResult): Extra[] {
  if (!valid) return []
  return [
    { id: `load/${profile}/calls`, label: `calls of the load ${profile}`, unit: 'count', value: calls.started },
    ...(breakpoint?.searches ?? []).map(
      ({ what, carried }): Extra => ({
        id: `load/${profile}/carried/${what}`,
        label: `${what}: the most that was carried`,
        unit: 'count',
        value: carried,
      }),
    ),
  ]
}

/** Findings of a router test stand beside each other: what holds is not told by tests. */
export function pointOfRouter(result: RouterSummary, { folder, report }: FoundAt): HistoryPoint {
  const { reflector, startedAt, endedAt, verdict, ringproof, findings, lifetimes } = result
  const snapshot: Baseline = {
    baselineVersion: BASELINE_VERSION,
    ringproof,
    command: 'router',
    clock: 'wall',
    target: { name: reflector.named },
    runs: [{ startedAt, seed: 0, verdict, software: [], seenFrom: [] }],
    findings: findings.flatMap(({ id, severity, title }) =>
      severity === 'info' ? [] : [{ id, kind: 'rule', severity, gravity: 'harm', title, seen: ['router'] }],
    ),
    tests: { router: { rules: '', on: { load: verdict === 'inconclusive' ? 'inconclusive' : 'pass' } } },
    notRun: {},
    figures: {},
  }
  const run: HistoryRun = {
    folder,
    ...(report === undefined ? {} : { report }),
    command: 'router',
    startedAt,
    durationMs: lasting(startedAt, endedAt),
    verdict,
    sentence: findings.find(({ severity }) => severity !== 'info')?.title ?? '',
    ringproof,
    tests: {},
    notRun: 0,
  }
  const extras = lifetimes.map(
    ({ flow, heldMs }): Extra => ({
      id: `router/${flow}`,
      label: `a silent flow is remembered (${flow})`,
      unit: 's',
      value: heldMs === undefined ? undefined : heldMs / 1000,
    }),
  )
  return pointOf(`Router, seen from ${reflector.named}`, run, snapshot, extras)
}

function pointOf(target: string, run: HistoryRun, snapshot: Baseline, extras: readonly Extra[]): HistoryPoint {
  return {
    target,
    run,
    snapshot,
    more: extras.map(({ id, label, unit }) => ({ id, label, unit })),
    values: Object.fromEntries(extras.flatMap(({ id, value }) => (value === undefined ? [] : [[id, value]]))),
  }
}

const lasting = (startedAt: string, endedAt: string): number =>
  Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) || 0
