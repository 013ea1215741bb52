import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../src/result/finding.js'
import type { RelayResult } from '../../../src/result/load-relays.js'
import type { LoadResult } from '../../../src/result/load-result.js'
import { check, note, result, run } from './records.js'

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
  profile: 'load',
  valid: true,
  generator: { sendLatenessP99Ms: 1, eventLoopLagP99Ms: 1 },
  calls: { started: 30, completed: 30, failed: 0, oneWay: 0, twoWay: 30 },
  relays: [relay(1), relay(2), relay(3)],
  thresholds: [{ metric: 'rtp_loss_ratio', condition: 'p(95)<0.01', ok: true }],
  ...more,
})
const crossed = (...metrics: string[]): Pick<LoadResult, 'thresholds'> => ({
  thresholds: metrics.map((metric) => ({ metric, condition: 'p(95)<0.01', ok: false })),
})
const findings = (more: Partial<LoadResult>, interruptedBy?: 'SIGINT'): Finding[] =>
  run({ load: load(more), interruptedBy }).findings

describe('findings of a load', () => {
  it('are none where all is well', () => {
    expect(run({ load: load() })).toMatchObject({ findings: [], verdict: 'pass', exitCode: 0 })
  })

  it('are none of numbers that prove nothing', () => {
    const bad = { relays: [relay(1, { packetsReceived: 0 })], ...crossed('rtp_loss_ratio') }
    expect(findings({ ...bad, valid: false })).toEqual([])
    expect(findings(bad, 'SIGINT')).toEqual([])
    expect(findings(bad)).toHaveLength(1)
  })

  it('are none of a standing check that read the clock, where the generator was late', () => {
    const place = { scenario: 'load/load', transport: '', family: '' }
    const notes = [note('EXAM-RTP-TIMING', place, { readsClock: true }), note('EXAM-RTP-SEQUENCE', place)]
    const generator = { sendLatenessP99Ms: 90, eventLoopLagP99Ms: 90 }
    const ids = (sound: boolean) =>
      run({ notes, load: load({ generator: { ...generator, sound } }) }).findings.map(({ id }) => id)
    expect(ids(true).sort()).toEqual(['EXAM-RTP-SEQUENCE', 'EXAM-RTP-TIMING'])
    expect(ids(false)).toEqual(['EXAM-RTP-SEQUENCE'])
  })

  it('name the relay that differs, and what it does to whom, with the evidence of its worst call', () => {
    const worst = {
      id: 'c',
      why: '',
      packetsSent: 1,
      packetsReceived: 1,
      packetsLost: 1,
      evidence: ['evidence/c.pcapng'],
    }
    const relays = [relay(1), relay(2, { packetsReceived: 950, packetsLost: 50, worst }), relay(3)]
    expect(findings({ relays, ...crossed('rtp_loss_ratio') })).toMatchObject([
      {
        id: 'audio-lost',
        kind: 'load',
        severity: 'fail',
        gravity: 'harm',
        title: '5 % of the audio is lost through relay-2 (192.0.2.2)',
        harm: 'Callers whose call goes through relay-2 hear gaps and clicks.',
        evidence: ['evidence/c.pcapng'],
        where: { relays: ['relay-2'], text: 'only through relay-2' },
        scenarios: [{ scenario: 'load/load', transport: '', family: '' }],
        consequences: [{ title: 'Too many packets were lost under load' }],
      },
    ])
  })

  it('take each relay by its worst, and relays with the same trouble together', () => {
    const relays = [
      relay(1, { packetsReceived: 0, packetsLost: 1000, oneWayCalls: 10 }),
      relay(2, { oneWayCalls: 8, packetsLost: 300 }),
      relay(3, { wrongAudioCalls: 7 }),
      relay(4),
    ]
    const found = findings({ relays })
    expect(found.map(({ id, severity, gravity, title }) => [id, severity, gravity, title])).toEqual([
      ['no-audio', 'warn', 'outage', 'No audio comes back through relay-1 (192.0.2.1): 10 calls silent'],
      ['wrong-audio', 'warn', 'exposure', '7 of 10 calls through relay-3 (192.0.2.3) had audio of another call'],
    ])
    expect(found[0]?.broken).toHaveLength(2)
    expect(found[0]?.where?.relays).toEqual(['relay-1', 'relay-2'])
  })

  it('do not blame a relay where all are alike', () => {
    const relays = [1, 2, 3].map((nth) => relay(nth, { packetsLost: 20 + nth }))
    const [finding] = findings({ relays, ...crossed('rtp_loss_ratio') })
    expect(finding?.title).toBe('2.1 to 2.2 % of the audio is lost through all 3 relays')
    expect(finding?.harm).toBe('Callers hear gaps and clicks.')
    expect(finding?.where?.relays).toBeUndefined()
    expect(finding?.advice).toMatch(/^All relays are alike/)
  })

  it('tell limits that were crossed by themselves only where nothing explains them', () => {
    expect(findings(crossed('sip_session_request_delay'))).toMatchObject([
      { kind: 'load', severity: 'fail', title: 'Calls took too long to set up under load' },
    ])
    const calls = { started: 30, completed: 28, failed: 2, oneWay: 0, byStatus: { '200': 28, '503': 2 } }
    expect(findings({ calls, ...crossed('sip_call_success') })).toMatchObject([
      {
        id: 'LOAD-CALLS-FAILED',
        severity: 'fail',
        gravity: 'harm',
        title: '2 of 30 calls failed under load',
        actual: '503: 2',
      },
    ])
  })

  it('fail where no call was completed, thresholds or not', () => {
    const calls = { started: 3, completed: 0, failed: 3, oneWay: 0, byStatus: { '503': 3 } }
    expect(findings({ calls, relays: [], thresholds: [] })).toMatchObject([
      { id: 'LOAD-CALLS-FAILED', severity: 'fail', gravity: 'outage' },
    ])
    const some = { started: 3, completed: 1, failed: 2, oneWay: 0 }
    expect(findings({ calls: some, relays: [], thresholds: [] })).toMatchObject([
      { id: 'LOAD-CALLS-FAILED', severity: 'warn' },
    ])
  })

  it('share a card with what conformance saw of the same', () => {
    const unheard = result('media/two-way', [check('heard', { cause: 'no-audio', gravity: 'outage' })])
    const found = run({
      scenarios: [unheard],
      load: load({ relays: [relay(1), relay(2, { oneWayCalls: 8 })] }),
    }).findings
    expect(found).toMatchObject([
      {
        id: 'no-audio',
        kind: 'rule',
        severity: 'fail',
        where: { relays: ['relay-2'] },
        title: 'Harm of media/two-way',
      },
    ])
    expect(found[0]?.scenarios.map(({ scenario }) => scenario)).toEqual(['media/two-way', 'load/load'])
  })

  it('do not fail the target where k6 and the agents counted differently: the load is not valid', () => {
    const reconciliation = [{ what: 'calls started', k6: 30, agents: 29, ok: false }]
    const generator = { sendLatenessP99Ms: 1, eventLoopLagP99Ms: 1, sound: true }
    const relays = [relay(1), relay(2, { packetsReceived: 0 })]
    const conclusion = run({ load: load({ reconciliation, generator, valid: false }) })
    expect(conclusion).toMatchObject({ verdict: 'invalid', exitCode: 4 })
    expect(conclusion.findings).toMatchObject([{ id: 'LOAD-COUNTS-DIFFER', kind: 'defect', severity: 'warn' }])
    // What the agents recorded stands: they are the truth.
    const silent = run({
      load: load({ reconciliation, generator, valid: false, relays, ...crossed('rtp_two_way_audio') }),
    })
    expect(silent).toMatchObject({ verdict: 'fail', exitCode: 1, findings: [{ id: 'no-audio' }, { kind: 'defect' }] })
  })
})
