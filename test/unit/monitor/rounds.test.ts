/** What is kept of rounds, and for how long, over simulated days. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Keeping, Rounds } from '../../../src/monitor/rounds.js'
import { StateFolder } from '../../../src/monitor/state-folder.js'
import { freshState, type MonitorState } from '../../../src/result/monitor.js'
import type { RunResult } from '../../../src/result/result.js'
import { runOf } from '../report/compared-run.js'

const DAY = 24 * 3_600_000
const START = Date.parse('2026-12-01T00:00:00Z')
const WELL: RunResult = { ...runOf(1, { fresh: 'pass', mended: 'pass', flaky: 'pass', ms: 40 }), verdict: 'pass' }
const BAD: RunResult = { ...WELL, verdict: 'fail' }

let path = ''
let folder: StateFolder
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'ringproof-rounds-'))
  folder = new StateFolder(path)
})
afterEach(() => rmSync(path, { recursive: true }))

const roundsOf = (keep: Keeping, history: Keeping, told: string[] = []) =>
  new Rounds({ folder, keep, history }, (line) => told.push(line))

/** A round as its process leaves it. */
function made(dateMs: number, result: RunResult = WELL): { folder: string; result: RunResult } {
  const at = folder.nextRound(dateMs)
  const out = join(path, at)
  mkdirSync(join(out, 'evidence'), { recursive: true })
  const stamped = {
    ...result,
    startedAt: new Date(dateMs).toISOString(),
    endedAt: new Date(dateMs + 1000).toISOString(),
  }
  writeFileSync(join(out, 'result.json'), JSON.stringify(stamped))
  writeFileSync(join(out, 'index.html'), '')
  writeFileSync(join(out, 'evidence', 'a.pcapng'), '')
  return { folder: at, result: stamped }
}

const state = (change: Partial<MonitorState> = {}): MonitorState => ({ ...freshState('embedded'), ...change })
const has = (what: string) =>
  readdirSync(join(path, 'rounds')).filter((name) => existsSync(join(path, 'rounds', name, what))).length

/** A round every six hours, each pruned as a monitor does. */
function days(rounds: Rounds, many: number, result = WELL, from = START): void {
  for (let at = from; at < from + many * DAY; at += DAY / 4) {
    rounds.add(made(at, result), 'decided', new Date(at).toISOString())
    rounds.prune(state(), at)
  }
}

describe('over the days', () => {
  test('reports stay as long as asked for, the trend longer, and neither longer than that', () => {
    const rounds = roundsOf({ ms: 2 * DAY }, { ms: 5 * DAY })
    days(rounds, 12, BAD)
    // What is written in a folder later makes it no younger.
    expect([has('index.html'), has('round.json')]).toEqual([9, 21])
    expect(rounds.points).toHaveLength(21)
    expect(rounds.points.at(-1)?.run.startedAt).toBe(new Date(START + 11.75 * DAY).toISOString())
  })

  test('by number they are the last ones', () => {
    const rounds = roundsOf({ rounds: 20 }, { rounds: 30 })
    days(rounds, 12)
    expect([has('index.html'), has('round.json')]).toEqual([20, 30])
    // Captures of rounds in which all was well.
    expect(has('evidence')).toBe(12)
    const [last] = readdirSync(join(path, 'rounds')).toSorted().slice(-12)
    expect(existsSync(join(path, 'rounds', last!, 'evidence'))).toBe(true)
  })

  test('what shows an open problem stays', () => {
    const rounds = roundsOf({ ms: DAY }, { ms: 2 * DAY })
    const { folder: report } = made(START, BAD)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- where it is shown is all that counts
    const problems = [{ report }] as unknown as MonitorState['problems']
    rounds.prune(state({ problems }), START + 30 * DAY)
    expect(has('result.json')).toBe(1)
    rounds.prune(state(), START + 30 * DAY)
    expect(readdirSync(join(path, 'rounds'))).toEqual([])
  })

  test('a date that cannot be trusted makes nothing old', () => {
    const rounds = roundsOf({ ms: DAY }, { ms: 2 * DAY })
    days(rounds, 1)
    rounds.prune(state(), undefined)
    expect(has('index.html')).toBe(4)
  })

  test('what is not the monitor’s stays', () => {
    mkdirSync(join(path, 'rounds', 'notes'))
    const rounds = roundsOf({ rounds: 1 }, { rounds: 1 })
    days(rounds, 1)
    expect(readdirSync(join(path, 'rounds')).toSorted()).toEqual(['20261201T180000Z', 'notes'])
  })
})

describe('after a restart', () => {
  test('they are there, in their order, with those that ended as the monitor was killed', () => {
    days(roundsOf({ ms: 7 * DAY }, { ms: 30 * DAY }), 1)
    made(START + 2 * DAY, BAD)
    const told: string[] = []
    const again = roundsOf({ ms: 7 * DAY }, { ms: 30 * DAY }, told)
    expect(again.points.map(({ run }) => run.verdict)).toEqual(['pass', 'pass', 'pass', 'pass', 'fail'])
    expect(again.decided?.run.startedAt).toBe(new Date(START + 0.75 * DAY).toISOString())
    expect(told).toEqual([])
  })

  test('one that was not written to its end is told, and holds up no other', () => {
    days(roundsOf({ ms: 7 * DAY }, { ms: 30 * DAY }), 1)
    writeFileSync(join(path, 'rounds', '20261201T060000Z', 'round.json'), '{"target":')
    writeFileSync(join(path, made(START + DAY).folder, 'result.json'), '{"schemaVersion":2')
    mkdirSync(join(path, 'rounds', '20261203T000000Z'))
    const told: string[] = []
    expect(roundsOf({ ms: 7 * DAY }, { ms: 30 * DAY }, told).points).toHaveLength(3)
    expect(told).toEqual(['2 rounds could not be read: left out of the page.'])
  })
})

describe('what a round came to', () => {
  test('a target out of reach is the last word on it, though its run could decide nothing', () => {
    const rounds = roundsOf({ ms: DAY }, { ms: DAY })
    rounds.add(made(START), 'decided', '')
    rounds.add(made(START + 1000, { ...WELL, verdict: 'inconclusive', exitCode: 3 }), 'decided', '')
    expect(rounds.decided?.run).toMatchObject({ verdict: 'inconclusive', unreachable: true })
  })

  test('one that met this machine’s own trouble is a gap, and no outage', () => {
    const rounds = roundsOf({ ms: DAY }, { ms: DAY })
    const { folder: at, result } = made(START, { ...BAD, exitCode: 3 })
    rounds.add({ folder: at, result, trouble: 'this machine has no route to it' }, 'blind', '')
    expect(rounds.decided).toBeUndefined()
    const kept = JSON.parse(readFileSync(join(path, at, 'round.json'), 'utf8'))
    expect(kept).toMatchObject({
      outcome: 'blind',
      run: { verdict: 'inconclusive', unreachable: false, sentence: 'this machine has no route to it' },
      snapshot: { tests: {}, findings: [] },
    })
  })
})
