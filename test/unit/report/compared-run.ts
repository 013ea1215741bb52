/** A run that was compared with five earlier ones: something new, fixed, unsteady, not tested any more, and slower. */
import type { RunResult } from '../../../src/result/result.js'
import { compare } from '../../../src/verdict/comparison/compare.js'
import { joined } from '../../../src/verdict/comparison/join.js'
import { snapshotOf } from '../../../src/verdict/comparison/snapshot.js'
import { conclude } from '../../../src/verdict/conclude.js'
import { check, on, result } from '../verdict/records.js'
import { passingRun } from './fixtures.js'

/** Shown, never run. */
export const HOSTILE = '<img src=x onerror="window.hacked = 3"></script><script>window.hacked = 3</script>'

type State = 'pass' | 'fail'

/** One of them. */
export function runOf(
  day: number,
  states: { readonly fresh: State; readonly mended: State; readonly flaky: State; readonly ms: number },
): RunResult {
  const one = (id: string, verdict: State, cause: string, harm = `Harm of ${cause}`) =>
    result(id, [check('rule', { verdict, cause, harm })], { ...on('udp/ipv4') })
  const scenarios = [
    one('registrar/fresh', states.fresh, 'fresh', `Calls are lost ${HOSTILE}`),
    one('registrar/mended', states.mended, 'mended'),
    one('registrar/flaky', states.flaky, 'flaky'),
    one('registrar/lasting', 'fail', 'lasting'),
    ...(day < 9 ? [one('registrar/gone', 'pass', 'gone')] : []),
  ]
  const { verdict, exitCode, sentence, findings, scenarios: told } = conclude({ scenarios, notes: [], notRun: [] })
  const base = passingRun()
  const { load: _, ...rest } = base
  const round = (ms: number) => ({
    id: 'round-trip',
    label: 'Round trip',
    value: '',
    how: '',
    ms,
    transport: 'udp',
    family: 'ipv4',
  })
  return {
    ...rest,
    clock: 'wall',
    startedAt: `2026-03-0${day}T00:00:00.000Z`,
    selection: {},
    verdict,
    exitCode,
    sentence,
    findings,
    scenarios: told,
    survey: { durationMs: 1, vitalSigns: [], facts: [round(states.ms)] },
    notRun: day < 9 ? [] : [{ id: 'registrar/gone', why: 'takes 90 s', kind: 'slow' }],
  }
}

/** @param name as the baseline was named on the command line */
export function comparedRun(name = 'dus.baseline.json'): RunResult {
  const before = [1, 2, 3, 4, 5].map((day) =>
    runOf(day, { fresh: 'pass', mended: 'fail', flaky: day === 2 ? 'fail' : 'pass', ms: 40 + day / 10 }),
  )
  const now = runOf(9, { fresh: 'fail', mended: 'pass', flaky: 'pass', ms: 95 })
  const baseline = joined(before.map((one) => ({ name, baseline: snapshotOf(one) })))
  return { ...now, comparison: compare({ name, baseline }, { name: 'this run', baseline: snapshotOf(now) }) }
}
