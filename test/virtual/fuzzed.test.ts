/** Every message of the embedded provider damaged on its way to us: whatever a target answers, ringproof makes no error of it. */
import { expect, it } from 'vitest'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { runConformance } from '../../src/runner/run.js'
import type { Stages } from '../../src/worlds/stages.js'
import { allScenarios, inFirstVariant } from './detection.js'
import { mutating } from './mutation.js'

const scenarios = inFirstVariant(await allScenarios())
const seeds = Number(process.env['RINGPROOF_FUZZ_SEEDS'] ?? 2)

/** Each message, so that little is reached; and some, so that stories get far before something is wrong. */
const shares = [1, 0.3, 0.05]

it.each(Array.from({ length: seeds }, (_, seed) => seed).flatMap((seed) => shares.map((share) => ({ seed, share }))))(
  'no error where $share of all messages are damaged (seed $seed)',
  async ({ seed, share }) => {
    const { stages, document } = await virtualStages({ seed, faults: [] })
    const damaged: Stages = {
      ...stages,
      on: (key, story) =>
        stages.on(key, (world) => {
          const random = world.random.fork('damage')
          return story({ ...world, network: mutating(world.network, random, share) })
        }),
    }
    const { scenarios: told } = await runConformance({
      scenarios,
      document,
      stages: damaged,
      selection: { slow: true },
      brief: true,
    })
    expect(told.length).toBeGreaterThan(150)
    const errors = told.filter(({ verdict }) => verdict === 'error')
    expect(errors.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([])
  },
  120_000,
)
