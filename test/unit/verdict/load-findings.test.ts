import { describe, expect, it } from 'vitest'
import type { RelayResult } from '../../../src/result/load-relays.js'
import type { LoadResult } from '../../../src/result/load-result.js'
import { breakagesOfLoad, nothingWorked } from '../../../src/verdict/load.js'
import { raised } from '../../../src/result/texts.js'
import { result, run } from './records.js'

// What a load's findings say, whole, word for word.

const relay = (nth: number, more: Partial<RelayResult> = {}): RelayResult => ({
  name: `relay-${nth}`,
  address: `192.0.2.${nth}`,
  calls: 10,
  packetsSent: 1000,
  packetsReceived: 1000,
  packetsLost: 0,
  jitterP95Ms: 2,
  oneWayCalls: 0,
  ...more,
})
const load = (more: Partial<LoadResult> = {}): LoadResult => ({
  profile: 'busy',
  valid: true,
  generator: { sendLatenessP99Ms: 1, eventLoopLagP99Ms: 1 },
  calls: { started: 30, completed: 30, failed: 0, oneWay: 0 },
  relays: [],
  ...more,
})
const broken = (more: Partial<LoadResult>) => breakagesOfLoad(load(more), false)
const crossed = (...limits: [string, string][]): Pick<LoadResult, 'thresholds'> => ({
  thresholds: limits.map(([metric, condition]) => ({ metric, condition, ok: false })),
})

describe('calls that failed', () => {
  const calls = (failed: number, byStatus?: Record<string, number>) => ({
    calls: { started: 30, completed: 30 - failed, failed, oneWay: 0, ...(byStatus ? { byStatus } : {}) },
  })

  it('are told with the answers they got', () => {
    expect(broken(calls(5, { '200': 25, '503': 3, '486': 2 }))).toEqual([
      {
        kind: 'load',
        cause: 'LOAD-CALLS-FAILED',
        follows: [],
        severity: 'warn',
        gravity: 'outage',
        place: { scenario: 'load/busy', transport: '', family: '' },
        title: '5 of 30 calls failed under load',
        harm: 'Callers get an error or silence instead of their call.',
        advice: 'Look at the answers below, and at what the servers were short of when the first of them came.',
        rule: {
          key: 'load/busy#LOAD-CALLS-FAILED',
          check: 'LOAD-CALLS-FAILED',
          level: 'FINDING',
          rule: 'load',
          paraphrase: 'every call is answered with 200 and lasts until it is hung up',
          expected: 'every call is answered with 200 and lasts until it is hung up',
          actual: '486: 2, 503: 3',
        },
        provider: [],
        evidence: [],
        step: 'call',
        count: 5,
      },
    ])
  })

  it('without an answer were broken off', () => {
    for (const none of [undefined, { '200': 30 }]) expect(broken(calls(1, none))[0]?.rule.actual).toBe('broken off')
  })

  it('are told by the most frequent reason', () => {
    const refused = { refusals: [{ status: 486, calls: 6, of: 30 }] }
    const cut = { why: 'the far end hung up', end: 'bye-from-far-side', calls: 12, of: 30, afterMs: 5004 }
    const deaf = { why: 'the caller received no audio', end: 'normal', calls: 3, of: 30 }
    const told = (failed: number, more: Partial<LoadResult>) => broken({ ...calls(failed, { '200': 30 }), ...more })[0]
    expect(told(6, refused)?.title).toBe('6 of 30 calls were rejected with 486')
    const beyond = { what: 'calls at a time' as const, upTo: 10 }
    expect(told(6, { refusals: [{ status: 486, calls: 6, of: 30, beyond }] })).toMatchObject({
      title: '6 of 30 calls were rejected with 486 beyond 10 calls at a time',
      advice: told(6, refused)?.advice,
    })
    expect(told(6, refused)?.advice).toMatch(/so few calls at a time/)
    expect(told(9, { ...refused, failures: [deaf] })).toMatchObject({
      title: '9 of 30 calls failed under load: 6 were rejected with 486',
      rule: { actual: 'the caller received no audio: 3' },
    })
    expect(told(12, { failures: [cut] })).toMatchObject({
      title: '12 of 30 calls were cut off: the far end hung up before the caller did, after 5 s',
      harm: 'Callers are cut off in the middle of their call.',
      follows: [],
    })
    const mute = { why: 'BYE was answered with 481', end: 'bye-refused', calls: 9, of: 30 }
    expect(told(9, { failures: [mute] })).toMatchObject({
      title: '9 of 30 calls failed under load: BYE was answered with 481',
      gravity: 'harm',
    })
    expect(told(12, { failures: [mute, deaf] })).toMatchObject({
      title: '12 of 30 calls failed under load, 9 of them: BYE was answered with 481',
      gravity: 'outage',
    })
    expect(told(3, { failures: [deaf] })).toMatchObject({
      title: '3 of 30 calls failed under load: the caller received no audio',
      follows: ['no-audio', 'wrong-audio', 'audio-ends-early'],
    })
  })

  it('are an outage where more than a tenth did', () => {
    expect([3, 4].map((failed) => broken(calls(failed))[0]?.gravity)).toEqual(['harm', 'outage'])
  })

  it('are a fail where none was completed', () => {
    expect(broken(calls(30))[0]).toMatchObject({ severity: 'fail', rule: { level: 'MUST' } })
    const of = (completed: number, failed: number) => ({ calls: { started: 9, completed, failed, oneWay: 0 } })
    expect([of(0, 1), of(0, 0), of(1, 1)].map(nothingWorked)).toEqual([true, false, false])
  })
})

