import { describe, expect, test } from 'vitest'
import { CallAdmission } from '../../../src/load/call-admission.js'
import { callIdsIn, PacketRing } from '../../../src/load/call-recorder.js'
import { distributionOf, percentile } from '../../../src/load/distribution.js'
import { incidentsOf } from '../../../src/load/incidents.js'
import { LoadTally } from '../../../src/load/load-tally.js'
import { reconcile, thresholdsOf } from '../../../src/load/reconciliation.js'
import { RelayTable } from '../../../src/load/relay-table.js'
import { droppingSockets } from '../../../src/load/socket-drops.js'
import { problemsOf } from '../../../src/verdict/load-validity.js'
import { targetSchema } from '../../../src/target/target-schema.js'
import { call, leg, NOTHING_RECEIVED, report } from './samples.js'

const document = targetSchema.parse({
  name: 'sample',
  domain: 'example.com',
  endpoints: { udp: { host: '127.0.0.71' } },
  accounts: [{ user: 'alice', password: 'secret' }],
  published: {
    relays: [
      { name: 'relay-1', addresses: ['127.0.0.156'], udp: ['10000-65535'] },
      { name: 'relay-2', addresses: ['127.0.0.157'], udp: ['10000-65535'] },
    ],
  },
})

describe('relays side by side', () => {
  test('one that no call went through stands there with zeros and no quality', () => {
    const [first, second] = new RelayTable(document).result(0, new Map())
    expect(first).toMatchObject({ name: 'relay-1', calls: 0 })
    expect(second?.mosP5).toBeUndefined()
    expect(second?.worst).toBeUndefined()
  })
  const ends = (deaf: 'caller' | 'callee') =>
    (['caller', 'callee'] as const).map((role) =>
      leg({
        role,
        relay: role === 'caller' ? 'relay-1' : 'relay-2',
        ...(role === deaf ? { report: report({ heard: [], received: NOTHING_RECEIVED }) } : {}),
      }),
    )
  test('what an end does not hear is booked on the relay of that end', () => {
    const table = new RelayTable(document)
    table.add(call({ far: 'account', legs: ends('callee') }))
    const [first, second] = table.result(0, new Map())
    expect(first).toMatchObject({ name: 'relay-1', calls: 1, oneWayCalls: 0, packetsReceived: 500 })
    expect(second).toMatchObject({ name: 'relay-2', calls: 1, oneWayCalls: 1, packetsReceived: 0 })
  })
  test('calls that were cut short, and audio that was not recognised, are held against no relay', () => {
    const table = new RelayTable(document)
    table.add(call({ far: 'account', legs: ends('caller') }), true)
    table.add(call({ legs: [leg({ report: report({ heard: [] }) })] }))
    expect(table.result(0, new Map()).map(({ oneWayCalls }) => oneWayCalls)).toEqual([0, 0])
  })
  test('sums, verdicts and the worst call with its evidence', () => {
    const table = new RelayTable(document)
    table.add(call({ id: 'good' }))
    table.add(
      call({
        id: 'deaf',
        callId: 'deaf@here',
        legs: [leg({ report: report({ heard: [], received: NOTHING_RECEIVED }) })],
      }),
    )
    table.add(call({ id: 'wrong', callId: 'x', legs: [leg({ relay: 'relay-2', report: report({ heard: [3] }) })] }))
    const [first, second] = table.result(1_000_000, new Map([['deaf', ['evidence/deaf.pcapng']]]))
    expect(first).toMatchObject({
      calls: 2,
      packetsSent: 1000,
      packetsReceived: 500,
      oneWayCalls: 1,
      twoWayCalls: 1,
      wrongAudioCalls: 0,
      worst: {
        id: 'deaf@here',
        why: 'the caller received no audio',
        evidence: ['evidence/deaf.pcapng'],
        startedAtMs: 0,
      },
    })
    expect(second).toMatchObject({ calls: 1, wrongAudioCalls: 1 })
  })
  test('each end counts where its audio went, the call at each relay that led one of its ends', () => {
    const table = new RelayTable(document)
    table.add(call({ far: 'account', legs: [leg(), leg({ role: 'callee', relay: 'relay-2' })] }))
    const [first, second] = table.result(0, new Map())
    expect([first?.calls, second?.calls]).toEqual([1, 1])
    expect([first?.packetsSent, second?.packetsSent]).toEqual([500, 500])
  })
  test('an address that is not published is remembered, whatever comes after', () => {
    const table = new RelayTable(document)
    table.add(call({ legs: [leg({ relay: '10.0.0.1', published: false })] }))
    table.add(call({ legs: [leg({ relay: '10.0.0.1', published: true })] }))
    expect(table.result(0, new Map()).find((row) => row.name === '10.0.0.1')?.published).toBe(false)
  })
})

