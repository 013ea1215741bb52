/** Accounts that several devices share, watched for minutes (BH-10): what right providers do passes, and what customers lose is told. */
import { expect, it } from 'vitest'
import type { Picture } from '../../src/result/scenario-result.js'
import { allScenarios, runVirtually } from './detection.js'
import { type Disguise, runDisguised } from './disguise.js'
import { cutsTo, hidesOthers } from './middlebox.js'

const scenarios = (await allScenarios()).filter(({ file }) => file === 'scenarios/flapping/over-time.ts')
const only = (...ids: string[]) => scenarios.filter(({ definition }) => ids.includes(definition.id))

const cases: [what: string, disguise: Disguise][] = [
  ['displaces', {}],
  ['rings all devices', { options: { policy: { sharedCredentials: 'fork' } } }],
  ['refuses all but the first', { options: { policy: { sharedCredentials: 'refuse' } } }],
  ['tells a device of its own contact only', { box: hidesOthers }],
  [
    'grants half a minute',
    { box: () => cutsTo((granted) => Math.min(granted, 30)), options: { policy: { minExpires: 30 } } },
  ],
  ['grants an hour', { box: () => cutsTo(() => 3600) }],
]
it.each(cases)('fails no provider that %s', async (_what, disguise) => {
  const { scenarios: told } = await runDisguised(scenarios, disguise)
  expect(told.map(({ id, verdict, reason }) => `${id}: ${verdict}: ${reason}`)).toEqual(
    scenarios.map(({ definition }) => `${definition.id}: pass: ${told.find(({ id }) => id === definition.id)?.reason}`),
  )
})

it('tells how long each device could be called', async () => {
  const { scenarios: told } = await runDisguised(only('flapping/equal-intervals'), {})
  const table = (told[0]?.pictures ?? []).find(
    (one): one is Extract<Picture, { kind: 'table' }> => one.kind === 'table',
  )
  expect(table?.rows).toEqual([
    ['desk', '51 % of the time', '30 s', '60 times an hour', '0 of 15'],
    ['mobile', '49 % of the time', '30 s', '60 times an hour', '0 of 15'],
  ])
})

it('notices a second device that stays beside the first, and time that is not renewed', async () => {
  const verdicts = async (fault: 'displacing-keeps-time' | 'keeps-both-devices') => {
    const { scenarios: told } = await runVirtually(scenarios, [fault])
    return told.map(({ verdict, checks }) => [verdict, checks.find((check) => check.verdict === 'fail')?.id])
  }
  expect(await verdicts('displacing-keeps-time')).toEqual(scenarios.map(() => ['fail', 'steady']))
  expect(await verdicts('keeps-both-devices')).toEqual(scenarios.map(() => ['fail', 'displaced']))
})