describe('devices that could not register', () => {
  const why = ['u5 could not register: 403']
  it('are told, since the load was made without them, and fail where they are many', () => {
    const told = (registered: number) => broken({ devices: { wanted: 200, registered, why } })[0]
    expect(told(200)).toBeUndefined()
    expect(told(199)).toMatchObject({
      severity: 'warn',
      title: '1 of 200 devices could not register: the load was made without it',
      rule: { actual: 'u5 could not register: 403' },
    })
    expect(told(100)).toMatchObject({ severity: 'fail', count: 100, rule: { actual: 'u5 could not register: 403; …' } })
  })
})

describe('a limit that was crossed', () => {
  const HEARD = ['no-audio', 'audio-ends-early', 'audio-begins-late', 'audio-lost']
  it.each([
    ['sip_calls_completed', 'not every call was completed', ['LOAD-CALLS-FAILED']],
    ['sip_call_success', 'calls failed', ['LOAD-CALLS-FAILED']],
    ['rtp_two_way_audio', 'calls lacked audio', ['no-audio', 'wrong-audio', 'LOAD-CALLS-FAILED']],
    ['rtp_loss_ratio', 'too many packets were lost', HEARD],
    ['rtp_jitter', 'audio arrived too unevenly', ['audio-uneven']],
    ['voip_mos', 'speech quality was too low', [...HEARD, 'audio-uneven']],
    ['sip_session_request_delay', 'calls took too long to set up', ['LOAD-SLOW']],
    ['dropped_iterations', 'not all calls that were due could be made', ['LOAD-CALLS-FAILED']],
    ['checks', 'checks of the script failed', []],
  ])('%s: %s', (metric, words, follows) => {
    expect(broken(crossed([metric, 'p(95)<1']))).toMatchObject([
      { cause: `LOAD-LIMIT ${metric}`, follows, title: `${raised(words)} under load` },
    ])
  })

  it('is named with its tags, and one of the script as the script names it', () => {
    const [tagged, own] = broken(crossed(['sip_call_success{call:office}', 'rate>0.9'], ['my_own', 'avg<1']))
    expect(tagged).toMatchObject({ title: 'Calls failed under load (call:office)', follows: ['LOAD-CALLS-FAILED'] })
    expect(own).toMatchObject({ title: 'my_own is beyond its limit under load', follows: [] })
  })

  it('that nothing was held against is explained by the calls that failed', () => {
    const [, limit] = broken({
      ...crossed(['voip_mos', 'p(5)>4.0']),
      calls: { started: 30, completed: 0, failed: 30, oneWay: 30 },
      metrics: [],
    })
    expect(limit).toMatchObject({
      follows: [...HEARD, 'audio-uneven', 'LOAD-CALLS-FAILED'],
      title: 'Nothing was measured under load that voip_mos could be held against',
    })
  })

  it('is told with what was measured', () => {
    const [limit] = broken({
      thresholds: [{ metric: 'rtp_loss_ratio', condition: 'p(95)<0.01', ok: false, measured: 0.036712 }],
    })
    expect(limit?.rule.actual).toBe('p(95) is 0.03671')
  })

  it('is told once, with all its conditions', () => {
    const limits = crossed(['rtp_jitter', 'p(95)<30'], ['voip_mos', 'p(5)>4'], ['rtp_jitter', 'max<90'])
    expect(broken(limits)).toEqual([
      {
        kind: 'load',
        cause: 'LOAD-LIMIT rtp_jitter',
        follows: ['audio-uneven'],
        severity: 'fail',
        gravity: 'harm',
        place: { scenario: 'load/busy', transport: '', family: '' },
        title: 'Audio arrived too unevenly under load',
        harm: 'Customers notice it when many telephone at once, above all in the busy hour.',
        advice:
          'Look at the curves of the load for the moment when it began, and at what the servers were short of then.',
        rule: {
          key: 'load/busy#LOAD-LIMIT rtp_jitter',
          check: 'LOAD-LIMIT rtp_jitter',
          level: 'MUST',
          rule: 'load',
          paraphrase: 'rtp_jitter p(95)<30; rtp_jitter max<90',
          expected: 'rtp_jitter p(95)<30; rtp_jitter max<90',
          actual: 'not held',
        },
        provider: [],
        evidence: [],
        step: 'talk',
        count: 1,
      },
      expect.objectContaining({ cause: 'LOAD-LIMIT voip_mos' }),
    ])
  })
})

