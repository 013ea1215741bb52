/**
 * What tools that load telephony are known to get wrong, one by one, each with the test that proves that it is right here.
 * What no other test is about is tested in this file.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { virtualStages } from '../../../src/worlds/virtual-stages.js'
import { CallMaker } from '../../../src/load/call-maker.js'
import type { CallRecord } from '../../../src/load/call-record.js'
import { formatChallenge } from '../../../src/message/digest.js'
import type { StandingNote } from '../../../src/result/finding.js'
import { memoryOf } from '../../virtual/memory-of.js'
import { Line, respond, SDP, Server } from '../agent/line.js'
import { call, leg, report } from './samples.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** What the profiles' metrics are made of, with what was added to them. */
const k6 = vi.hoisted(() => {
  const added = new Map<string, number>()
  class Metric {
    readonly name: string
    constructor(name: string) {
      this.name = name
      added.set(name, 0)
    }
    add() {
      added.set(this.name, (added.get(this.name) ?? 0) + 1)
    }
  }
  return { added, metrics: { Counter: Metric, Gauge: Metric, Rate: Metric, Trend: Metric } }
})
vi.mock('k6/metrics', () => k6.metrics)

// Files share their modules: what was loaded with the stand-ins of another file is loaded anew.
beforeAll(() => void vi.resetModules())
afterAll(() => void vi.resetModules())

/** The mistake, the file that holds the test, and how the test is called. */
const proofs: readonly (readonly [string, string, string])[] = [
  ['no packet received gives MOS 4.4', 'unit/media/quality', 'is unknown when no packet came, not 4.4'],
  ['no packet received is success', 'unit/load/call-record', 'no audio is no success, whatever the signalling says'],
  [
    'two reordered packets give 65,536 lost',
    'unit/media/statistics',
    'does not take two packets that changed places for 65,536 lost (from %i)',
  ],
  ['duplicates are not seen', 'unit/media/statistics', 'sees duplicates, and does not let them hide losses'],
  ['jitter is not that of RFC 3550', 'unit/media/statistics', 'is nought for a punctual sender of %i ms'],
  [
    'MOS is not that of G.107',
    'unit/media/quality',
    'gives R = 93.2 and MOS 4.41 with every parameter at its default (§7.7, annex B)',
  ],
  [
    'a repeated 200 is not acknowledged again',
    'unit/agent/call',
    'a lost ACK: the 2xx is repeated, the same ACK sent again',
  ],
  [
    'a wrong password is tried for ever',
    'unit/load/pitfalls',
    'a wrong password behind a 407 ends the call after two INVITEs',
  ],
  ['a BYE from the other side is success', 'unit/load/pitfalls', 'the far side hangs up'],
  ['a refused BYE is success', 'unit/load/pitfalls', 'BYE is refused'],
  ['an unanswered BYE is success', 'unit/load/pitfalls', 'BYE is not answered'],
  ['no rport', 'unit/load/pitfalls', 'Via asks for rport, and Contact names the port'],
  ['Contact without port', 'unit/load/pitfalls', 'Via asks for rport, and Contact names the port'],
  ['certificates are not verified', 'sockets/sip-transport', 'over TLS, to the name in the certificate and no other'],
  ['SDP says IP4 on IPv6', 'unit/media/media-session', 'work on IPv6, and say so'],
  ['silence at full scale', 'unit/media/g711', 'has silence that is silent'],
  [
    'timestamps that move within an event, one end packet, speech underneath',
    'unit/media/telephone-event',
    'keeps the timestamp, grows the duration, ends three times, and is silent underneath',
  ],
  [
    'digits in clear on an encrypted call',
    'unit/media/media-session',
    'play digits with nothing underneath, also under SRTP, and hear them',
  ],
  [
    'RTCP with wrong timestamps',
    'unit/media/media-session',
    'say in their reports what the other side counted, with the right RTP time',
  ],
  [
    'sequence and timestamp that start at 0',
    'unit/media/media-session',
    'send what RFC 3550 wants: steps of one, steps of 160, random beginnings, marker once, every 20 ms',
  ],
  [
    'all calls on the same tick',
    'unit/media/media-clock',
    'ticks each session every 20 ms at a phase of its own, without drift',
  ],
  [
    'exit code 0 when every call failed',
    'unit/verdict/exit-code',
    'a load of which every call failed, whatever the thresholds say',
  ],
  ['calls left up after an interruption', 'sockets/load', 'killed midway, it leaves no call behind'],
  ['metrics that are documented and never emitted', 'unit/load/pitfalls', 'every metric of k6 is emitted'],
  ['metrics that are documented and never emitted', 'unit/load/pitfalls', 'every metric of the agent is emitted'],
]

