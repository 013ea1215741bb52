/** A fabricated run with all that version 2 of a result has: survey, gravities, consequences, what is blocked, foreign hands, a defect, known deviations. */
import type { Place } from '../../../src/result/terms.js'
import type { CheckResult, ScenarioResult } from '../../../src/result/scenario-result.js'
import type { Finding, NotRun } from '../../../src/result/finding.js'
import type { Fact, VitalSign } from '../../../src/result/survey-result.js'
import type { RunResult } from '../../../src/result/result.js'
import { HOSTILE, ladderOf, passingRun } from './fixtures.js'

const VARIANTS = ['udp', 'tcp', 'tls'].flatMap((transport) => ['ipv4', 'ipv6'].map((family) => ({ transport, family })))

const SIGNS: readonly (readonly [id: string, title: string])[] = [
  ['reach', 'The server answers'],
  ['login', 'Devices can register'],
  ['call', 'A call from account to account is answered'],
  ['audio', 'Audio arrives in both directions'],
  ['hang-up', 'Either side can hang up'],
]

const DEAD = 'TLS: certificate expired on 2026-02-28 (CN=secure.ringproof.test)'

function vitalSigns(): VitalSign[] {
  const [first] = VARIANTS
  if (!first) throw new Error('no variant')
  const dead = { code: 'certificate-expired', reason: DEAD, blocks: 25 }
  const refused = {
    code: 'wrong-password',
    reason: 'bob was refused with 403 Forbidden; the password is probably wrong',
  }
  return [
    ...VARIANTS.flatMap((variant) => {
      const isDead = variant.transport === 'tls'
      return SIGNS.slice(0, isDead ? 1 : undefined).map(([id, title]) => signOf(id, title, variant, isDead ? dead : {}))
    }),
    signOf('account', 'The account can log in', first, { account: 'alice' }),
    signOf('account', 'The account can log in', first, { account: 'bob', ...refused }),
    signOf('echo', 'The echo test answers', first, {}),
  ]
}

type Missing = Partial<Pick<VitalSign, 'code' | 'reason' | 'blocks' | 'account'>>

function signOf(id: string, title: string, variant: VitalSign['variant'], missing: Missing): VitalSign {
  const fails = missing.code !== undefined
  const verdict = fails ? 'fail' : 'pass'
  return {
    id: `survey/${id}`,
    title,
    area: 'survey',
    purposes: [],
    provider: [],
    variant,
    verdict,
    reason: '',
    ...(fails ? { reasonCode: 'rule-broken' } : {}),
    durationMs: 12,
    checks: [
      {
        id,
        level: 'MUST',
        rule: 'RFC 3261 §10',
        verdict,
        expected: 'an answer within 4 s',
        actual: missing.reason ?? 'an answer within 4 s',
        gravity: 'outage',
        cause: `no-${id}`,
      },
    ],
    evidence: [],
    ladder: { ...ladderOf(1), arrows: ladderOf(1).arrows.slice(0, 4) },
    ...missing,
  }
}

const FACTS: readonly Fact[] = [
  { id: 'role', label: 'Role', value: 'proxy', how: 'the Call-ID of a call arrived unchanged' },
  {
    id: 'software',
    label: 'Server software',
    value: `Kamailio 5.8.1 ${HOSTILE[0]}`,
    how: 'Server header of responses',
  },
  ...VARIANTS.slice(0, 4).map(({ transport, family }, index) => ({
    id: 'round-trip',
    label: 'Round trip',
    value: index < 2 ? '0.4 ms, jitter 0.1 ms, no loss' : `0.${index + 4} ms, jitter 0.1 ms, no loss`,
    how: 'median of 5 OPTIONS',
    transport,
    family,
  })),
  {
    id: 'srtp',
    label: 'SRTP',
    value: 'refused',
    how: 'a call that offered it was answered with 488',
    transport: 'udp',
  },
  {
    id: 'srtp',
    label: 'SRTP',
    value: 'refused',
    how: 'a call that offered it was answered with 488',
    transport: 'tcp',
  },
  {
    id: 'registration',
    label: 'Registration',
    value: 'minimum 60 s, granted 300 s of 3600 s',
    how: '423 and Min-Expires',
  },
  {
    id: 'serves',
    label: 'Serves',
    value: 'OPTIONS, REGISTER without Contact; not INVITE without SDP',
    how: 'tried once',
  },
  { id: 'seen-as', label: 'We are seen as', value: '203.0.113.7, behind NAT', how: 'received and rport of responses' },
  {
    id: 'echo',
    label: 'Echo test',
    value: 'talks for 4.2 s before it echoes; delay 130 ms',
    how: 'our own voice recognised',
  },
  { id: 'algorithms', label: 'Digest algorithms', value: 'SHA-256, MD5', how: 'WWW-Authenticate of a REGISTER' },
]