describe('a relay', () => {
  const sick = (...relays: RelayResult[]) => {
    const [first] = broken({ relays })
    return (
      first && {
        title: first.title,
        harm: first.harm,
        expected: first.rule.expected,
        actual: first.rule.actual,
        count: first.count,
      }
    )
  }

  it('that sends nothing back', () => {
    expect(sick(relay(1, { packetsReceived: 0 }), relay(2))).toEqual({
      title: 'No audio comes back through relay-1 (192.0.2.1): 10 calls silent',
      harm: 'Callers whose call goes through relay-1 hear nothing.',
      expected: 'audio comes back through every relay',
      actual: 'relay-1 (192.0.2.1): 1000 packets sent to it, none came back',
      count: 10,
    })
  })

  it('that sends to one end only', () => {
    expect(sick(relay(1, { oneWayCalls: 8 }), relay(2))).toEqual({
      title: '8 of 10 calls through relay-1 (192.0.2.1) had no audio in one direction or both',
      harm: 'Callers whose call goes through relay-1 are not heard, or hear nothing.',
      expected: 'audio in both directions',
      actual: 'relay-1 (192.0.2.1): in 8 of 10 calls an end received nothing',
      count: 8,
    })
  })

  it('is not named for what may be chance, and where it was seen is told all the same', () => {
    const [found] = broken({ relays: [relay(1, { oneWayCalls: 3 }), relay(2)] })
    expect(found).toMatchObject({
      title: '3 of 20 calls had no audio in one direction or both',
      harm: 'Callers are not heard, or hear nothing.',
      rule: { actual: 'relay-1 (192.0.2.1): in 3 of 10 calls an end received nothing' },
      relays: [],
      advice: 'Too few to tell these relays from the others, or from what all share: load longer, or with more calls.',
    })
  })

  it('that loses packets in one direction alone: the other one hides nothing', () => {
    const way = { ends: 12, deaf: 0, wrong: 0, late: 0, ended: 0, expected: 3600 }
    const directions = [
      { ...way, to: 'caller' as const, lost: 73, gaps: 71 },
      { ...way, to: 'called' as const, lost: 0, gaps: 0 },
    ]
    expect(sick(relay(1, { calls: 12, packetsLost: 73, directions }))).toMatchObject({
      title: '2 % of the audio to the caller is lost through relay-1 (192.0.2.1)',
      actual: 'relay-1 (192.0.2.1): 73 of 3600 packets lost',
    })
  })

  it('that mixes calls up', () => {
    expect(sick(relay(1, { wrongAudioCalls: 9 }), relay(2))).toEqual({
      title: '9 of 10 calls through relay-1 (192.0.2.1) had audio of another call',
      harm: 'Callers whose call goes through relay-1 hear somebody else’s call, or noise.',
      expected: 'each call’s own audio',
      actual: 'relay-1 (192.0.2.1): 9 of 10 calls with other audio',
      count: 9,
    })
    expect(sick(relay(1, { wrongAudioCalls: 1, calls: 1 }))?.title).toBe(
      '1 of 1 call through relay-1 (192.0.2.1) had audio of another call',
    )
  })

  it('that loses packets: more than one in a hundred, beyond chance', () => {
    expect(sick(relay(1, { packetsReceived: 980, packetsLost: 20, name: '192.0.2.1' }), relay(2))).toBeUndefined()
    expect(sick(relay(1, { packetsReceived: 9800, packetsLost: 200, name: '192.0.2.1' }), relay(2))).toEqual({
      title: '2 % of the audio is lost through 192.0.2.1',
      harm: 'Callers whose call goes through 192.0.2.1 hear gaps and clicks.',
      expected: 'less than 1 % of packets lost',
      actual: '192.0.2.1: 200 of 10000 packets lost',
      count: 10,
    })
    expect(sick(relay(1, { packetsReceived: 9910, packetsLost: 90 }))).toBeUndefined()
  })

  it('of several that have the same, and what to do with them', () => {
    const lossy = { packetsReceived: 900, packetsLost: 100 }
    const advice = (...relays: RelayResult[]) => broken({ relays })[0]?.advice
    const well = 'compare configuration, network and load with the relays that work.'
    expect(advice(relay(1, lossy), relay(2))).toBe(`Take it out of use, and ${well}`)
    expect(advice(relay(1, lossy), relay(2), relay(3, lossy))).toBe(`Take them out of use, and ${well}`)
    expect(advice(relay(1, lossy))).toBe('Look at the relay’s configuration, network and CPU.')
    expect(advice(relay(1, lossy), relay(2, lossy))).toBe(
      'All relays are alike in this: look first at what they have in common (network, version, CPU).',
    )
    expect(sick(relay(1, lossy), relay(2), relay(3, lossy))).toMatchObject({
      title: '10 % of the audio is lost through relay-1 (192.0.2.1) and relay-3 (192.0.2.3)',
      harm: 'Callers whose call goes through relay-1 and relay-3 hear gaps and clicks.',
      actual: 'relay-1 (192.0.2.1): 100 of 1000 packets lost; relay-3 (192.0.2.3): 100 of 1000 packets lost',
    })
    // One that is the only one is named.
    expect(sick(relay(1, lossy))).toMatchObject({
      title: '10 % of the audio is lost through relay-1 (192.0.2.1)',
      harm: 'Callers hear gaps and clicks.',
    })
  })

  it('that no call went through says nothing', () => {
    expect(broken({ relays: [relay(1, { calls: 0, packetsReceived: 0 }), relay(2)] })).toEqual([])
    const idle = relay(1, { calls: 0 })
    expect(broken({ relays: [idle, relay(2, { oneWayCalls: 1 })] })[0]).toMatchObject({
      relays: ['relay-2'],
      ofRelays: 1,
    })
  })
})

it('counts that differ are told whole', () => {
  const counts = [
    { what: 'calls started', k6: 30, agents: 29, ok: false },
    { what: 'calls ended', k6: 30, agents: 30, ok: true },
    { what: 'calls failed', k6: 1, agents: 2, ok: false },
  ]
  const { findings } = run({
    scenarios: [result('media/echo', [])],
    load: load({ reconciliation: counts, valid: false, generator: { ...load().generator, sound: true } }),
  })
  expect(findings).toEqual([
    {
      id: 'LOAD-COUNTS-DIFFER',
      kind: 'defect',
      severity: 'warn',
      gravity: 'letter',
      title: 'k6 and the call agents counted differently: the load is not valid',
      provider: [],
      evidence: [],
      harm: 'Nobody who telephones notices; one of the two lost calls, so the numbers of this load are not reliable.',
      advice: 'Run the load again. If it happens again, report it: it is a defect of ringproof.',
      scenarios: [{ scenario: 'load/busy', transport: '', family: '' }],
      expected: 'the same counts',
      actual: 'calls started: k6 30, agents 29; calls failed: k6 1, agents 2',
      rank: 0,
    },
  ])
})
