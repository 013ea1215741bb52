/** The standing checks over all scenarios: silent on a right provider, and able to speak. */
import { expect, it } from 'vitest'
import type { FaultName } from '../../src/provider/embedded-provider.js'
import type { LoadedScenario } from '../../src/runner/plan.js'
import { allScenarios, inFirstVariant, runVirtually } from './detection.js'
import { inOneVariant } from './share.js'

const standing = async (scenarios: readonly LoadedScenario[], faults: readonly FaultName[]): Promise<string[]> => {
  const { notes } = await runVirtually(scenarios, faults, { slow: false })
  return notes.map(({ note: { severity, id, title, actual } }) => `${severity} ${id}: ${title}: ${actual}`)
}

it('raise no alarm on the provider without faults, in any scenario', async () => {
  const notes = await standing(inOneVariant(await allScenarios(), 'standing checks'), [])
  // Known of every provider that speaks SIP without TLS.
  expect(notes.filter((note) => !note.startsWith('info EXAM-NUMBERS-IN-CLEAR'))).toEqual([])
  expect(notes.length).toBeGreaterThan(0)
}, 180_000)

const caught: [FaultName, string, string][] = [
  ['no-qop', 'media/echo', 'EXAM-CHALLENGE'],
  ['basic-offered', 'media/echo', 'EXAM-CHALLENGE'],
  ['max-forwards-kept', 'media/two-way', 'EXAM-MAX-FORWARDS'],
  ['signalling-outside-the-list', 'media/two-way', 'EXAM-PUBLISHED-SIGNALLING'],
  ['relay-outside-the-list', 'media/two-way', 'EXAM-PUBLISHED-RELAYS'],
  ['relay-garbles-audio', 'media/two-way', 'EXAM-RTP-ALTERED'],
  ['no-cname', 'srtp/rekey', 'EXAM-RTCP'],
  ['origin-version-kept', 'srtp/rekey', 'EXAM-SDP'],
  ['early-100-for-non-invite', 'retransmission/no-early-trying', 'EXAM-PROVISIONAL'],
  ['keys-in-clear', 'srtp/keys-in-clear', 'EXAM-KEYS-IN-CLEAR'],
  ['srtp-key-reused', 'srtp/echo', 'EXAM-KEY-REUSE'],
]
it.each(caught)('notice %s in %s: %s', async (fault, scenario, id) => {
  const scenarios = inFirstVariant(await allScenarios()).filter(({ definition }) => definition.id === scenario)
  expect((await standing(scenarios, [fault])).join('\n')).toContain(id)
})

it('notice IPv6 addresses that are called IPv4', async () => {
  const scenarios = (await allScenarios()).filter(({ definition }) => definition.id === 'media/two-way')
  expect((await standing(scenarios, ['sdp-says-ip4'])).join('\n')).toContain('EXAM-SDP')
})