const failing = (check: Partial<CheckResult>): CheckResult => ({
  id: 'x',
  level: 'MUST',
  rule: 'RFC 3261 §8',
  verdict: 'fail',
  expected: 'one thing',
  actual: 'another',
  paraphrase: 'a rule',
  gravity: 'harm',
  reasonCode: 'rule-broken',
  ...check,
})

const placesOf = (scenarios: readonly ScenarioResult[], id: string): Place[] =>
  scenarios.filter((one) => one.id === id).map((one) => ({ scenario: id, ...one.variant }))

/** What failed, and in which scenario. */
const BROKEN: Readonly<Record<string, CheckResult>> = {
  'media/echo': failing({
    id: 'heard',
    rule: 'RFC 3550 §2.1',
    paraphrase: 'audio reaches the caller',
    expected: 'audio from the callee',
    actual: 'no packet in 10 s',
    gravity: 'outage',
    cause: 'no-audio',
  }),
  'dtmf/told-back': failing({
    id: 'told',
    paraphrase: 'digits are told back',
    cause: 'keypad-lost',
    follows: ['no-audio'],
  }),
  'security/foreign-from': failing({
    id: 'refused',
    rule: 'security',
    paraphrase: 'a call under another number is refused',
    expected: '403',
    actual: '200',
    gravity: 'exposure',
    cause: 'identity-spoofed',
  }),
  'proxy/max-forwards': failing({
    id: 'too-many-hops',
    rule: 'RFC 3261 §16.3',
    paraphrase: 'Max-Forwards 0 is answered with 483',
    expected: '483',
    actual: '404',
    gravity: 'letter',
  }),
  'registrar/unregister-all': failing({
    id: 'star',
    rule: 'RFC 3261 §10.2.2',
    paraphrase: 'Contact: * removes all bindings',
    expectedFailure: 'Kamailio removes them after 10 s, ticket OPS-812',
    reasonCode: 'known-deviation',
  }),
}

function outcome(scenario: ScenarioResult): ScenarioResult {
  const check = BROKEN[scenario.id]
  if (check?.expectedFailure !== undefined) {
    const reason = `known deviation: ${check.expectedFailure}`
    return { ...scenario, verdict: 'warn', reason, reasonCode: 'known-deviation', checks: [...scenario.checks, check] }
  }
  if (check) {
    const reason = `${check.paraphrase}: ${check.actual}`
    return { ...scenario, verdict: 'fail', reason, reasonCode: 'rule-broken', checks: [...scenario.checks, check] }
  }

  switch (scenario.id) {
    case 'flapping/displace':
      return undecided(scenario, 'foreign-hands', 'somebody else used the account alice during the run')
    case 'services/caller-id-off':
      return undecided(scenario, 'call-refused', 'the code *10 was refused with 480')
    case 'dialog/hold-resume':
      return undecided(scenario, 'call-refused', `alice’s call was rejected with 403 ${HOSTILE[1]}`)
    case 'proxy/cancel':
      return {
        ...scenario,
        verdict: 'error',
        reason: "TypeError: cannot read properties of undefined (reading 'tag')",
        reasonCode: 'scenario-defect',
        defect: {
          message: "cannot read properties of undefined (reading 'tag')",
          file: 'scenarios/proxy/cancel.ts',
          line: 41,
        },
        checks: [],
      }
    default:
      return scenario
  }
}

