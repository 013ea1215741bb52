/** Fabricated results of runs, for the report's tests and for looking at the page. Deterministic; no clock, no randomness. */
import type { Verdict } from '../../../src/result/terms.js'
import type { CheckResult, Ladder, LadderArrow, Picture, ScenarioResult } from '../../../src/result/scenario-result.js'
import type { Finding } from '../../../src/result/finding.js'
import type { Distribution, LoadResult } from '../../../src/result/load-result.js'
import type { RunResult } from '../../../src/result/result.js'

const AREAS: readonly [string, string][] = [
  ['registrar', 'Registration'],
  ['digest', 'Log-in (digest)'],
  ['retransmission', 'Retransmission on UDP'],
  ['tcp', 'Signalling over TCP'],
  ['tls', 'Signalling over TLS'],
  ['srtp', 'Encrypted audio (SRTP)'],
  ['ipv6', 'IPv6'],
  ['nat', 'Devices behind NAT'],
  ['flapping', 'Two devices, one account'],
  ['proxy', 'Call routing (proxy)'],
  ['dialog', 'Calls in progress'],
  ['dtmf', 'Keypad tones (DTMF)'],
  ['media', 'Audio'],
  ['services', 'Service numbers'],
  ['dns', 'Finding the servers (DNS, STUN)'],
  ['security', 'Fraud and privacy'],
]

const ROWS: readonly [string, string][] = [
  ['EP-1', 'Registrar and outbound proxy, UDP and TCP'],
  ['EP-2', 'Encrypted signalling (TLS) with encrypted audio (SRTP), under a name of its own'],
  ['EP-4', 'Media relays, IPv4'],
  ['EP-7', 'Time server (NTP)'],
  ['EP-10', 'Keypad tones as telephone events'],
  ['BH-1', 'Calls over UDP: repeats, ringing, answer, acknowledgement'],
  ['BH-6', 'Audio keys travel in the signalling: readable without TLS'],
  ['BH-7', 'Only TLS and SRTP together protect a call, on IPv4 and IPv6'],
  ['BH-9', 'Devices behind NAT stay reachable while they keep the path open'],
  ['BH-10', 'One account, one device: two displace each other'],
  ['BH-13', 'All packets come from the published addresses'],
  ['SC-3', 'Keypad test: digits are told back'],
  ['SC-4', 'Echo test: the caller hears itself'],
  ['SC-15', 'Wake-up call, and a second one five minutes later'],
]

