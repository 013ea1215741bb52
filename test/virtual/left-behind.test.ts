/**
 * Scenarios leave nothing behind however they end: each is broken off at moments spread over its course, and the provider is
 * asked for bindings, calls, settings, messages and wake-up calls. `npm test` tries some scenarios at a few moments, `npm run trust` all at twenty.
 */
import { expect, test } from 'vitest'
import type { EmbeddedProvider } from '../../src/provider/embedded-provider.js'
import { AccountPool } from '../../src/runner/account-pool.js'
import type { LoadedScenario } from '../../src/runner/plan.js'
import { runScenario } from '../../src/runner/run-scenario.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { allScenarios, inFirstVariant, sharedCredentialsOf } from './detection.js'

const ofAll = process.env.RINGPROOF_LEFT_BEHIND === 'all'
const MOMENTS = ofAll ? 20 : 3
const EACH = ofAll ? 1 : 4

/** Here an INVITE is on its way to where no device is, or none yet: the provider gives it up by its Timer B. */
const OUT_OF_REACH = ['nat/too-slow', 'tcp/leaves-udp']

/** Those that leave more than calls and bindings: tried always. */
const LEAVES_MORE = [
  'lamps/mailbox-light',
  'services/mailbox-round-trip',
  'services/redirect-to-code',
  'services/wake-up-codes',
]

const scenarios = inFirstVariant(await allScenarios()).filter(
  ({ definition: { id, needs = [] } }, index) =>
    !needs.includes('sockets') && (index % EACH === 0 || LEAVES_MORE.includes(id)),
)

/** What is left at the provider of a story that is broken off after so many milliseconds; how long it took. */
async function leftOf({ definition, file }: LoadedScenario, brokenOffMs?: number) {
  let provider: EmbeddedProvider | undefined
  const policy = { sharedCredentials: sharedCredentialsOf(definition) }
  const shows = (one: EmbeddedProvider) => (provider = one)
  const { stages, document } = await virtualStages({ seed: 1, faults: [], policy, shows })
  const [variant] = definition.variants ?? []
  const lease = new AccountPool(document).take(definition)
  if (variant === undefined || lease === undefined) throw new Error(`${definition.id} cannot be run`)
  return stages.on(definition.id, async (world) => {
    const interrupted = brokenOffMs === undefined ? undefined : world.clock.sleep(brokenOffMs)
    const entry = { definition, file, variant }
    const told = await runScenario({ entry, world, lease, runStartMs: 0, brief: true, interrupted })
    // What is under way arrives.
    await world.clock.sleep(OUT_OF_REACH.includes(definition.id) ? 64 * world.target.timers.T1 + 1_000 : 200)
    const { bindings, callsOn, serviceCalls, accountsChanged, messages, wakeUps } = provider?.stats() ?? {}
    const left = { bindings, callsOn, serviceCalls, accountsChanged, messages, wakeUps }
    return { lastedMs: told.result.durationMs, left }
  })
}

test.each(scenarios.map((one) => [one.definition.id, one] as const))(
  '%s leaves nothing behind',
  async (_id, one) => {
    const nothing = { bindings: 0, callsOn: 0, serviceCalls: 0, accountsChanged: 0, messages: 0, wakeUps: 0 }
    const { left, lastedMs } = await leftOf(one)
    expect(left, 'told to its end').toEqual(nothing)
    for (let nth = 1; nth <= MOMENTS; nth += 1) {
      // Not at round times, at which timers fire.
      const ms = Math.round((lastedMs * (nth - 0.37)) / MOMENTS)
      const { left: then } = await leftOf(one, ms)
      expect(then, `broken off after ${ms} of ${lastedMs} ms`).toEqual(nothing)
    }
  },
  300_000,
)