test('the rate at which calls began is that of the first ones', () => {
  const sum = new LoadTally(document, 0)
  expect(sum.rateOfFirst(2)).toBeUndefined()
  for (const at of [1000, 1100, 1200, 1300, 9000]) sum.begun(0, at)
  expect(sum.rateOfFirst(4)).toBeCloseTo(10)
  expect(sum.rateOfFirst(6)).toBeUndefined()
})

describe('k6 against the agents', () => {
  const summary = {
    metrics: {
      sip_calls_started: { values: { count: 10 } },
      sip_calls_completed: { values: { count: 9 }, thresholds: { 'count>=10': { ok: false } } },
      rtp_packets_sent: { values: { count: 5000 } },
      rtp_packets_received: { values: { count: 5000 } },
    },
  }
  test('what agrees and what does not', () => {
    const agents = { started: 10, completed: 10, packetsSent: 5000, packetsReceived: 5000, packetsLost: 0 }
    expect(reconcile(summary, agents).map(({ what, ok }) => [what, ok])).toEqual([
      ['calls started', true],
      ['calls completed', false],
      ['packets sent', true],
      ['packets received', true],
      ['packets lost', true],
    ])
  })
  test('thresholds as k6 judged them, with what was measured where k6 says it', () => {
    const delay = {
      values: { avg: 12, 'p(95)': 31.5 },
      thresholds: { 'p(95)<250': { ok: true }, 'p(99.9) < 900': { ok: true } },
    }
    expect(thresholdsOf({ metrics: { ...summary.metrics, sip_session_request_delay: delay } })).toEqual([
      { metric: 'sip_calls_completed', condition: 'count>=10', ok: false, measured: 9 },
      { metric: 'sip_session_request_delay', condition: 'p(95)<250', ok: true, measured: 31.5 },
      { metric: 'sip_session_request_delay', condition: 'p(99.9) < 900', ok: true },
    ])
  })
  test('what k6 shows as 0 where it counted nothing is no measurement; a counter that stayed at 0 is one', () => {
    const limit = (condition: string, ok: boolean) => ({ [condition]: { ok } })
    const metrics = {
      'sip_call_success{call:ofice}': { values: { rate: 0, passes: 0, fails: 0 }, thresholds: limit('rate>0.9', true) },
      voip_mos: { values: { count: 0, min: 0, 'p(5)': 0 }, thresholds: limit('p(5)>4.0', false) },
      sip_calls_completed: { values: { count: 0, rate: 0 }, thresholds: limit('count>=5', false) },
    }
    expect(thresholdsOf({ metrics })).toEqual([
      { metric: 'sip_call_success{call:ofice}', condition: 'rate>0.9', ok: true, empty: true },
      { metric: 'voip_mos', condition: 'p(5)>4.0', ok: false, empty: true },
      { metric: 'sip_calls_completed', condition: 'count>=5', ok: false, measured: 0 },
    ])
  })
})