function undecided(scenario: ScenarioResult, reasonCode: 'foreign-hands' | 'call-refused', reason: string) {
  return { ...scenario, verdict: 'inconclusive' as const, reason, reasonCode, checks: [] }
}

function findings(scenarios: readonly ScenarioResult[], signs: readonly VitalSign[]): Finding[] {
  const common = { severity: 'fail', provider: [], evidence: [] } as const
  const rule = (check: CheckResult, scenario: string) => ({
    rule: `${check.level} ${check.rule}: ${check.paraphrase}`,
    expected: check.expected,
    actual: check.actual,
    broken: [
      {
        check: check.id,
        level: check.level,
        rule: check.rule,
        paraphrase: check.paraphrase ?? '',
        expected: check.expected,
        actual: check.actual,
        gravity: check.gravity,
        cause: check.cause ?? scenario,
        ...(check.expectedFailure === undefined ? {} : { expectedFailure: check.expectedFailure }),
        scenarios: placesOf(scenarios, scenario),
      },
    ],
  })
  const of = (id: string) => {
    const check = BROKEN[id]
    if (!check) throw new Error(id)
    return {
      ...common,
      provider: [],
      evidence: [],
      kind: 'rule' as const,
      scenarios: placesOf(scenarios, id),
      ...rule(check, id),
    }
  }
  return [
    {
      ...common,
      provider: ['EP-2'],
      evidence: [],
      id: 'certificate-expired',
      kind: 'vital-sign',
      gravity: 'outage',
      title: 'No telephone can connect over TLS: the certificate expired on 2026-02-28',
      harm: 'No telephone can connect over TLS: the certificate expired on 2026-02-28. Telephones set to TLS are offline.',
      advice: 'Renew the certificate of secure.ringproof.test and reload the TLS listener.',
      scenarios: signs
        .filter(({ code }) => code === 'certificate-expired')
        .map(({ id, variant }) => ({ scenario: id, ...variant })),
      where: { transports: ['tls'], text: 'only TLS, over IPv4 and IPv6' },
      reach: { step: 'register', showed: 2, of: 2 },
      blocks: 25,
      rank: 0,
      expected: 'a valid certificate',
      actual: DEAD,
    },
    {
      ...common,
      provider: [],
      evidence: [],
      id: 'registration-refused',
      kind: 'vital-sign',
      gravity: 'outage',
      title: 'Account bob cannot log in: 403 Forbidden',
      harm: 'Account bob cannot log in: 403 Forbidden. Its telephones are offline.',
      advice: 'Check the password of bob in the target file.',
      scenarios: [{ scenario: 'survey/account', transport: 'udp', family: 'ipv4' }],
      where: { text: 'account bob' },
      reach: { step: 'register', showed: 1, of: 2 },
      rank: 1,
    },
    {
      ...of('media/echo'),
      id: 'no-audio',
      gravity: 'outage',
      title: 'Callers hear nothing',
      harm: 'Callers hear nothing. They hang up and call again.',
      advice: 'Check that rtpengine is running on relay-3 and that its ports are open.',
      evidence: ['evidence/media_echo_udp_ipv4.pcapng'],
      where: { relays: ['relay-3'], text: 'only through relay-3 (127.0.0.158)' },
      reach: { step: 'talk', showed: 12, of: 14 },
      consequences: [
        { title: 'Digits pressed during a call do not arrive', scenarios: placesOf(scenarios, 'dtmf/told-back') },
        {
          title: `RTCP is missing ${HOSTILE[1]}`,
          scenarios: [{ scenario: 'media/echo', transport: 'udp', family: 'ipv4' }],
        },
      ],
      rank: 2,
    },
    {
      ...of('security/foreign-from'),
      id: 'identity-spoofed',
      gravity: 'exposure',
      title: 'Any customer can call under any other customer’s number',
      harm: 'Any customer can call under any other customer’s number. Fraudsters use it for calls in the name of banks.',
      advice: 'Compare From and P-Preferred-Identity with the numbers of the account that logged in.',
      reach: { step: 'call', showed: 2, of: 2 },
      rank: 3,
    },
    {
      ...of('proxy/max-forwards'),
      id: 'proxy/max-forwards',
      gravity: 'letter',
      title: 'Forwarding loops are reported with the wrong status',
      harm: 'Forwarding loops are reported with the wrong status. Only administrators who search for a loop notice.',
      advice: 'In Kamailio, answer with 483 where mf_process_maxfwd_header fails.',
      reach: { showed: 3, of: 3 },
      rank: 4,
    },
    {
      ...of('registrar/unregister-all'),
      id: 'registrar/unregister-all',
      severity: 'warn',
      gravity: 'harm',
      title: 'Telephones that log off stay listed',
      rank: 5,
    },
    {
      id: 'FOREIGN-HANDS',
      kind: 'foreign-hands',
      severity: 'warn',
      gravity: 'harm',
      title: 'Somebody else used account alice during the run',
      provider: [],
      evidence: [],
      harm: '2 results are inconclusive: what was seen may be the other user’s doing.',
      advice: 'Stop the other user, or give this run accounts of its own; then run again.',
      scenarios: placesOf(scenarios, 'flapping/displace'),
      actual: 'alice was registered by another device (sip:alice@203.0.113.99:5060)',
      rank: 6,
    },
    {
      id: 'proxy/cancel',
      kind: 'defect',
      severity: 'warn',
      gravity: 'letter',
      title: 'The scenario proxy/cancel has a defect',
      provider: [],
      evidence: [],
      scenarios: placesOf(scenarios, 'proxy/cancel'),
      rank: 7,
    },
  ]
}

