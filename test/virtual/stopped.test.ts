/**
 * The machine that ringproof runs on stands still in the middle of a story (SIGSTOP, a starved virtual machine, a busy core): no
 * check fails for it, and none warns. What cannot be told then is inconclusive. `npm test` tries scenarios about times at two moments,
 * `npm run trust` all at twenty (RINGPROOF_STOPPED).
 */
import { expect, test } from 'vitest'
import { AccountPool } from '../../src/runner/account-pool.js'
import type { LoadedScenario } from '../../src/runner/plan.js'
import { runScenario } from '../../src/runner/run-scenario.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { allScenarios, inFirstVariant, sharedCredentialsOf } from './detection.js'
import { standingStill } from './standstill.js'

const { RINGPROOF_STOPPED } = process.env
const MOMENTS = Number(RINGPROOF_STOPPED ?? 2)

const ABOUT_TIMES = [
  'dialog/reliable-repeated',
  'dtmf/lost-packets',
  'media/echo',
  'media/hold',
  'media/silent-after-bye',
  'media/two-way',
  'retransmission/invite-backoff',
  'retransmission/success-unacknowledged',
  'srtp/rekey',
]

/** As a busy core does, and as a stop does. */
const LENGTHS_MS = [60, 200, 700, 3_000]

const all = inFirstVariant(await allScenarios()).filter(({ definition: { needs = [] } }) => !needs.includes('sockets'))
const scenarios =
  RINGPROOF_STOPPED === undefined ? all.filter(({ definition: { id } }) => ABOUT_TIMES.includes(id)) : all

interface Stop {
  readonly atMs: number
  readonly ms: number
  /** Whether ringproof knows of it; default: it does. */
  readonly known?: boolean
}

/** What is told of a story in the middle of which the machine stands still. */
async function told({ definition, file }: LoadedScenario, stop?: Stop) {
  const policy = { sharedCredentials: sharedCredentialsOf(definition) }
  const { stages, document } = await virtualStages({ seed: 1, faults: [], policy })
  const [variant] = definition.variants ?? []
  const lease = new AccountPool(document).take(definition)
  if (variant === undefined || lease === undefined) throw new Error(`${definition.id} cannot be run`)
  return stages.on(definition.id, async (world) => {
    const from = world.clock.now() + (stop?.atMs ?? 0)
    const stopped = stop === undefined ? world : standingStill(world, { from, ms: stop.ms })
    const own = stop?.known === false ? { ...stopped, lagBetween: () => 0 } : stopped
    const entry = { definition, file, variant }
    const { result, notes } = (await runScenario({ entry, world: own, lease, runStartMs: 0 })).read()
    const broken = result.checks.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'inconclusive')
    return {
      verdict: result.verdict,
      lastedMs: result.durationMs,
      wrong: [
        ...(['pass', 'inconclusive'].includes(result.verdict) ? [] : [`${result.verdict}: ${result.reason}`]),
        ...broken.map(({ id, verdict, expected, actual }) => `${id} ${verdict}: ${expected}, ${actual}`),
        ...notes.flatMap(({ id, severity, actual }) => (severity === 'info' ? [] : [`${id}: ${actual ?? ''}`])),
      ],
    }
  })
}

test.each(scenarios.map((one) => [one.definition.id, one] as const))(
  '%s holds no standstill of ours against the target',
  async (_id, one) => {
    const { verdict, lastedMs, wrong } = await told(one)
    expect([verdict, ...wrong]).toEqual(['pass'])
    const blamed: string[] = []
    for (const ms of LENGTHS_MS) {
      for (let nth = 1; nth <= MOMENTS; nth += 1) {
        // Not at round times, at which timers fire.
        const atMs = Math.round((lastedMs * (nth - 0.37)) / MOMENTS)
        const then = await told(one, { atMs, ms })
        blamed.push(...then.wrong.map((what) => `${ms} ms from ${atMs} of ${lastedMs} ms: ${what}`))
      }
    }
    expect(blamed).toEqual([])
  },
  600_000,
)

test('a standstill that nobody knew of would be held against the target: so it does stand still here', async () => {
  const echo = all.find(({ definition }) => definition.id === 'media/echo')
  if (echo === undefined) throw new Error('there is no media/echo')
  const { wrong } = await told(echo, { atMs: 4_855, ms: 3_000, known: false })
  expect(wrong).toContainEqual(expect.stringMatching(/^complete fail: /))
})

test('the scenarios about times are there', () => {
  expect(scenarios.length).toBeGreaterThanOrEqual(ABOUT_TIMES.length)
})