describe('the tally', () => {
  const tally = () => new LoadTally(document, 1_000_000)
  test('calls whose client went away are neither completed nor failed, and k6 knows nothing of them', () => {
    const sum = tally()
    for (let i = 0; i < 3; i++) sum.begun()
    sum.add(call())
    sum.add(call({ end: 'client-gone' }))
    sum.add(call({ end: 'refused', status: 503, legs: [], answeredAt: undefined, reason: 'refused: 503' }))
    expect(sum.gauges).toMatchObject({ started: 3, completed: 1, failed: 1, interrupted: 1 })
    expect(sum.counts).toMatchObject({ started: 2, completed: 1, packetsSent: 500 })
    const result = sum.result(2, new Map())
    expect(result.calls).toMatchObject({ byStatus: { '200': 2, '503': 1 }, peakConcurrent: 2 })
    expect(result.incidents).toEqual([{ atMs: 10_100, text: 'a call failed: refused: 503' }])
  })
  test('who was called, and what was meant; answers that were meant are no failures', () => {
    const sum = tally()
    for (let i = 0; i < 4; i++) sum.begun(i === 3 ? 900 : 0)
    sum.add(call())
    sum.add(call({ far: 'account', status: 486, end: 'refused', legs: [], outcome: 'busy' }))
    sum.add(call({ far: 'account', status: 480, end: 'refused', legs: [], outcome: 'busy' }))
    sum.add(call({ status: 503, end: 'refused', legs: [] }))
    sum.heldBack()
    expect(sum.result(2, new Map()).calls).toMatchObject({
      completed: 2,
      failed: 2,
      dialled: { echo: 2, account: 2, other: 0 },
      meant: { answered: 2, busy: 2 },
      failedByStatus: { 480: 1, 503: 1 },
      heldBack: 1,
      twoWay: 1,
      oneWay: 0,
    })
    expect(problemsOf(sum.generatorFacts(undefined))[0]).toMatch(/^1 of 4 calls began more than 500 ms/)
  })
  test('calls of a wave whose client went away count for the agents alone', () => {
    const sum = tally()
    sum.begun()
    sum.add(call())
    sum.undelivered({ started: 1, completed: 1, packetsSent: 500, packetsReceived: 500, packetsLost: 0 })
    expect(sum.gauges).toMatchObject({ started: 1, completed: 1, packetsSent: 500 })
    expect(sum.counts).toEqual({ started: 0, completed: 0, packetsSent: 0, packetsReceived: 0, packetsLost: 0 })
  })
  test('registrations that were ordered', () => {
    const sum = tally()
    sum.storm({ devices: 2, registered: 1, tries: 5, refused: { 503: 4 }, delaysMs: [40], tookMs: 9000.4 }, 'again')
    expect(sum.result(0, new Map()).registrations).toMatchObject([
      {
        kind: 'again',
        devices: 2,
        registered: 1,
        tries: 5,
        refused: { 503: 4 },
        tookMs: 9000,
        delayMs: { count: 1, max: 40 },
      },
    ])
  })
  test('delays of refused calls are not mixed with those of answered ones (RFC 6076 §4.3)', () => {
    const sum = tally()
    sum.add(call({ setupMs: 10 }))
    sum.add(call({ setupMs: 9000, status: 486, end: 'refused', legs: [] }))
    expect(sum.result(1, new Map()).setupDelayMs).toMatchObject({ count: 1, max: 10 })
  })
  test('what a crashed thread was doing makes the result invalid, not the target bad', () => {
    const sum = tally()
    sum.add(call({ status: 0, end: 'agent-stopped', legs: [], generatorTrouble: 'the thread crashed' }))
    expect(problemsOf(sum.generatorFacts(undefined))).toHaveLength(1)
  })
})

describe('incidents', () => {
  test('loss within neighbouring seconds is one burst, per relay', () => {
    const second = (atMs: number, lost: number, relay = 'relay-1') => ({ atMs, relay, received: 1000 - lost, lost })
    const found = incidentsOf(
      [second(1000, 50), second(2000, 30), second(3000, 2), second(8000, 100), second(2000, 40, 'relay-2')],
      [],
      { series: [], relays: 2, transports: 1 },
    )
    expect(found.map(({ atMs, relay, text }) => [atMs, relay, text])).toEqual([
      [1000, 'relay-1', '80 packets (4.0 %) lost within 2 s on relay-1'],
      [2000, 'relay-2', '40 packets (4.0 %) lost within 1 s on relay-2'],
      [8000, 'relay-1', '100 packets (10.0 %) lost within 1 s on relay-1'],
    ])
  })
  test('calls that fail for the same reason in the same second are told once', () => {
    const failed = (atMs: number, why: string) => ({ atMs, relay: '', transport: 'udp', why })
    const calls = [failed(100, 'refused: 503'), failed(900, 'refused: 503'), failed(1100, 'refused: 503')]
    expect(
      incidentsOf([], calls, { series: [], relays: 1, transports: 1 }).map(({ also: _also, ...rest }) => rest),
    ).toEqual([
      { atMs: 100, text: '2 calls failed: refused: 503' },
      { atMs: 1100, text: 'a call failed: refused: 503' },
    ])
  })
})

