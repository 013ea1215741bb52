/** Whatever a target sends, no scenario is in error: what cannot be used is a broken rule, or leaves it inconclusive. */
import { expect, it } from 'vitest'
import { SeededRandom } from '../../src/clock/random.js'
import { runConformance } from '../../src/runner/run.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { allScenarios, inFirstVariant } from './detection.js'
import { type Fuzz, fuzzing } from './fuzz.js'
import { shareOf } from './share.js'

const scenarios = inFirstVariant(await allScenarios())
/** `RINGPROOF_FUZZ_SEEDS=20` tries more of them. */
const seeds = Array.from({ length: Number(process.env['RINGPROOF_FUZZ_SEEDS'] ?? 1) }, (_, index) => index + 1)

/** Each scenario is tried with two of the six kinds; `npm run trust` tries all. */
const SHARE = 3

const kinds: [what: string, fuzz: Fuzz][] = [
  ['few headers', { sip: 0.1 }],
  ['many headers', { sip: 0.5 }],
  ['some session descriptions', { sdp: 0.4 }],
  ['every session description', { sdp: 1 }],
  ['packets', { packets: 0.2 }],
  ['a little of everything', { sip: 0.05, sdp: 0.2, packets: 0.05 }],
]

it.each(seeds.flatMap((seed) => kinds.map(([what, fuzz]) => ({ what, fuzz, seed }))))(
  'no scenario is in error where a target alters $what (seed $seed)',
  async ({ what, fuzz, seed }) => {
    const { stages, document } = await virtualStages({ seed, faults: [] })
    const altering: typeof stages = {
      ...stages,
      on: (key, story) =>
        stages.on(key, (world) => {
          const random = new SeededRandom(`${seed} ${what} ${key}`)
          return story({ ...world, network: fuzzing(world.network, random, fuzz) })
        }),
    }
    const { scenarios: told } = await runConformance({
      scenarios: shareOf(SHARE, scenarios, what),
      document,
      stages: altering,
      selection: { slow: true },
    })
    expect(told.length).toBeGreaterThan(80)
    expect(told.filter(({ verdict }) => verdict !== 'pass').length).toBeGreaterThan(told.length / 20)
    expect(told.filter(({ verdict }) => verdict === 'error').map(({ id, reason }) => `${id}: ${reason}`)).toEqual([])
  },
  120_000,
)
