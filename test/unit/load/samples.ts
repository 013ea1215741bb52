import {
  callRecord,
  type CallFacts,
  type CallRecord,
  legRecord,
  type LegRecord,
} from '../../../src/load/call-record.js'
import type { MediaReport } from '../../../src/media/media-report.js'

/** A report of ten seconds without trouble, but for what is given. */
export function report(
  o: {
    readonly heard?: readonly number[]
    readonly sent?: number
    readonly received?: Partial<MediaReport['received']>
    readonly roundTripMs?: number
  } = {},
): MediaReport {
  const { heard = [7], sent = 500, received = {} } = o
  return {
    codec: 'PCMA',
    srtp: undefined,
    local: { address: '127.0.0.1', port: 40_000 },
    remote: { address: '127.0.0.156', port: 20_000 },
    sent: { packets: sent, bytes: sent * 172, firstAt: 0, lastAt: 9980, lateP99Ms: 1, lateMaxMs: 2, errors: 0 },
    received: {
      packets: 500,
      bytes: 500 * 172,
      expected: 500,
      lost: 0,
      gaps: 0,
      duplicates: 0,
      reordered: 0,
      late: 0,
      jitterMs: 1.5,
      firstAt: 5,
      lastAt: 9990,
      sources: [{ address: '127.0.0.156', port: 20_000, packets: 500, firstAt: 5, lastAt: 9990 }],
      ssrcs: [1],
      refused: {},
      ...received,
    },
    heard: heard.map((patternId) => ({ patternId, seconds: 8, firstAt: 1000, lastAt: 9980, confidence: 1 })),
    digits: '',
    rtcp: {
      sent: 2,
      received: 2,
      bye: false,
      cname: undefined,
      remoteLossRatio: undefined,
      remoteLost: undefined,
      remoteJitterMs: undefined,
      faults: {},
    },
    mos: 4.3,
    roundTripMs: o.roundTripMs,
  }
}

export const NOTHING_RECEIVED: Partial<MediaReport['received']> = {
  packets: 0,
  bytes: 0,
  expected: 0,
  jitterMs: undefined,
  firstAt: undefined,
  lastAt: undefined,
  sources: [],
  ssrcs: [],
}

export function leg(
  o: {
    readonly role?: 'caller' | 'callee'
    readonly expects?: number | undefined
    readonly pattern?: number
    readonly relay?: string
    readonly from?: number
    readonly until?: number
    readonly delayMs?: number
    readonly published?: boolean
    readonly report?: MediaReport | undefined
  } = {},
): LegRecord {
  const { role = 'caller', relay = 'relay-1', pattern = 7, until = 10_000 } = o
  return legRecord(
    {
      role,
      account: role === 'caller' ? 'alice' : 'bob',
      relay,
      relayAddress: '127.0.0.156',
      published: o.published,
      pattern,
      expects: 'expects' in o ? o.expects : 7,
      from: o.from,
      until,
      delayMs: o.delayMs,
    },
    'report' in o ? o.report : report(),
  )
}

export function call(facts: Partial<CallFacts> = {}): CallRecord {
  return callRecord({
    id: 'one',
    callId: 'one@here',
    to: '00038799999',
    far: 'echo',
    transport: 'udp',
    family: 'ipv4',
    status: 200,
    startedAt: 1_000_000,
    answeredAt: 1_000_100,
    endedAt: 1_010_100,
    setupMs: 12,
    disconnectMs: 3,
    byeStatus: 200,
    end: 'normal',
    legs: [leg()],
    ...facts,
  })
}