const SUBJECTS: readonly { id: string; area: string; title: string; provider: string[]; over: string[] }[] = [
  {
    id: 'registrar/refresh-replaces',
    area: 'registrar',
    title: 'A refresh replaces the binding and does not add one',
    provider: ['EP-1', 'BH-10'],
    over: ['udp4', 'udp6', 'tcp4', 'tcp6', 'tls4', 'tls6'],
  },
  {
    id: 'registrar/expires-in-contact',
    area: 'registrar',
    title: 'Each contact of a 200 says how long it lasts',
    provider: ['EP-1'],
    over: ['udp4', 'tcp4', 'tls4'],
  },
  {
    id: 'registrar/unregister-all',
    area: 'registrar',
    title: 'A star with nought seconds takes all bindings away',
    provider: ['EP-1'],
    over: ['udp4', 'tcp4', 'tls4', 'udp6'],
  },
  {
    id: 'digest/stale-nonce',
    area: 'digest',
    title: 'A nonce that is too old is answered by a new one, marked stale',
    provider: ['EP-1'],
    over: ['udp4', 'tls4'],
  },
  {
    id: 'digest/wrong-password',
    area: 'digest',
    title: 'A wrong password is refused and registers nothing',
    provider: ['EP-1'],
    over: ['udp4', 'udp6', 'tcp4', 'tls4'],
  },
  {
    id: 'retransmission/lost-200-is-resent',
    area: 'retransmission',
    title: 'A 200 whose ACK is lost is sent again, at growing intervals',
    provider: ['BH-1'],
    over: ['udp4', 'udp6'],
  },
  {
    id: 'retransmission/request-absorbed',
    area: 'retransmission',
    title: 'The same request twice gets the same answer twice',
    provider: ['BH-1'],
    over: ['udp4', 'udp6'],
  },
  {
    id: 'tcp/split-message',
    area: 'tcp',
    title: 'A message that comes in pieces is put together',
    provider: ['EP-1'],
    over: ['tcp4', 'tcp6'],
  },
  {
    id: 'tls/name-in-certificate',
    area: 'tls',
    title: 'The certificate names the server that was dialled',
    provider: ['EP-2'],
    over: ['tls4', 'tls6'],
  },
  {
    id: 'srtp/keys-differ',
    area: 'srtp',
    title: 'Each direction and each call has a key of its own',
    provider: ['BH-6', 'BH-7'],
    over: ['tls4', 'tls6', 'udp4'],
  },
  {
    id: 'ipv6/media-on-ipv6',
    area: 'ipv6',
    title: 'A call over IPv6 has its audio on IPv6',
    provider: ['EP-4'],
    over: ['udp6', 'tcp6', 'tls6'],
  },
  {
    id: 'nat/keep-alive',
    area: 'nat',
    title: 'A device behind NAT stays reachable with keep-alives',
    provider: ['BH-9'],
    over: ['udp4'],
  },
  {
    id: 'nat/symmetric-response',
    area: 'nat',
    title: 'Answers go to the address and port that the request came from',
    provider: ['BH-9'],
    over: ['udp4'],
  },
  {
    id: 'flapping/displace',
    area: 'flapping',
    title: 'Two devices with one account displace each other: never both',
    provider: ['BH-10'],
    over: ['udp4', 'tcp4'],
  },
  {
    id: 'proxy/max-forwards',
    area: 'proxy',
    title: 'A request with no hops left is answered with 483',
    provider: ['EP-1'],
    over: ['udp4', 'tcp4', 'tls4'],
  },
  {
    id: 'proxy/record-route',
    area: 'proxy',
    title: 'Later requests of a call take the way of the first',
    provider: ['EP-1'],
    over: ['udp4', 'udp6', 'tcp4', 'tls4'],
  },
  {
    id: 'proxy/cancel',
    area: 'proxy',
    title: 'A call that is taken back stops ringing everywhere',
    provider: ['BH-1'],
    over: ['udp4', 'tcp4', 'tls4'],
  },
  {
    id: 'dialog/hold-resume',
    area: 'dialog',
    title: 'A call is held and taken up again',
    provider: ['EP-1'],
    over: ['udp4', 'tcp4', 'tls4', 'tls6'],
  },
  {
    id: 'dialog/bye-from-callee',
    area: 'dialog',
    title: 'Either side can hang up',
    provider: ['BH-1'],
    over: ['udp4', 'udp6', 'tcp4', 'tls4'],
  },
  {
    id: 'dtmf/told-back',
    area: 'dtmf',
    title: 'Digits are told back as they were sent',
    provider: ['SC-3', 'EP-10'],
    over: ['udp4', 'tls4'],
  },
  {
    id: 'media/echo',
    area: 'media',
    title: 'The echo test plays back what was said',
    provider: ['SC-4', 'EP-4'],
    over: ['udp4', 'udp6', 'tcp4', 'tls4', 'tls6'],
  },
  {
    id: 'media/published-relays',
    area: 'media',
    title: 'Audio comes from the published relays only',
    provider: ['EP-4', 'BH-13'],
    over: ['udp4', 'tls4'],
  },
  {
    id: 'services/caller-id-off',
    area: 'services',
    title: 'With *10 the number is no longer shown',
    provider: ['EP-1'],
    over: ['udp4'],
  },
  {
    id: 'dns/srv-leads-to-servers',
    area: 'dns',
    title: 'SRV and NAPTR records lead to servers that answer',
    provider: ['EP-1'],
    over: ['udp4', 'tcp4', 'tls4'],
  },
  {
    id: 'security/eavesdropper',
    area: 'security',
    title: 'What someone on the path can read',
    provider: ['BH-6', 'BH-7'],
    over: ['udp4', 'tls4', 'tls6'],
  },
  {
    id: 'security/foreign-from',
    area: 'security',
    title: 'Nobody calls under another customer’s number',
    provider: ['EP-1'],
    over: ['udp4', 'tls4'],
  },
]

export const HOSTILE = [
  '</script><script>window.hacked = 1</script>',
  '<img src=x onerror="window.hacked = 2">',
  '" autofocus onfocus="window.hacked = 3',
  "' onmouseover='window.hacked = 4",
  '<!-- <script> ]]> {{7*7}} ${7*7}',
  'admin\u202egnp.exe\u2066 \u200bzero',
  '\u0000\u0007\u001b[31mred\u001b[0m\u009b',
  'javascript:window.hacked=5',
  '\ud800 lone surrogate',
]

function variantOf(short: string): { transport: string; family: string } {
  return { transport: short.slice(0, 3), family: `ipv${short.slice(3)}` }
}

interface MessageOptions {
  readonly first: string
  readonly call: number
  readonly cseq: string
  readonly extra?: readonly string[]
  readonly sdp?: boolean
}