test.each(proofs)('%s: there is a test in %s', (_, file, title) => {
  const path = `${root}test/${file}.test.ts`
  expect(existsSync(path)).toBe(true)
  expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`(?:it|test)(?:\\.each\\([^]*?\\))?\\(\\s*'${escaped(title)}'`))
})

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

describe('a call that the load makes', () => {
  /** The record of a call of a load in virtual time. `wire` sees each datagram, may change it, and loses it by false. */
  async function recordOf(
    o: { number?: string; holdMs: number },
    wire: (text: string, data: Buffer, to: string) => boolean = () => true,
    noted: (notes: readonly StandingNote[]) => void = () => {},
  ): Promise<CallRecord> {
    const { stages, document } = await virtualStages({ seed: 1, faults: [] })
    return stages.on(`call ${o.number}`, async (world) => {
      const { clock, network, random, target } = world
      const hop = target.hop({ transport: 'udp', family: 'ipv4' })
      if (hop === undefined) throw new Error('no way to the target')
      memoryOf(network).filter = ({ data, to }) => wire(data.toString('latin1'), data, to.address)
      const records: CallRecord[] = []
      const maker = new CallMaker({
        data: {
          index: 0,
          workers: 1,
          reach: [],
          document,
          accounts: document.accounts.slice(0, 2),
          ways: [{ transport: 'udp', family: 'ipv4', hop, domain: target.domain('udp') }],
          home: { transport: 'udp', family: 'ipv4' },
          addresses: { ipv4: world.address('ipv4') ?? '' },
          authority: undefined,
          patternBase: 1,
        },
        clock,
        network,
        random,
        send: (message) => {
          if (message.kind === 'ended') records.push(message.record)
          if (message.kind === 'notes') noted(message.notes)
        },
      })
      await maker.start()
      maker.receive({
        kind: 'call',
        id: 'one',
        order: {
          dialled: { scheme: 'sip', user: o.number ?? document.services.echo ?? '' },
          far: o.number === undefined ? 'echo' : 'other',
          holdMs: o.holdMs,
          codecs: ['PCMA'],
          srtp: false,
          transport: 'udp',
          family: 'ipv4',
        },
      })
      await clock.sleep(o.holdMs + 60_000)
      maker.receive({ kind: 'notes' })
      await maker.stop(5_000)
      const [record] = records
      if (record === undefined) throw new Error('the call has no record')
      return record
    })
  }

  test('is a success where it is heard and hung up by us', async () => {
    expect(await recordOf({ holdMs: 5_000 })).toMatchObject({ end: 'normal', success: true, byeStatus: 200 })
  })

  test('the far side hangs up', async () => {
    // An announcement that ends by itself.
    const record = await recordOf({ number: '*30', holdMs: 30_000 })
    expect(record).toMatchObject({ end: 'bye-from-far-side', success: false, twoWay: true })
    expect(record.reason).toContain('the far end hung up')
  })

  test('BYE is refused', async () => {
    const record = await recordOf({ holdMs: 5_000 }, (text, data) => {
      if (text.startsWith('SIP/2.0 200 ') && /^CSeq: \d+ BYE/im.test(text)) data.write('481', 8, 'latin1')
      return true
    })
    expect(record).toMatchObject({ end: 'bye-refused', success: false, byeStatus: 481, twoWay: true })
  })

  test('BYE is not answered', async () => {
    const record = await recordOf({ holdMs: 5_000 }, (text) => !text.startsWith('BYE '))
    expect(record).toMatchObject({ end: 'bye-unanswered', success: false, twoWay: true })
    expect(record.byeStatus).toBeUndefined()
  })

  test('nothing but silence comes back', async () => {
    const record = await recordOf({ holdMs: 5_000 }, (_, data) => {
      if (data.length === 172 && data[0] === 0x80) data.fill(0xd5, 12)
      return true
    })
    expect(record).toMatchObject({ end: 'normal', success: false, twoWay: false })
    expect(record.legs[0]?.hears).toBe('unrecognised')
  })

  test('the answer names a relay that the target file does not: it gets no packet, and a note says so', async () => {
    const sentTo = new Set<string>()
    let notes: readonly StandingNote[] = []
    const record = await recordOf(
      { holdMs: 5_000 },
      (text, data, to) => {
        sentTo.add(to)
        const at = text.indexOf('c=IN IP4 127.0.0.1')
        // As long as the address that was there.
        if (text.startsWith('SIP/2.0 200') && at > 0) data.write('203.0.113.', at + 9)
        return true
      },
      (found) => {
        notes = found
      },
    )
    expect([...sentTo].filter((address) => address.startsWith('203.'))).toEqual([])
    expect(record).toMatchObject({ success: false, twoWay: false })
    expect(notes.find(({ id }) => id === 'OUT-OF-REACH')).toMatchObject({
      cause: 'out-of-reach',
      actual: expect.stringMatching(/^media to 203\.0\.113\./),
    })
  })

  test('an emergency number that an order holds is not dialled', async () => {
    let invites = 0
    const record = await recordOf({ number: '112', holdMs: 5_000 }, (text) => {
      invites += Number(text.startsWith('INVITE sip:112'))
      return true
    })
    expect([invites, record.success]).toEqual([0, false])
  })
})

