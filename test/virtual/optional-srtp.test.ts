/** The embedded provider without its policy that TLS means SRTP (EP-2): devices may encrypt, and need not. */
import { expect, it } from 'vitest'
import { variantsOf } from '../../src/scenario/scenario.js'
import { allScenarios, findingsOf, runVirtually } from './detection.js'

/** What has a variant over TLS, in that alone: on other transports nothing is different. */
const scenarios = (await allScenarios()).flatMap(({ definition, file }) => {
  const variants = variantsOf(definition).filter(({ transport }) => transport === 'tls')
  return variants.length === 0 ? [] : [{ file, definition: { ...definition, variants } }]
})

it('it passes every scenario over TLS but the one about the policy, which does not apply', async () => {
  const outcome = await runVirtually(scenarios, [], { encryptedOn: [] })
  const others = outcome.scenarios.filter(({ verdict }) => verdict !== 'pass')
  expect(others.map(({ id, verdict, reason }) => `${id}: ${verdict}: ${reason}`)).toEqual(
    ['ipv4', 'ipv6'].map(
      () => 'srtp/policy: not applicable: the target file does not say that calls over TLS have to be encrypted',
    ),
  )
  expect(outcome.scenarios.length).toBeGreaterThan(100)
  const findings = findingsOf(outcome).filter(({ severity }) => severity !== 'info')
  expect(findings.map(({ id, title, actual }) => `${id}: ${title}: ${actual}`)).toEqual([])
}, 60_000)
