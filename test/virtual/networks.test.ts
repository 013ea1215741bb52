/**
 * The clean provider behind access lines as customers have them: no fail, no error, and little undecided. `npm test` tries one
 * of them, `npm run trust` many seeds of each.
 */
import { expect, test } from 'vitest'
import { surveyedRun } from '../../src/survey/surveyed-run.js'
import { parseAccessLine } from '../../src/transport/access-line.js'
import { conclude } from '../../src/verdict/conclude.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { allScenarios } from './detection.js'
import { inOneVariant } from './share.js'

/** With the share of tests, in per cent, that may stay undecided. */
const LINES: readonly (readonly [line: string, undecided: number])[] = [
  ['loss=1%,delay=80ms±30,reorder=0.5%,dup=0.2%', 4],
  ['loss=0.3%', 1],
  ['loss=1%', 3],
  ['delay=80ms±30', 0.5],
  // Here audio and connections are away for so long that some tests cannot decide.
  ['loss=3%,burst=100ms', 8],
]

const seeds = process.env.RINGPROOF_LINE_SEEDS
const scenarios = inOneVariant(await allScenarios(), 'access lines')
const runs = (seeds === undefined ? LINES.slice(0, 1) : LINES).flatMap(([line, undecided]) =>
  Array.from({ length: Number(seeds ?? 1) }, (_, index) => ({ line, undecided, seed: index + 1 })),
)

test.each(runs)(
  'behind $line nothing fails (seed $seed)',
  async ({ line, undecided, seed }) => {
    const { stages, document } = await virtualStages({ seed, faults: [], line: parseAccessLine(line) })
    const { outcome, survey } = await surveyedRun({ scenarios, document, stages, selection: {}, brief: true }, () => {})
    const { scenarios: results, findings, notRun, exitCode } = conclude({ ...outcome, survey: survey?.result })
    expect(
      findings.filter(({ severity }) => severity === 'fail').map(({ id, title, actual }) => [id, title, actual]),
    ).toEqual([])
    expect(results.filter(({ verdict }) => verdict === 'fail' || verdict === 'error')).toEqual([])
    expect(notRun.filter(({ kind }) => kind === 'blocked')).toEqual([])
    expect(exitCode).toBe(0)
    const open = results.filter(({ verdict }) => verdict === 'inconclusive')
    expect(
      (100 * open.length) / results.length,
      open.map(({ id, reason }) => `${id}: ${reason}`).join('\n'),
    ).toBeLessThanOrEqual(undecided)
  },
  120_000,
)
