/**
 * One datagram of the signalling is lost, each of a story's in turn: no check fails for it, and none warns. What cannot be told
 * then is inconclusive. `npm test` tries the scenarios that count datagrams, `npm run trust` all of them.
 */
import { expect, test } from 'vitest'
import type { LoadedScenario } from '../../src/runner/plan.js'
import { allScenarios, inFirstVariant } from './detection.js'
import { runDisguised } from './disguise.js'
import type { Box } from './middlebox.js'

const COUNTING = [
  'dialog/merged',
  'dialog/reliable-repeated',
  'media/early',
  'proxy/loop',
  'proxy/second-success',
  'retransmission/failure-repeated',
  'retransmission/invite-backoff',
  'retransmission/invite-repeated',
  'retransmission/request-backoff',
  'retransmission/success-passed-on',
  'retransmission/success-unacknowledged',
  'retransmission/success-until-ack',
  'retransmission/trying',
]

const ofAll = process.env.RINGPROOF_LOST_DATAGRAMS === 'all'
// Those that begin at a moment of the year are told by the clock of their world, which these have not.
const overUdp = inFirstVariant(await allScenarios()).filter(
  ({ definition: { variants = [], needs = [], begins } }) =>
    begins === undefined &&
    variants[0]?.transport === 'udp' &&
    variants[0].family === 'ipv4' &&
    !needs.some((need) => need.startsWith('shared-credentials:')),
)
const scenarios = overUdp.filter(({ definition }) => ofAll || COUNTING.includes(definition.id))

/** Runs it once, without the datagram of this number; also says how many there were. */
async function without(one: LoadedScenario, lost: number) {
  let count = 0
  const box = (): Box => ({ up: () => count++ !== lost, down: () => count++ !== lost })
  const { scenarios: told } = await runDisguised([one], { box, confirms: false })
  return { count, told }
}

test.each(scenarios.map((one) => [one.definition.id, one] as const))(
  '%s holds no lost datagram against the target',
  async (_id, one) => {
    const whole = await without(one, -1)
    expect(whole.told.map(({ verdict }) => verdict)).toEqual(['pass'])
    const wrong: string[] = []
    for (let lost = 0; lost < whole.count; lost += 1) {
      const { told } = await without(one, lost)
      for (const { verdict, checks, reason } of told) {
        if (['pass', 'inconclusive'].includes(verdict)) continue
        const broken = checks.filter((check) => check.verdict === 'fail' || check.verdict === 'warn')
        wrong.push(
          `${lost + 1} of ${whole.count}: ${verdict}: ${reason}: ${broken.map((check) => `${check.id} ${check.actual}`).join('; ')}`,
        )
      }
    }
    expect(wrong).toEqual([])
  },
  120_000,
)
