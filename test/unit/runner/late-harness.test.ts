/** Stories on a machine that is too slow: what they cannot tell is told as such, and told again when it is quieter. */
import { describe, expect, it } from 'vitest'
import type { PlantedFault } from '../../../src/provider/faults.js'
import type { LoadedScenario } from '../../../src/runner/plan.js'
import type { World } from '../../../src/scenario/world.js'
import { type ConformanceOutcome, runConformance } from '../../../src/runner/run.js'
import type { ReasonCode } from '../../../src/result/terms.js'
import type { ScenarioResult } from '../../../src/result/scenario-result.js'
import { inconclusive, must, scenario, unsupported } from '../../../src/scenario/index.js'
import { virtualStages } from '../../../src/worlds/virtual-stages.js'

type Ending = 'open' | 'endless' | 'unsupported'

const story = (ending: Ending, code?: ReasonCode) => ({
  file: 'scenarios/proxy/late.ts',
  definition: scenario({
    id: 'proxy/late',
    title: 'Ends early',
    area: 'proxy',
    purposes: ['PRX-ROUTE'],
    rules: { holds: must('RFC 3261 §16.6', 'it holds', { gravity: 'harm' }) },
    devices: { alice: { audio: false } },
    seconds: 1,
    harm: 'Customers notice.',
    advice: 'None.',
    async run({ waits }) {
      await waits(10)
      if (ending === 'endless') await waits(60_000)
      if (ending === 'unsupported') unsupported('it says so')
      inconclusive('it did not come', code)
    },
  }),
})

/** @param lagMs how late the harness is at each attempt; afterwards the last of them */
async function runs(
  told: LoadedScenario,
  lagMs: readonly number[],
  faults: readonly PlantedFault[] = [],
): Promise<ConformanceOutcome> {
  const { stages, document } = await virtualStages({ seed: 1, faults })
  let attempt = 0
  const late: typeof stages = {
    ...stages,
    on: (key, work) =>
      stages.on(key, (world: World) => {
        const ms = key.startsWith('proxy/late') ? (lagMs[Math.min(attempt++, lagMs.length - 1)] ?? 0) : 0
        return work({ ...world, lagBetween: () => ms })
      }),
  }
  return runConformance({ scenarios: [told], document, stages: late, selection: {} })
}

async function run(told: LoadedScenario, lagMs: readonly number[]): Promise<ScenarioResult | undefined> {
  const { scenarios } = await runs(told, lagMs)
  return scenarios[0]
}

describe('a story that ends early', () => {
  it.each<[what: string, ending: Ending, code: ReasonCode | undefined, lagMs: number, told: ReasonCode]>([
    ['since something did not come, on time', 'open', 'no-audio', 100, 'no-audio'],
    ['since something did not come, while the machine stood still', 'open', 'no-audio', 300, 'harness-late'],
    ['without a reason of its own, while the machine stood still', 'open', undefined, 300, 'harness-late'],
    ['at its time limit, while the machine stood still', 'endless', undefined, 300, 'harness-late'],
    ['at its time limit', 'endless', undefined, 0, 'timed-out'],
    ['since a call was rejected: an answer is an answer', 'open', 'call-refused', 300, 'call-refused'],
    [
      'since a call was rejected, while nothing was answered for seconds',
      'open',
      'call-refused',
      3_000,
      'harness-late',
    ],
    ['since a log-in was refused', 'open', 'login-refused', 3_000, 'login-refused'],
  ])('%s', async (_, ending, code, lagMs, told) => {
    const result = await run(story(ending, code), [lagMs])
    expect(result).toMatchObject({ verdict: 'inconclusive', reasonCode: told })
    expect(result?.checks).toMatchObject([{ verdict: 'inconclusive', reasonCode: told }])
    expect(result?.reason.includes('the harness itself was up to')).toBe(told === 'harness-late')
  })

  it('since the target says that it lacks the feature, is unsupported however late that was read', async () => {
    expect(await run(story('unsupported'), [3_000])).toMatchObject({ verdict: 'unsupported' })
  })

  it('while the machine stood still is told again, six times at most', async () => {
    const result = await run(story('open', 'no-audio'), [300])
    expect(result?.attempts).toHaveLength(6)
    expect(result?.attempts).toMatchObject(Array.from({ length: 6 }, () => ({ reasonCode: 'harness-late' })))
  })

  it('is told by the attempt in which the machine was on time', async () => {
    const result = await run(story('open', 'no-audio'), [300, 300, 0])
    expect(result).toMatchObject({ reason: 'it did not come', reasonCode: 'no-audio' })
    expect(result?.attempts).toHaveLength(3)
  })
})

describe('a standing check that reads the clock', () => {
  const { definition, file } = story('open')
  const call = {
    file,
    definition: scenario({
      ...definition,
      devices: { alice: {} },
      needs: ['echo'],
      seconds: 10,
      async run({ alice, services, waits, expect: holds }) {
        await alice.registers()
        const echo = await alice.reaches(services.echo ?? '')
        await waits(1_000)
        await echo.hangUp()
        await waits(2_000)
        holds('holds', 1).toBe(1)
      },
    }),
  }

  it.each([
    [0, ['audio-after-hang-up']],
    [300, []],
  ] as const)('where the harness was %d ms late, sees %j', async (lagMs, seen) => {
    const { notes } = await runs(call, [lagMs], ['service-sends-after-bye'])
    expect(notes.map(({ note }) => note.cause).filter((cause) => cause === 'audio-after-hang-up')).toEqual(seen)
  })
})
