/** Pages of many runs, for the tests that look at them: two targets, one of them hostile; a monitor with something open. */
import { historyPage } from '../../../src/report/history-page.js'
import { monitorPage } from '../../../src/report/monitor-page.js'
import type { HistoryPoint } from '../../../src/result/history.js'
import { freshState } from '../../../src/result/monitor.js'
import { historyOf } from '../../../src/verdict/history.js'
import { pointOfRun } from '../../../src/verdict/history-points.js'
import { judgeRound } from '../../../src/verdict/monitor.js'
import { HOSTILE, runOf } from './compared-run.js'

const STATES = { fresh: 'pass', mended: 'fail', flaky: 'pass', ms: 40 } as const

const pointOn = (day: number, change: Partial<Parameters<typeof runOf>[1]> = {}, name?: string): HistoryPoint => {
  const run = runOf(day, { ...STATES, ...change })
  const target = name === undefined ? run.target : { ...run.target, name }
  return pointOfRun(
    { ...run, target },
    { folder: `rounds/r${day}`, report: `rounds/r${day}/index.html`, writtenAt: '' },
  )
}

const POINTS = [
  pointOn(1),
  pointOn(2, { fresh: 'fail', ms: 55 }),
  pointOn(3, { fresh: 'fail', mended: 'pass', ms: 70 }),
]

export const trendsOfTwo = (): Promise<string> =>
  historyPage(historyOf('0.1.0', [...POINTS, pointOn(4, {}, HOSTILE), pointOn(5, {}, HOSTILE)]), '.')

export function monitorWithTrouble(): Promise<string> {
  const judging = { letter: true, idOf: () => 'x' }
  const round = (day: number, fresh: 'pass' | 'fail') => ({
    startedAt: `2026-03-0${day}T00:00:00.000Z`,
    endedAt: `2026-03-0${day}T00:01:00.000Z`,
    folder: `rounds/r${day}`,
    result: runOf(day, { ...STATES, fresh }),
  })
  let state = freshState('embedded')
  for (const [day, fresh] of [
    [1, 'pass'],
    [2, 'fail'],
    [3, 'fail'],
  ] as const)
    state = judgeRound(state, round(day, fresh), judging).state
  return monitorPage({
    state,
    target: historyOf('0.1.0', POINTS).targets[0],
    ringproof: '0.1.0',
    everyMs: 300_000,
    nowMs: Date.parse('2026-03-03T00:02:00.000Z'),
    nextAtMs: Date.parse('2026-03-03T00:06:00.000Z'),
    hasReport: () => true,
  })
}
