import { describe, expect, it } from 'vitest'
import { loadFindings } from '../../../src/verdict/load-findings.js'
import type { LoadResult, RelayResult } from '../../../src/result/result.js'

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
const broken = [{ metric: 'rtp_loss_ratio', condition: 'p(95)<0.01', ok: false }]

describe('findings of a load', () => {
  it('are none where all is well', () => {
    expect(loadFindings(load(), false)).toEqual([])
  })

  it('are none of numbers that prove nothing', () => {
    const bad = { relays: [relay(1, { packetsReceived: 0 })], thresholds: broken }
    expect(loadFindings(load({ ...bad, valid: false }), false)).toEqual([])
    expect(loadFindings(load(bad), true)).toEqual([])
    expect(loadFindings(load(bad), false)).toHaveLength(1)
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
    expect(loadFindings(load({ relays, thresholds: broken }), false)).toEqual([
      expect.objectContaining({
        id: 'LOAD-RELAY-LOSS',
        severity: 'fail',
        title: '5 % of the audio is lost through relay-2 (192.0.2.2)',
        harm: 'Customers hear gaps and clicks.',
        evidence: ['evidence/c.pcapng'],
        scenarios: [{ scenario: 'load/load', transport: '', family: '' }],
      }),
    ])
  })

  it('take relays with the same trouble together, each by its worst', () => {
    const relays = [
      relay(1, { packetsReceived: 0, packetsLost: 1000, oneWayCalls: 10 }),
      relay(2, { oneWayCalls: 3, packetsLost: 300 }),
      relay(3, { oneWayCalls: 1 }),
    ]
    expect(loadFindings(load({ relays }), false).map(({ title, severity }) => [severity, title])).toEqual([
      ['warn', 'Nothing at all is heard through relay-1 (192.0.2.1): all its 10 calls'],
      ['warn', '4 of 20 calls through relay-2 (192.0.2.2) and relay-3 (192.0.2.3) are heard in one direction only'],
    ])
  })

  it('say so where all relays are alike', () => {
    const relays = [1, 2, 3].map((nth) => relay(nth, { packetsLost: 20 + nth }))
    const [finding] = loadFindings(load({ relays, thresholds: broken }), false)
    expect(finding?.title).toBe('2.1 to 2.2 % of the audio is lost through all 3 relays')
    expect(finding?.advice).toMatch(/^All relays are alike/)
  })

  it('tell limits that were crossed only where nothing explains them', () => {
    const slow = { metric: 'sip_session_request_delay', condition: 'p(95)<2000', ok: false }
    expect(loadFindings(load({ thresholds: [slow] }), false)).toEqual([
      expect.objectContaining({ id: 'LOAD-LIMITS', title: 'Calls took too long to set up under load' }),
    ])
    const calls = { started: 30, completed: 27, failed: 3, oneWay: 0, byStatus: { '200': 27, '503': 3 } }
    const thresholds = [{ metric: 'sip_call_success', condition: 'rate>0.99', ok: false }]
    expect(loadFindings(load({ calls, thresholds }), false)).toEqual([
      expect.objectContaining({ id: 'LOAD-CALLS-FAILED', title: '3 of 30 calls failed under load', actual: '503: 3' }),
    ])
  })

  it('fail where no call was completed, thresholds or not', () => {
    const calls = { started: 3, completed: 0, failed: 3, oneWay: 0, byStatus: { '503': 3 } }
    expect(loadFindings(load({ calls, relays: [], thresholds: [] }), false)).toEqual([
      expect.objectContaining({ id: 'LOAD-CALLS-FAILED', severity: 'fail' }),
    ])
    const some = { started: 3, completed: 1, failed: 2, oneWay: 0 }
    expect(loadFindings(load({ calls: some, relays: [], thresholds: [] }), false)).toEqual([
      expect.objectContaining({ id: 'LOAD-CALLS-FAILED', severity: 'warn' }),
    ])
  })

  it('a count that differs is ours to explain', () => {
    const reconciliation = [{ what: 'calls started', k6: 30, agents: 29, ok: false }]
    expect(loadFindings(load({ reconciliation }), false)).toEqual([
      expect.objectContaining({ id: 'LOAD-COUNTS-DIFFER', severity: 'fail' }),
    ])
  })
})