test.each([
  ['with one nonce', () => 'n', undefined],
  ['with a nonce for each', (nth: number) => `n${nth}`, undefined],
  ['that claims to be stale', (nth: number) => `n${nth}`, true],
])('a wrong password behind a 407 ends the call after two INVITEs', async (how, nonce, stale) => {
  const line = new Line()
  let server: Server | undefined
  await line.run(async () => {
    server = await new Server(line, { address: '10.0.0.9', port: 5060 }, (tx, nth) => {
      const challenge = { realm: 'p', nonce: nonce(nth), qop: ['auth'] as const, ...(stale ? { stale } : {}) }
      respond(tx, 407, { headers: [['Proxy-Authenticate', formatChallenge(challenge)]] })
    }).start()
    const alice = await line.phone('alice', 1, 9)
    const outgoing = alice.invite('bob', { sdp: SDP('10.0.0.1', 4000) })
    expect((await outgoing.answered)?.status).toBe(407)
    await line.clock.sleep(600_000)
  })
  // Whoever calls every nonce stale gets a few more tries, and no more.
  expect(server?.requests.length).toBeGreaterThanOrEqual(2)
  expect(server?.requests.length).toBeLessThanOrEqual(how === 'that claims to be stale' ? 5 : 2)
})

test.each(['udp', 'tcp'] as const)('Via asks for rport, and Contact names the port', async (transport) => {
  const line = new Line()
  await line.run(async () => {
    const server = await new Server(line, { address: '10.0.0.9', port: 5060 }, (tx) => {
      respond(tx, tx.request.method === 'INVITE' ? 486 : 200)
    }).start()
    const outbound = { transport, remote: { address: '10.0.0.9', port: 5060 } }
    const alice = await line.phone('alice', 1, 9, { outbound, localPort: 40_000 })
    await alice.register()
    await alice.invite('bob', { sdp: SDP('10.0.0.1', 4000) }).answered
    const requests = server.requests.filter(({ method }) => method === 'REGISTER' || method === 'INVITE')
    expect(requests.map(({ method }) => method)).toEqual(['REGISTER', 'INVITE'])
    for (const request of requests) {
      expect(request.headers.get('Via')).toMatch(/;rport/)
      expect(request.headers.get('Contact')).toMatch(/@10\.0\.0\.1:\d+/)
    }
  })
})