function message({ first, call, cseq, extra = [], sdp = false }: MessageOptions): string {
  const body = sdp
    ? [
        'v=0',
        `o=- ${1000 + call} 1 IN IP4 127.0.0.1`,
        's=-',
        'c=IN IP4 127.0.0.156',
        't=0 0',
        `m=audio ${20000 + call * 2} RTP/AVP 8 0 101`,
        'a=rtpmap:8 PCMA/8000',
        'a=rtpmap:101 telephone-event/8000',
        'a=ptime:20',
        '',
      ].join('\r\n')
    : ''
  return [
    first,
    `Via: SIP/2.0/UDP 127.0.0.1:${40000 + call};branch=z9hG4bK${(call * 7919).toString(36)}x${cseq.length};rport`,
    `From: "Alice" <sip:alice@ringproof.test>;tag=${(call * 104_729).toString(36)}`,
    `To: <sip:00038799999@ringproof.test>`,
    `Call-ID: ${(call * 15_485_863).toString(36)}@127.0.0.1`,
    `CSeq: ${cseq}`,
    'Max-Forwards: 70',
    `Contact: <sip:alice@127.0.0.1:${40000 + call}>`,
    ...extra,
    ...(sdp ? ['Content-Type: application/sdp'] : []),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

export function ladderOf(call: number, extra: readonly string[] = []): Ladder {
  const target = 'embedded'
  const sip = (
    atMs: number,
    from: string,
    to: string,
    label: string,
    options: Omit<MessageOptions, 'first' | 'call'>,
  ): LadderArrow => ({
    atMs,
    from,
    to,
    label,
    kind: 'sip',
    transport: 'udp',
    message: message({
      first: /^\d/.test(label) ? `SIP/2.0 ${label}` : `${label} sip:00038799999@ringproof.test SIP/2.0`,
      call,
      ...options,
    }),
  })
  const lost = sip(1620.4, target, 'alice', '200 OK', { cseq: '2 INVITE', sdp: true })
  return {
    lanes: ['alice', 'bob', target],
    arrows: [
      sip(0.6, 'alice', target, 'REGISTER', { cseq: '1 REGISTER' }),
      sip(3.1, target, 'alice', '401 Unauthorized', {
        cseq: '1 REGISTER',
        extra: ['WWW-Authenticate: Digest realm="ringproof.test", nonce="f3a1", algorithm=SHA-256, qop="auth"'],
      }),
      sip(5.2, 'alice', target, 'REGISTER', {
        cseq: '2 REGISTER',
        extra: ['Authorization: Digest username="alice", response="****************"'],
      }),
      sip(8.9, target, 'alice', '200 OK', { cseq: '2 REGISTER' }),
      { atMs: 9.5, from: 'alice', to: target, label: 'TCP connect', kind: 'note' },
      sip(1502.2, 'alice', target, 'INVITE', { cseq: '1 INVITE', sdp: true }),
      sip(1504.9, target, 'alice', '407 Proxy Authentication Required', { cseq: '1 INVITE' }),
      sip(1506.1, 'alice', target, 'ACK', { cseq: '1 ACK' }),
      sip(1507.4, 'alice', target, 'INVITE', { cseq: '2 INVITE', sdp: true, extra }),
      sip(1509.8, target, 'bob', 'INVITE', { cseq: '2 INVITE', sdp: true, extra }),
      sip(1512.2, 'bob', target, '180 Ringing', { cseq: '2 INVITE' }),
      sip(1514.6, target, 'alice', '180 Ringing', { cseq: '2 INVITE' }),
      sip(1618.0, 'bob', target, '200 OK', { cseq: '2 INVITE', sdp: true }),
      { ...lost, lost: true },
      { ...lost, atMs: 2121.9, again: true },
      { ...lost, atMs: 3123.4, again: true },
      sip(3125.0, 'alice', target, 'ACK', { cseq: '2 ACK' }),
      {
        atMs: 3130.2,
        from: 'alice',
        to: target,
        label: '612 RTP packets in 12.2 s to 127.0.0.156:20002',
        kind: 'rtp',
        transport: 'udp',
      },
      {
        atMs: 3131.7,
        from: target,
        to: 'alice',
        label: '611 RTP packets in 12.2 s from 127.0.0.156:20002',
        kind: 'rtp',
        transport: 'udp',
      },
      sip(15_380.2, 'bob', target, 'BYE', { cseq: '1 BYE' }),
      sip(15_383.0, target, 'alice', 'BYE', { cseq: '1 BYE' }),
      sip(15_384.8, 'alice', target, '200 OK', { cseq: '1 BYE' }),
      sip(15_386.2, target, 'bob', '200 OK', { cseq: '1 BYE' }),
    ],
  }
}

function passingChecks(call: number): CheckResult[] {
  return [
    {
      id: 'answered',
      level: 'MUST',
      gravity: 'harm',
      rule: 'RFC 3261 §10.3',
      verdict: 'pass',
      expected: 'a final answer within 32 s',
      actual: `200 after ${3 + (call % 5)} ms`,
      paraphrase: 'Every request gets a final answer.',
      arrow: 3,
    },
    {
      id: 'via-copied',
      level: 'MUST',
      gravity: 'harm',
      rule: 'RFC 3261 §8.2.6.2',
      verdict: 'pass',
      expected: 'the Via of the request',
      actual: 'the same',
      paraphrase: 'An answer carries the Via fields of its request, in their order.',
    },
    {
      id: 'growing-intervals',
      level: 'SHOULD',
      gravity: 'harm',
      rule: 'RFC 3261 §13.3.1.4',
      verdict: 'pass',
      expected: '500 ms, then doubling',
      actual: '501 ms, 1002 ms',
      paraphrase: 'A 200 is repeated at doubling intervals until its ACK comes.',
      arrow: 14,
    },
  ]
}

function scenarioOf(subject: (typeof SUBJECTS)[number], over: string, call: number): ScenarioResult {
  const variant = variantOf(over)
  return {
    id: subject.id,
    title: subject.title,
    area: subject.area,
    purposes: [subject.id.toUpperCase().replace('/', '-')],
    provider: subject.provider,
    variant,
    verdict: 'pass',
    reason: '',
    durationMs: 812 + call * 137,
    startedAtMs: 40 + call * 3,
    checks: passingChecks(call),
    evidence: [`evidence/${subject.id.replace('/', '_')}_${variant.transport}_${variant.family}.pcapng`],
    story: [
      { atMs: 0.6, text: 'alice registers' },
      { atMs: 8.9, text: 'alice is registered for 300 s' },
      { atMs: 1502.2, text: 'alice calls bob' },
      { atMs: 1618, text: 'bob answers; the first 200 is swallowed before it reaches alice' },
      { atMs: 3125, text: 'alice has the call' },
      { atMs: 15_380.2, text: 'bob hangs up' },
    ],
    ladder: ladderOf(call),
    catches: ['no-retransmission-of-200', 'acks-swallowed'],
    repeat: `npx ringproof run --seed 7 --only ${subject.id} --transport ${variant.transport} --family ${variant.family}`,
    harm: 'Callers hear nothing for some seconds after the answer, or the call drops.',
    advice: 'Ask the provider whether its proxy keeps state for calls on UDP.',
    file: `scenarios/${subject.id}.ts`,
  }
}

const TIMELINE: Picture = {
  kind: 'timeline',
  title: 'Who was reachable when, with one account on two devices',
  durationMs: 62_000,
  lanes: [
    {
      name: 'desk phone',
      segments: [
        { fromMs: 0, toMs: 12_000, state: 'reachable' },
        { fromMs: 12_000, toMs: 30_000, state: 'unreachable', note: 'displaced' },
        { fromMs: 30_000, toMs: 47_000, state: 'reachable' },
        { fromMs: 47_000, toMs: 62_000, state: 'unreachable' },
      ],
    },
    {
      name: 'mobile',
      segments: [
        { fromMs: 0, toMs: 12_000, state: 'unknown' },
        { fromMs: 12_000, toMs: 30_000, state: 'reachable' },
        { fromMs: 30_000, toMs: 47_000, state: 'unreachable' },
        { fromMs: 47_000, toMs: 62_000, state: 'reachable' },
      ],
    },
  ],
  marks: [
    { atMs: 12_000, lane: 'mobile', label: 'registers' },
    { atMs: 30_000, lane: 'desk phone', label: 'refreshes its registration' },
    { atMs: 47_000, lane: 'mobile', label: 'refreshes its registration' },
  ],
}

const IDLE: Picture = {
  kind: 'idle',
  title: 'Calls to a device behind NAT after so long without traffic',
  points: [15, 25, 35, 45, 55, 65, 75, 90, 120].map((seconds) => ({ idleMs: seconds * 1000, answered: seconds < 60 })),
}

const LEAK: Picture = {
  kind: 'table',
  title: 'What someone on the path reads',
  columns: ['Signalling and audio', 'Numbers', 'Audio keys', 'Audio', 'Keypad tones'],
  rows: [
    ['UDP, RTP', 'readable', 'none in use', 'readable', 'readable'],
    ['UDP, SRTP', 'readable', 'readable', 'readable, with the keys', 'readable, with the keys'],
    ['TLS, RTP', 'hidden', 'none in use', 'readable', 'readable'],
    ['TLS, SRTP', 'hidden', 'hidden', 'hidden', 'hidden'],
  ],
}

function withPictures(scenario: ScenarioResult): ScenarioResult {
  const picture = { 'nat/keep-alive': IDLE, 'flapping/displace': TIMELINE, 'security/eavesdropper': LEAK }[scenario.id]
  return picture && scenario.variant.transport === 'udp' ? { ...scenario, pictures: [picture] } : scenario
}

function distribution(middle: number, spread: number): Distribution {
  const buckets = Array.from({ length: 30 }, (_, index) => {
    const le = Number((middle * 0.4 * 1.12 ** index).toFixed(3))
    const distance = (index - 8) / spread
    return { le, count: Math.round(4000 * Math.exp(-distance * distance) + (index > 22 ? 3 : 0)) }
  })
  return {
    count: buckets.reduce((sum, bucket) => sum + bucket.count, 0),
    min: middle * 0.42,
    p50: middle,
    p90: middle * 1.5,
    p95: middle * 1.8,
    p99: middle * 3.1,
    max: middle * 9.6,
    buckets,
  }
}

export function goodLoad(): LoadResult {
  const seconds = Array.from({ length: 120 }, (_, second) => second)
  const wave = (second: number) => Math.sin(second / 7) + Math.sin(second / 2.3) / 3
  return {
    profile: 'load',
    valid: true,
    generator: {
      sendLatenessP99Ms: 0.8,
      eventLoopLagP99Ms: 2.1,
      problems: [],
      cpuPercent: 61,
      socketDrops: 0,
      workers: 2,
    },
    calls: {
      started: 1000,
      completed: 1000,
      failed: 0,
      oneWay: 0,
      twoWay: 1000,
      wrongAudio: 0,
      interrupted: 0,
      peakConcurrent: 312,
      byStatus: { '200': 1000 },
    },
    relays: Array.from({ length: 5 }, (_, index) => ({
      name: `relay-${index + 1}`,
      address: `127.0.0.${156 + index}`,
      calls: 196 + ((index * 7) % 11),
      packetsSent: 98_000 + index * 1300,
      packetsReceived: 97_998 + index * 1300,
      packetsLost: index === 3 ? 41 : 2,
      jitterP95Ms: 0.4 + index * 0.07,
      oneWayCalls: 0,
      mosP5: 4.37 - index * 0.01,
      wrongAudioCalls: 0,
      twoWayCalls: 196 + ((index * 7) % 11),
      published: true,
      worst: {
        id: `load-2-${400 + index}`,
        why: 'most packets lost',
        packetsSent: 500,
        packetsReceived: 498,
        packetsLost: 2,
        jitterMs: 0.9,
        mos: 4.31,
        startedAtMs: 33_000 + index * 900,
        evidence: [],
      },
    })),
    series: seconds.map((second) => ({
      atMs: second * 1000,
      activeCalls: Math.round(Math.min(second * 10, 300) + wave(second) * 8),
      setupP95Ms: 14 + wave(second) * 3,
      lossPercent: second === 71 ? 1.4 : 0,
      jitterP95Ms: 0.5 + Math.abs(wave(second)) / 8,
      ...(second > 2 ? { mosP5: second === 71 ? 3.9 : 4.38 } : {}),
      sendLatenessP99Ms: 0.7 + Math.abs(wave(second)) / 9,
      eventLoopLagMs: 1.4 + Math.abs(wave(second)) / 2,
    })),
    incidents: [],
    setupDelayMs: distribution(11, 4),
    jitterMs: distribution(0.5, 5),
    roundTripMs: distribution(1.2, 3),
    thresholds: [
      { metric: 'sip_call_success', condition: 'rate>=0.999', ok: true },
      { metric: 'sip_session_request_delay', condition: 'p(95)<250', ok: true },
      { metric: 'dropped_iterations', condition: 'count==0', ok: true },
    ],
    reconciliation: [
      { what: 'calls started', k6: 1000, agents: 1000, ok: true },
      { what: 'calls completed', k6: 1000, agents: 1000, ok: true },
    ],
    k6: { version: 'v2.2.0', exitCode: 0, iterations: 100, droppedIterations: 0 },
    order: {
      calls: 1000,
      rate: 10,
      holdS: 30,
      durationS: 100,
      transport: 'udp',
      codec: 'PCMA',
      srtp: false,
      to: 'echo',
    },
  }
}

function badLoad(): LoadResult {
  const load = goodLoad()
  const [first, second, third, fourth] = load.relays
  if (!first || !second || !third || !fourth) throw new Error('five relays')
  return {
    ...load,
    calls: {
      ...load.calls,
      completed: 961,
      failed: 39,
      oneWay: 22,
      twoWay: 935,
      wrongAudio: 4,
      byStatus: { '200': 961, '486': 3, '503': 36 },
    },
    relays: [
      first,
      {
        ...second,
        packetsLost: 1960,
        packetsReceived: 96_040,
        jitterP95Ms: 21.4,
        mosP5: 3.42,
        worst: {
          id: 'load-1-207',
          why: `lost every 50th packet; ${HOSTILE[1]}`,
          packetsSent: 500,
          packetsReceived: 440,
          packetsLost: 60,
          jitterMs: 31.2,
          mos: 2.9,
          startedAtMs: 41_000,
          evidence: ['evidence/load-1-207.pcapng'],
        },
      },
      { ...third, oneWayCalls: 22, wrongAudioCalls: 4 },
      {
        ...fourth,
        packetsReceived: 0,
        packetsLost: 99_000,
        jitterP95Ms: 0,
        worst: {
          id: 'load-1-311',
          why: 'nothing was heard',
          packetsSent: 500,
          packetsReceived: 0,
          packetsLost: 500,
          evidence: [],
        },
      },
      {
        name: 'unknown-1',
        address: '127.0.0.199',
        calls: 12,
        packetsSent: 6000,
        packetsReceived: 6000,
        packetsLost: 0,
        jitterP95Ms: 0.5,
        oneWayCalls: 0,
        published: false,
      },
    ],
    incidents: [
      { atMs: 41_000, text: 'loss above 1 %', relay: 'relay-2' },
      { atMs: 71_400, text: `answers 503: ${HOSTILE[0]}` },
      { atMs: 71_600, text: 'setup delay above 250 ms' },
      { atMs: 96_000, text: 'no packet from it any more', relay: 'relay-4' },
    ],
    thresholds: [
      { metric: 'sip_call_success', condition: 'rate>=0.999', ok: false, measured: 0.961 },
      { metric: 'sip_session_request_delay', condition: 'p(95)<250', ok: true },
    ],
    reconciliation: [{ what: 'calls completed', k6: 958, agents: 961, ok: false }],
  }
}

function base(): RunResult {
  return {
    schemaVersion: 2,
    ringproof: '0.1.0',
    command: 'start',
    startedAt: '2026-03-11T06:52:35.412Z',
    endedAt: '2026-03-11T06:55:21.004Z',
    seed: 7,
    clock: 'wall',
    target: {
      name: 'embedded',
      file: 'embedded',
      domain: 'ringproof.test',
      endpoints: ['udp 127.0.0.71:5060', 'tcp 127.0.0.71:5060', 'tls 127.0.0.72:5061', 'udp [::1]:5060'],
      software: ['ringproof provider 0.1.0'],
      relays: [{ name: 'relay-1', addresses: ['127.0.0.156'] }],
    },
    verdict: 'pass',
    sentence:
      'Calls work on UDP, TCP and TLS over IPv4 and IPv6: 78 of 78 scenarios held. Under load all 1000 calls had audio in both directions through 5 relays.',
    exitCode: 0,
    scenarios: [],
    notRun: [],
    findings: [],
    repeat: 'npm start -- --seed 7',
    environment: {
      node: 'v22.14.0',
      platform: 'linux 6.8.0',
      k6: 'v2.2.0',
      cpus: 2,
      seenFrom: ['127.0.0.1', '::1'],
      nat: 'no NAT on the way',
      timezone: 'Europe/Berlin',
    },
    notAskedFor: ['NTP (ntp)', 'mailbox (services.mailbox)'],
    areas: AREAS.map(([id, title]) => ({ id, title })),
    providerRows: ROWS.map(([id, text]) => ({ id, text })),
    noise: [],
  }
}

/** Every scenario in every variant held; load held too. */
export function passingRun(): RunResult {
  const scenarios = SUBJECTS.flatMap((subject, index) =>
    subject.over.map((over, place) => withPictures(scenarioOf(subject, over, index * 6 + place))),
  )
  return {
    ...base(),
    scenarios,
    notRun: [
      {
        id: 'services/wake-up',
        kind: 'slow',
        why: 'takes 660 s',
        title: 'A wake-up call comes, and a second one after five minutes',
        area: 'services',
      },
      {
        id: 'proxy/timer-c',
        kind: 'slow',
        why: 'takes 200 s',
        title: 'A call that rings for ever is given up',
        area: 'proxy',
      },
      {
        id: 'dialog/session-timer',
        kind: 'slow',
        why: 'takes 110 s',
        title: 'A session that is not refreshed ends',
        area: 'dialog',
      },
      { id: 'retransmission/no-answer', kind: 'slow', why: 'takes 64 s', area: 'retransmission' },
    ],
    load: goodLoad(),
  }
}

/** Three causes of failure, each in several variants, warnings, an undecided scenario, and texts that want to harm the reader. */
export function faultyRun(): RunResult {
  const good = passingRun()
  const evil = `Subject: ${HOSTILE.join(' ')}`
  const long = `X-Long: ${'0123456789abcdef'.repeat(4096)}`
  const scenarios = good.scenarios.map((scenario, index): ScenarioResult => {
    const fail = (check: CheckResult, reason: string, verdict: Verdict = 'fail'): ScenarioResult => ({
      ...scenario,
      verdict,
      reason,
      checks: [...scenario.checks, check],
      ladder: ladderOf(index, [evil, long]),
    })
    switch (scenario.id) {
      case 'nat/keep-alive':
        return fail(
          {
            id: 'reachable-after-idle',
            level: 'MUST',
            gravity: 'harm',
            rule: 'BH-9',
            verdict: 'fail',
            expected: 'a call after 120 s rings',
            actual: 'no INVITE reached the device after 65 s and more',
            paraphrase: 'A device that keeps its path open stays reachable.',
          },
          'Deaf after 65 s',
        )
      case 'retransmission/lost-200-is-resent':
        return fail(
          {
            id: 'resent',
            level: 'MUST',
            gravity: 'harm',
            rule: 'RFC 3261 §13.3.1.4',
            verdict: 'fail',
            expected: 'the 200 again after 500 ms',
            actual: `nothing for 32 s. Server said: ${HOSTILE[0]} ${HOSTILE[5]}`,
            paraphrase: 'A 200 is sent again until its ACK comes.',
            arrow: 8,
            line: evil,
          },
          `The 200 was sent once. ${HOSTILE[1]}`,
        )
      case 'registrar/refresh-replaces':
        return fail(
          {
            id: 'one-binding',
            level: 'MUST',
            gravity: 'harm',
            rule: 'RFC 3261 §10.3',
            verdict: 'fail',
            expected: 'one Contact in the 200',
            actual: 'two: <sip:alice@127.0.0.1:40001>, <sip:alice@127.0.0.1:40000>',
            paraphrase: 'A refresh of the same contact replaces the binding.',
            arrow: 3,
            line: `Contact: <sip:alice@127.0.0.1:${40000 + index}>`,
          },
          'Both contacts are kept',
        )
      case 'srtp/keys-differ':
        return scenario.variant.transport === 'udp'
          ? fail(
              {
                id: 'EXAM-KEYS-IN-CLEAR',
                level: 'FINDING',
                gravity: 'harm',
                rule: 'BH-6',
                verdict: 'warn',
                expected: 'keys on TLS only',
                actual: 'a=crypto in an INVITE over UDP',
                arrow: 8,
              },
              '',
              'warn',
            )
          : scenario
      case 'services/caller-id-off':
        return {
          ...scenario,
          verdict: 'inconclusive',
          reason: 'The code was answered with 480, so nothing was switched.',
          checks: [],
        }
      case 'ipv6/media-on-ipv6':
        return { ...scenario, verdict: 'unsupported', reason: 'The target file has no IPv6 relay.', checks: [] }
      case 'proxy/record-route':
        return scenario.variant.transport === 'tls'
          ? { ...scenario, verdict: 'not applicable', reason: 'Call-ID changes on the way: a B2BUA.', checks: [] }
          : scenario
      case 'proxy/cancel':
        return scenario.variant.transport === 'tls'
          ? {
              ...scenario,
              verdict: 'error',
              reason: "TypeError: cannot read properties of undefined (reading 'tag')",
              checks: [],
              harm: '',
            }
          : scenario
      default:
        return scenario
    }
  })
  const seenIn = (id: string) =>
    scenarios.filter((one) => one.id === id).map((one) => ({ scenario: one.id, ...one.variant }))
  const findings: Finding[] = [
    {
      id: 'registrar/refresh-replaces#one-binding',
      kind: 'rule',
      gravity: 'harm',
      severity: 'fail',
      title: 'A refresh replaces the binding and does not add one: not so',
      provider: ['EP-1', 'BH-10'],
      evidence: ['evidence/registrar_refresh-replaces_udp_ipv4.pcapng'],
      harm: 'Customers whose router changed its port: their phone rings twice, or calls go to a dead address first and take seconds to ring.',
      advice: 'Ask the provider to match bindings by contact address and Call-ID when a registration is refreshed.',
      scenarios: seenIn('registrar/refresh-replaces'),
      count: 6,
      rule: 'MUST RFC 3261 §10.3: A refresh of the same contact replaces the binding.',
      expected: 'one Contact in the 200',
      actual: 'two: <sip:alice@127.0.0.1:40001>, <sip:alice@127.0.0.1:40000>',
      rank: 0,
    },
    {
      id: 'retransmission/lost-200-is-resent#resent',
      kind: 'rule',
      gravity: 'harm',
      severity: 'fail',
      title: 'A 200 whose ACK is lost is sent again, at growing intervals: not so',
      provider: ['BH-1'],
      evidence: [],
      harm: 'On lossy lines calls drop right after they are answered.',
      advice: 'Ask the provider whether its proxy keeps state for calls on UDP.',
      scenarios: seenIn('retransmission/lost-200-is-resent'),
      count: 2,
      rule: 'MUST RFC 3261 §13.3.1.4: A 200 is sent again until its ACK comes.',
      expected: 'the 200 again after 500 ms',
      actual: `nothing for 32 s. Server said: ${HOSTILE[0]} ${HOSTILE[5]}`,
      rank: 1,
    },
    {
      id: 'nat/keep-alive#reachable-after-idle',
      kind: 'rule',
      gravity: 'harm',
      severity: 'fail',
      title: 'A device behind NAT stays reachable with keep-alives: not so',
      provider: ['BH-9'],
      evidence: ['evidence/nat_keep-alive_udp_ipv4.pcapng'],
      harm: 'Customers behind a carrier’s NAT stop being reachable after 55 s.',
      advice: 'Set the devices’ keep-alive below 30 s; ask the provider to answer CRLF keep-alives.',
      scenarios: seenIn('nat/keep-alive'),
      count: 1,
      rule: 'MUST BH-9: A device that keeps its path open stays reachable.',
      expected: 'a call after 120 s rings',
      actual: 'no INVITE reached the device after 65 s and more',
      rank: 2,
    },
    {
      id: 'EXAM-KEYS-IN-CLEAR',
      kind: 'standing-check',
      gravity: 'harm',
      severity: 'warn',
      title: 'Audio keys in clear text',
      provider: ['BH-6'],
      evidence: [],
      harm: 'Anyone on the path can listen to calls that look encrypted.',
      advice: 'Use SRTP together with TLS only.',
      scenarios: seenIn('srtp/keys-differ').filter(({ transport }) => transport === 'udp'),
      count: 4,
      rule: 'BH-6',
      expected: 'keys on TLS only',
      actual: 'a=crypto in an INVITE over UDP',
      rank: 3,
    },
    {
      id: 'EXAM-REASON-PHRASE',
      scenarios: [],
      kind: 'standing-check',
      gravity: 'harm',
      severity: 'info',
      title: `Server header ${HOSTILE[2]}`,
      provider: [],
      evidence: ['../../etc/passwd', 'evidence/ok.pcapng', 'javascript:alert(1)'],
      rank: 4,
    },
  ]
  return {
    ...good,
    target: {
      ...good.target,
      name: `embedded ${HOSTILE[1]}`,
      software: [`Evil ${HOSTILE[0]} ${HOSTILE[5]}`, 'Fair/1.0'],
      faults: ['registrar-keeps-both', 'no-retransmission-of-200', 'nat-deaf'],
    },
    verdict: 'fail',
    exitCode: 1,
    sentence:
      'Not fit for release: customers whose router changed its port: their phone rings twice, or calls go to a dead address first. And 2 more problems. (62 of 78 scenarios held; 1 could not be decided.)',
    scenarios,
    findings,
    load: badLoad(),
    notRun: [...good.notRun, { id: 'evil/one', why: HOSTILE.join(' ') }],
    noise: [{ what: `garbage: ${HOSTILE[6]} ${HOSTILE[0]}`, count: 12, evidence: ['evidence/noise.pcapng'] }],
  }
}

/** Stopped by the user after some scenarios; the generator was too slow as well. */
export function interruptedRun(): RunResult {
  const good = passingRun()
  const load = goodLoad()
  return {
    ...good,
    verdict: 'interrupted',
    exitCode: 130,
    sentence: 'Interrupted: of what was tested, 12 of 12 scenarios held.',
    scenarios: good.scenarios.slice(0, 12),
    notRun: [
      ...good.notRun,
      ...good.scenarios.slice(12).map(({ id, title, area }) => ({
        id,
        kind: 'broken off' as const,
        why: 'interrupted before it began',
        title,
        area,
      })),
    ],
    load: {
      ...load,
      valid: false,
      generator: {
        ...load.generator,
        sendLatenessP99Ms: 81,
        eventLoopLagP99Ms: 130,
        problems: ['1 % of the packets left more than 81 ms late', 'event loop lag 130 ms'],
      },
      calls: { ...load.calls, interrupted: 212, completed: 788 },
    },
  }
}

/** Nothing answered. */
export function unreachableRun(): RunResult {
  return {
    ...base(),
    target: { name: 'kamailio', file: 'targets/kamailio.yaml' },
    command: 'run',
    verdict: 'inconclusive',
    exitCode: 3,
    sentence:
      'kamailio does not answer: udp 10.0.0.1:5060: no answer within 4 s. Check the target file’s endpoints, and that this machine may reach them.',
    repeat: 'npx ringproof run --target targets/kamailio.yaml',
  }
}

/** The least that the schema allows. */
export function emptyRun(): RunResult {
  return {
    schemaVersion: 2,
    ringproof: '0.1.0',
    command: 'run',
    startedAt: '2026-03-11T06:52:35.412Z',
    endedAt: '2026-03-11T06:52:35.412Z',
    seed: 1,
    clock: 'virtual',
    target: { name: 'x', file: 'x.yaml' },
    verdict: 'inconclusive',
    exitCode: 4,
    scenarios: [],
    notRun: [],
    findings: [],
  }
}

/** As many arrows as ladders have at most, all with text of their own: the bulkiest run that is usual. */
export function bulkyRun(): RunResult {
  const good = passingRun()
  return {
    ...good,
    scenarios: good.scenarios.map((scenario, index) => ({
      ...scenario,
      ladder: {
        lanes: ['alice', 'bob', 'embedded'],
        arrows: Array.from({ length: 160 }, (_, place): LadderArrow => {
          const call = index * 200 + place
          const arrows = ladderOf(call).arrows.filter((arrow) => arrow.message !== undefined)
          const arrow = arrows[place % arrows.length]
          if (!arrow) throw new Error('no arrow')
          return { ...arrow, atMs: place * 97.3 }
        }),
        omitted: 44,
      },
    })),
  }
}

/** A relay with trouble of all kinds, one that no call met, and one that is on no list. */
export function relaysMet(): NonNullable<RunResult['relays']> {
  const well = {
    calls: 12,
    listened: 0,
    oneWay: 0,
    wrong: 0,
    altered: 0,
    unrecognised: 0,
    packets: 0,
    expected: 0,
    lost: 0,
    gaps: 0,
  }
  const counted = { packets: 920, expected: 1_000, lost: 80, gaps: 80, lossAtLeast: 0.056, lossAtMost: 0.111 }
  return [
    {
      name: 'relay-1',
      published: true,
      directions: [
        { ...well, ...counted, to: 'caller', listened: 10, oneWay: 4, unrecognised: 1, jitterMs: 3 },
        { ...well, to: 'called' },
      ],
    },
    { name: 'relay-2', published: true, directions: [] },
    { name: '<hostile>', published: false, directions: [{ ...well, to: 'caller' }] },
  ]
}