/** What the expired certificate blocks. */
function blocked(good: RunResult): NotRun[] {
  return good.scenarios
    .filter(({ variant }) => variant.transport === 'tls')
    .map(({ id, title, area, variant }) => ({
      id,
      title,
      area,
      variants: [variant],
      kind: 'blocked' as const,
      why: DEAD,
      blockedBy: 'certificate-expired',
    }))
}

export function surveyedRun(): RunResult {
  const good = passingRun()
  const signs = vitalSigns()
  const scenarios = good.scenarios.filter(({ variant }) => variant.transport !== 'tls').map(outcome)
  const { load: _load, ...rest } = good
  return {
    ...rest,
    command: 'run',
    repeat: 'npx ringproof run --target targets/kamailio.yaml --seed 7',
    target: { ...good.target, name: 'kamailio', file: 'targets/kamailio.yaml', software: ['Kamailio 5.8.1'] },
    verdict: 'fail',
    exitCode: 1,
    sentence:
      'Not fit for release: no telephone can connect over TLS: the certificate expired on 2026-02-28. Calls over UDP and TCP have no audio through relay-3. And 2 more problems.',
    survey: { durationMs: 1840, vitalSigns: signs, facts: [...FACTS] },
    scenarios,
    findings: findings(scenarios, signs),
    notRun: [...good.notRun, ...blocked(good)],
  }
}

/** The card of what a standing check is known to find. */
export function knownOfStandingCheck({ scenarios }: RunResult): Finding {
  const places = placesOf(scenarios, 'media/echo')
  return {
    id: 'to-tag-changed',
    kind: 'standing-check',
    severity: 'warn',
    gravity: 'letter',
    title: 'Repeated responses carry another To tag',
    provider: [],
    evidence: [],
    scenarios: places,
    broken: [
      {
        check: 'EXAM-TAGS',
        level: 'MUST',
        rule: 'RFC 3261 §8.2.6.2',
        paraphrase: 'A repeated response carries another To tag',
        expected: '407 with the tag a again',
        actual: 'b',
        expectedFailure: 'it keeps no state',
        gravity: 'letter',
        cause: 'to-tag-changed',
        scenarios: places,
      },
    ],
  }
}
