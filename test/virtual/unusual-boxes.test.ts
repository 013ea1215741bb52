/** A provider that does everything right behind a box that is right, too, or broken elsewhere: what single scenarios say of it. */
import { expect, it } from 'vitest'
import type { Verdict } from '../../src/result/result.js'
import { allScenarios, inFirstVariant } from './detection.js'
import { runDisguised } from './disguise.js'
import { answersItself, type Box } from './middlebox.js'

const all = inFirstVariant(await allScenarios())

/** With the checks that did not hold, where the verdict is fail or warn. */
const cases: [what: string, ids: readonly string[], verdict: Verdict, box: () => Box, broken?: readonly string[]][] = [
  [
    'refuses Contact: *',
    ['registrar/contact-expires-wins', 'registrar/same-address', 'registrar/escaped-account'],
    'pass',
    () => answersItself((request) => (request.headers.get('Contact') === '*' ? 400 : undefined)),
  ],
]
it.each(cases)('behind a box that %s, %j are %s', async (_what, ids, verdict, box, broken = []) => {
  const scenarios = all.filter(({ definition }) => ids.includes(definition.id))
  expect(scenarios.length).toBe(ids.length)
  const { scenarios: told } = await runDisguised(scenarios, { box, confirms: false })
  expect(told.map((one) => [one.id, one.verdict, one.reason])).toEqual(
    told.map(({ id }) => [id, verdict, verdict === 'pass' ? '' : expect.any(String)]),
  )
  const red = told.flatMap(({ checks }) =>
    checks.filter((check) => check.verdict === 'fail' || check.verdict === 'warn'),
  )
  expect(red.map(({ id }) => id)).toEqual(broken)
})