describe('distributions', () => {
  test('of nothing there is none', () => {
    expect(distributionOf([])).toBeUndefined()
    expect(percentile([], 95)).toBeUndefined()
  })
  test('percentiles by rank, buckets that add up', () => {
    const values = Array.from({ length: 100 }, (_, i) => i + 1)
    const found = distributionOf(values)
    expect(found).toMatchObject({ count: 100, min: 1, p50: 50, p90: 90, p95: 95, p99: 99, max: 100 })
    expect(found?.buckets.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(100)
  })
  test('what is beyond the last edge has a bucket too', () => {
    expect(distributionOf([100_000])?.buckets).toEqual([{ le: 100_000, count: 1 }])
  })
})

describe('limits at the door', () => {
  test('no second has more calls than allowed, however they come', () => {
    const door = new CallAdmission({ callsPerSecond: 2, concurrentCalls: 100 })
    const admitted = (now: number) => door.admit(now) === undefined
    expect([0, 10, 20, 999, 1000, 1005, 1010].map(admitted)).toEqual([true, true, false, false, true, false, true])
  })
  test('half a call a second is one in two seconds', () => {
    const door = new CallAdmission({ callsPerSecond: 0.5, concurrentCalls: 100 })
    expect(door.admit(0)).toBeUndefined()
    expect(door.admit(1500)?.retryAfterMs).toBe(500)
    expect(door.admit(2000)).toBeUndefined()
  })
  test('a place is given back once a call is over', () => {
    const door = new CallAdmission({ callsPerSecond: 100, concurrentCalls: 1 })
    expect(door.admit(0)).toBeUndefined()
    expect(door.admit(1000)?.why).toContain('concurrentCalls')
    door.release()
    expect(door.admit(2000)).toBeUndefined()
  })
})

describe('what is kept of a call', () => {
  const packet = (sequence: number, direction: 'in' | 'out' = 'out') => {
    const raw = Buffer.alloc(172, 0x55)
    raw.writeUInt16BE(0x8008, 0)
    raw.writeUInt16BE(sequence, 2)
    return {
      at: sequence * 20,
      direction,
      kind: 'rtp' as const,
      local: { address: '127.0.0.1', port: 40_000 },
      remote: { address: '127.0.0.156', port: 20_000 },
      raw,
      plain: raw,
    }
  }
  test('the first and the last packets, by their headers, without their audio', () => {
    const ring = new PacketRing()
    for (let i = 0; i < 1000; i++) ring.add(packet(i, i % 2 === 0 ? 'out' : 'in'))
    const kept = ring.packets('caller', 5000).toSorted((a, b) => a.unixMs - b.unixMs)
    const sequences = kept.map(({ data }) => (data[2] ?? 0) * 256 + (data[3] ?? 0))
    expect(sequences.slice(0, 60)).toEqual(Array.from({ length: 60 }, (_, i) => i))
    expect(sequences.at(60)).toBe(820)
    expect(sequences.at(-1)).toBe(999)
    expect(kept[1]).toMatchObject({ unixMs: 5020, direction: 'in', remote: { port: 20_000 } })
    expect(kept[0]?.data).toHaveLength(172)
    expect(kept.every(({ data }) => data.subarray(12).every((byte) => byte === 0))).toBe(true)
  })
  test('Call-IDs, long and short, one or several', () => {
    expect(callIdsIn(Buffer.from('BYE sip:x SIP/2.0\r\nCall-ID: a@b\r\n\r\n'))).toEqual(['a@b'])
    expect(callIdsIn(Buffer.from('BYE sip:x SIP/2.0\r\ni:a\r\n\r\nBYE sip:x SIP/2.0\r\ncall-id : b\r\n\r\n'))).toEqual([
      'a',
      'b',
    ])
  })
})

test('drops are read from the kernel table by socket', () => {
  const table = [
    '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops',
    ' 1234: 0100007F:1F90 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 111 2 0000000000000000 0',
    ' 1235: 0100007F:1F91 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 222 2 0000000000000000 17',
  ].join('\n')
  expect(droppingSockets(table)).toEqual([{ inode: '222', drops: 17 }])
})