describe('metrics', () => {
  test('every metric of k6 is emitted', async () => {
    // By a path that the compiler does not follow: the profiles are compiled for k6.
    const file = `${root}k6/lib/metrics.ts`
    const module: object = await import(file)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see there
    const { countCall, countRegistrations, countRun, countStorm, showAgent } = module as Record<
      string,
      (facts: object, isStorm?: boolean) => void
    >
    countCall?.(call({ setupMs: 50, disconnectMs: 10, legs: [leg({ report: report({ roundTripMs: 4 }) })] }))
    const stats = { registrations: { delaysMs: [20] }, activeCalls: 1, sendLatenessP99Ms: 1, eventLoopLagP99Ms: 2 }
    countRegistrations?.(stats)
    countStorm?.({ devices: 1, registered: 1, refused: { 503: 1 }, delaysMs: [20], tookMs: 20 }, true)
    countRun?.({ id: 'media/echo', variant: { transport: 'udp', family: 'ipv4' }, verdict: 'pass', durationMs: 9 })
    showAgent?.(stats)
    expect([...k6.added.keys()].toSorted()).toEqual([
      'agent_active_calls',
      'agent_event_loop_lag',
      'agent_send_lateness_p99',
      'rtp_jitter',
      'rtp_loss_ratio',
      'rtp_packets_lost',
      'rtp_packets_received',
      'rtp_packets_sent',
      'rtp_round_trip',
      'rtp_two_way_audio',
      'scenario_decided',
      'scenario_duration',
      'scenario_pass',
      'scenario_runs',
      'sip_call_success',
      'sip_calls_completed',
      'sip_calls_started',
      'sip_registration_request_delay',
      'sip_registration_storm',
      'sip_registration_success',
      'sip_registrations_refused',
      'sip_session_disconnect_delay',
      'sip_session_request_delay',
      'voip_mos',
    ])
    expect([...k6.added].filter(([, times]) => times === 0)).toEqual([])
  })

  test('every metric of the agent is emitted', async () => {
    const { AgentMetrics } = await import('../../../src/load/agent-metrics.js')
    const relays = new Map([['relay-1', { calls: 7, received: 7, lost: 7 }]])
    const source = new Proxy({}, { get: (_, name) => (name === 'relays' ? relays : 7) })
    const metrics = new AgentMetrics()
    metrics.observe(call({ setupMs: 120 }))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- any figure will do
    const { text } = await metrics.read(source as never)
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)/gm)].map(([, name = '', type = '']) => [name, type] as const)
    const values = [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)]
    // … and is documented, with its type and labels.
    const rows = [
      ...readFileSync('docs/metrics.md', 'utf8').matchAll(/^\| `(ringproof_agent_\w+)` +\| (\w+) +\| (.*?) +\|/gm),
    ]
    expect(types.length).toBeGreaterThan(20)
    expect(rows.map(([, name, type]) => `${name} ${type}`).toSorted()).toEqual(
      types.map(([name, type]) => `${name} ${type}`).toSorted(),
    )
    for (const [name, type] of types) {
      const own = values.find(([, one]) => one === (type === 'histogram' ? `${name}_count` : name))
      expect(Number(own?.[3]), name).toBe(type === 'histogram' ? 1 : name.endsWith('_seconds') ? 0.007 : 7)
      const labels = [...(own?.[2] ?? '').matchAll(/(\w+)=/g)].map(([, label]) => `\`${label}\``)
      expect(rows.find(([, one]) => one === name)?.[3], name).toBe(labels.length === 0 ? 'none' : labels.join(', '))
    }
  })
})
