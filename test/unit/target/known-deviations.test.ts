import { expect, test } from 'vitest'
import { STANDING_CHECKS } from '../../../src/examiner/standing-checks.js'
import { variantsOf } from '../../../src/scenario/scenario.js'
import { loadKnownDeviations, parseKnownDeviations } from '../../../src/target/known-deviations.js'
import { TargetFileError } from '../../../src/target/target-problem.js'
import { allScenarios } from '../../virtual/detection.js'

const scenarios = [
  { id: 'srtp/replayed', checks: ['dropped', 'heard'], variants: ['tls/ipv4'] },
  { id: 'media/echo', checks: ['heard'], variants: ['udp/ipv4', 'udp/ipv6'] },
]
const failure = {
  scenario: 'srtp/replayed',
  check: 'dropped',
  rule: 'RFC 3711 §3.3.2',
  reason: 'It keeps no replay list.',
}
const file = (more: object = {}) =>
  JSON.stringify({ target: 'mine', version: '5.6', failures: [failure], ...more }, null, 2)

const read = (text: string, target: { name: string; version?: string } = { name: 'mine', version: '5.6' }) =>
  parseKnownDeviations(text, {
    file: 'mine.known.json',
    target,
    rules: { scenarios, standing: ['EXAM-TAGS', 'EXAM-CSEQ'] },
  })

/** What is said of a file that is wrong. */
function problem(text: string, target?: { name: string; version?: string }): string {
  try {
    read(text, target)
  } catch (error) {
    if (error instanceof TargetFileError) return error.message
    throw error
  }
  return ''
}

test('what is right is read', () => {
  expect(read(file())).toEqual({ deviations: [failure], standing: [] })
  expect(read(file({ version: undefined }), { name: 'mine' }).deviations).toEqual([failure])
  expect(read(file({ failures: [{ ...failure, variant: 'tls/ipv4' }] })).deviations).toMatchObject([
    { variant: 'tls/ipv4' },
  ])
})

test('an entry may be about a standing check, on one method or transport', () => {
  const { reason } = failure
  const entry = { standing: 'EXAM-TAGS', rule: 'RFC 3261 §8.2.6.2', reason }
  const failures = [failure, entry, { ...entry, method: 'ACK', transport: 'udp' }]
  expect(read(file({ failures }))).toEqual({ deviations: [failure], standing: failures.slice(1) })
})

test.each<[string, string, string]>([
  [
    'an unknown scenario',
    file({ failures: [{ ...failure, scenario: 'srtp/replaied' }] }),
    "6:19: failures[0].scenario: there is no scenario 'srtp/replaied'; did you mean 'srtp/replayed'?",
  ],
  [
    'an unknown check',
    file({ failures: [{ ...failure, check: 'x' }] }),
    "7:16: failures[0].check: 'srtp/replayed' has no check 'x'; it has dropped, heard",
  ],
  [
    'an unknown variant',
    file({ failures: [{ ...failure, variant: 'udp/ipv4' }] }),
    "10:18: failures[0].variant: 'srtp/replayed' is run on tls/ipv4, not on 'udp/ipv4'",
  ],
  ['another target', file({ target: 'theirs' }), "2:13: target: these are deviations of 'theirs', not of 'mine'"],
  [
    'another version',
    file({ version: '5.7' }),
    '3:14: version: this was seen with version 5.7; the target file says 5.6: check whether it still deviates',
  ],
  [
    'an unknown field',
    file({ failures: [{ ...failure, rul: 'x' }] }),
    "10:7: failures[0].rul: unknown field; did you mean 'rule'?",
  ],
  [
    'no reason',
    file({ failures: [{ ...failure, reason: 'so' }] }),
    '9:17: failures[0].reason: expected a reason of at least 10 characters, for readers of the report, found "so"',
  ],
  [
    'an unknown standing check',
    file({ failures: [{ standing: 'EXAM-TAG', rule: 'x', reason: failure.reason }] }),
    "6:19: failures[0].standing: there is no standing check 'EXAM-TAG'; did you mean 'EXAM-TAGS'?",
  ],
  [
    'a standing check of one scenario',
    file({ failures: [{ ...failure, standing: 'EXAM-TAGS' }] }),
    "6:7: failures[0].scenario: a standing check looks at all scenarios: remove 'scenario', or 'standing'",
  ],
  [
    'a method of a scenario',
    file({ failures: [{ ...failure, method: 'ACK' }] }),
    "10:7: failures[0].method: 'method' is for entries with 'standing'; use 'variant' here",
  ],
  [
    'neither a scenario nor a standing check',
    file({ failures: [{ rule: 'x', reason: failure.reason }] }),
    "5:5: failures[0]: expected 'scenario' and 'check', or 'standing' with the id of a standing check",
  ],
  [
    'an unknown transport',
    file({ failures: [{ standing: 'EXAM-TAGS', transport: 'sctp', rule: 'x', reason: failure.reason }] }),
    '7:20: failures[0].transport: expected one of udp, tcp, tls, found "sctp"',
  ],
  ['a comma too many', '{ "target": "mine",\n  "failures": [], }', '2:19: not valid JSON'],
  ['half a file', '{ "target": "mine",', 'not valid JSON'],
])('%s is an error with its place', (_, text, words) => {
  expect(problem(text)).toContain(`mine.known.json:`)
  expect(problem(text)).toContain(words)
})

test('a version that the target file does not state cannot be compared', () => {
  expect(problem(file(), { name: 'mine' })).toContain('the target file has no version')
})

test.each([
  ['kamailio', '5.6.3'],
  ['ejabberd', '23.01'],
  ['asterisk', '22.10.1'],
  ['sippy', '2.5.0'],
])('the deviations of %s are of scenarios and checks that there are', async (name, version) => {
  const all = (await allScenarios()).map(({ definition }) => ({
    id: definition.id,
    checks: Object.keys(definition.rules),
    variants: variantsOf(definition).map(({ transport, family }) => `${transport}/${family}`),
  }))
  const rules = { scenarios: all, standing: STANDING_CHECKS.map(({ id }) => id) }
  const { deviations } = loadKnownDeviations(`targets/${name}.known.json`, { name, version }, rules)
  expect(deviations.length).toBeGreaterThan(0)
})
