/** A relay's own counters against the agents': who lost packets, and what cannot be told. */
import { assert, boolean, nat, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinedRelayCounts } from '../../../src/load/joined-relay-counts.js'
import type { RelayFacts, RelayReading } from '../../../src/result/load-relays.js'
import type { LoadResult } from '../../../src/result/load-result.js'
import { breakagesOfLoad } from '../../../src/verdict/load.js'
import { relayCountsOf } from '../../../src/verdict/relay-counts.js'
import { relayTroubles } from '../../../src/verdict/relay-troubles.js'

const T = 1_000_000
const reading = (o: Partial<RelayReading> = {}): RelayReading => ({
  at: T,
  packets: 0,
  inKernel: 0,
  errors: 0,
  sessions: 0,
  endedSessions: 0,
  uptimeS: 1000,
  ...o,
})

/** Ten calls, each 500 packets and 2 of RTCP from each of two ends. */
const OURS: RelayFacts['ours'] = {
  calls: 10,
  farEnds: 0,
  unplaced: 0,
  runs: 0,
  sent: 10_000,
  received: 10_000,
  rtcpSent: 40,
  rtcpReceived: 40,
  lost: 0,
  dropped: 0,
  edges: 100,
}
const ALL = { packets: 10_040, endedSessions: 10 }

interface Told {
  readonly ours?: Partial<RelayFacts['ours']>
  readonly before?: Partial<RelayReading>
  readonly after?: Partial<RelayReading>
}

const facts = ({ ours, before, after, ...o }: Told & Partial<Omit<RelayFacts, keyof Told>> = {}): RelayFacts => ({
  relays: ['relay-1'],
  control: '192.0.2.9:2223',
  settled: true,
  waitedMs: 0,
  before: reading(before),
  after: reading({ at: T + 60_000, uptimeS: 1060, ...ALL, ...after }),
  ours: { ...OURS, ...ours },
  ...o,
})
const told = (o?: Parameters<typeof facts>[0]) => relayCountsOf(facts(o))

describe('a relay that nobody else uses', () => {
  test('agrees, give or take the beginnings and ends of calls', () => {
    expect(told()).toMatchObject({ state: 'agree', took: 10_040, errors: 0, sessions: 10 })
    expect(told().text).toBe('The counts agree, but for beginnings and ends of calls.')
    expect(told({ after: { packets: 9_950 } }).state).toBe('agree')
    expect(told({ after: { packets: 10_140 } }).state).toBe('agree')
    expect(told({ ours: { received: 9_900, lost: 20 } }).state).toBe('agree')
  })

  test('that took in less than was sent: lost before it', () => {
    const row = told({ after: { packets: 9_500 }, ours: { received: 9_470, lost: 530 } })
    expect(row).toMatchObject({ state: 'lost', lostBefore: 400 })
    expect(row).not.toHaveProperty('lostAfter')
    expect(row.text).toBe(
      'It took in 9500 packets of the 10040 that the agents sent: at least 400 were lost before it, on the way or at its sockets.',
    )
  })

  test('that took in all, and fewer came back: lost in it or after it', () => {
    const row = told({ ours: { received: 9_000, lost: 1_000 } })
    expect(row).toMatchObject({ state: 'lost', lostAfter: 900 })
    expect(row).not.toHaveProperty('lostBefore')
    expect(row.text).toBe('It took in 10040 packets, and 9040 came back: at least 900 were lost in it or after it.')
  })

  test('on both sides of which packets were lost', () => {
    expect(told({ after: { packets: 9_000 }, ours: { received: 8_000, lost: 2_000 } })).toMatchObject({
      state: 'lost',
      lostBefore: 900,
      lostAfter: 860,
    })
  })

  test('that does not count RTCP, or does not relay it, lost none', () => {
    expect(told({ after: { packets: 10_000 } }).state).toBe('agree')
    expect(told({ ours: { rtcpReceived: 0 } }).state).toBe('agree')
  })

  test('that makes longer packets of the same audio lost none', () => {
    const row = told({ ours: { received: 6_667, lost: 0 } })
    expect(row.state).toBe('differ')
    expect(row.text).toContain('none of them is missing by its number')
  })

  test('is not blamed for what our own sockets dropped', () => {
    expect(told({ ours: { received: 9_000, lost: 1_000, dropped: 1_000 } }).state).toBe('agree')
  })

  test('says of its errors what they are; they may be packets that came', () => {
    const row = told({ after: { packets: 9_500, errors: 500 }, ours: { received: 9_500, lost: 500 } })
    expect(row.state).toBe('agree')
    expect(row.text).toContain('It counted 500 errors: packets that it could not decrypt or send on.')
  })

  test('too few are missing to tell where', () => {
    const row = told({ after: { packets: 9_950 }, ours: { received: 9_860, lost: 140 } })
    expect(row).toMatchObject({
      state: 'differ',
      text: 'The agents miss 140 packets: too few to tell on which side of it they were lost.',
    })
  })

  test('through which no call went says so', () => {
    const none = { calls: 0, sent: 0, received: 0, rtcpSent: 0, rtcpReceived: 0, edges: 0 }
    expect(told({ ours: none, after: { packets: 0, endedSessions: 0 } })).toMatchObject({
      state: 'differ',
      text: 'No call of ours went through it.',
    })
  })
})

describe('a relay that others use', () => {
  test.each<[string, Parameters<typeof told>[0], string]>([
    ['more packets', { after: { packets: 12_000 } }, 'it took in 1860 packets more than the agents sent'],
    [
      'more sessions',
      { after: { endedSessions: 14 } },
      '14 sessions began at it, and no more than 10 of them are ours',
    ],
    ['calls before ours', { movedBefore: 50 }, 'it led other calls when the load began'],
    ['calls after ours', { movedAfter: 50 }, 'it led other calls when ours were over'],
    ['another part of the load', { partial: true }, 'other parts of this load use it too'],
    ['scenarios', { ours: { runs: 3 } }, 'scenarios ran beside the calls'],
    ['far ends', { ours: { farEnds: 4 }, after: { packets: 14_000 } }, 'the other end of 4 calls is not one of ours'],
  ])('%s', (_what, o, why) => {
    const row = told({ ...o, ours: { received: 9_000, lost: 1_000, ...o?.ours } })
    expect(row.state).toBe('shared')
    expect(row).not.toHaveProperty('lostAfter')
    expect(row.text).toMatch(/^The counts cannot be told apart: /)
    expect(row.text).toContain(why)
  })

  test('took in less than we alone sent: that is clear all the same', () => {
    const row = told({ movedBefore: 5, after: { packets: 8_000 }, ours: { received: 7_000, lost: 3_000 } })
    expect(row).toMatchObject({ state: 'lost', lostBefore: 1_900 })
    expect(row).not.toHaveProperty('lostAfter')
    expect(row.text).toContain(
      'What was lost in it or after it cannot be told: it led other calls when the load began.',
    )
  })

  test('calls that were refused may have had a session anywhere', () => {
    expect(told({ after: { endedSessions: 13 }, ours: { unplaced: 3 } }).state).toBe('agree')
  })
})

describe('sessions that are left', () => {
  const after = { endedSessions: 8, sessions: 2 }
  test('are ours where nobody else used it', () => {
    expect(told({ after, waitedMs: 33_000 })).toMatchObject({
      state: 'agree',
      left: 2,
      text: expect.stringContaining('2 sessions of ours are left 33 s after the last call.'),
    })
  })

  test.each<[string, Parameters<typeof told>[0]]>([
    ['others used it', { movedBefore: 1 }],
    ['more sessions began than ours', { after: { endedSessions: 9, sessions: 2 } }],
    ['it took in more than we sent', { after: { ...after, packets: 12_000 } }],
  ])('are nobody’s where %s', (_what, o) => {
    const row = told({ after, ...o })
    expect(row).not.toHaveProperty('left')
    expect(row.text).toContain('2 sessions more than before; whose they are cannot be told.')
  })

  test('are no finding where calls of ours may be up', () => {
    expect(told({ after, settled: false })).not.toHaveProperty('left')
  })
})

describe('a relay that was started again', () => {
  test.each<[string, Parameters<typeof told>[0], number]>([
    ['counts less', { before: { packets: 50_000 }, after: { uptimeS: 20 } }, T + 40_000],
    ['has been up for less', { before: { uptimeS: 300 }, after: { uptimeS: 40 } }, T + 20_000],
    ['has been up for less than the load lasted', { before: { uptimeS: 2 }, after: { uptimeS: 30 } }, T + 30_000],
    ['lost its sessions’ count', { before: { endedSessions: 11 }, after: { uptimeS: 10 } }, T + 50_000],
  ])('%s', (_what, o, restartedAt) => {
    const row = told(o)
    expect(row).toMatchObject({ state: 'restarted', restartedAt })
    expect(row).not.toHaveProperty('lostBefore')
  })

  test('a clock that is set by some seconds is no new start', () => {
    expect(told({ before: { uptimeS: 0 }, after: { uptimeS: 56 } }).state).toBe('agree')
  })

  test('where it does not tell since when it is up, counters that fell are enough', () => {
    const { uptimeS: _before, ...before } = reading({ packets: 9_999_999 })
    const { uptimeS: _after, ...after } = reading({ at: T + 60_000 })
    expect(relayCountsOf({ ...facts(), before, after })).toMatchObject({ state: 'restarted', restartedAt: T + 60_000 })
  })
})

test('whatever happens on the way and whoever uses it, no side is blamed for more than it lost', () => {
  const packets = nat(5_000)
  assert(
    property(
      record({
        sent: packets,
        before: packets,
        within: packets,
        errors: nat(300),
        others: packets,
        edges: nat(200),
      }),
      boolean(),
      (o, areOthersSeen) => {
        const lostBefore = Math.min(o.sent, o.before)
        const came = o.sent - lostBefore
        const lostAfter = Math.min(came, o.within)
        // Packets that it could not send are errors, and lost after it.
        const errors = Math.min(o.errors, lostAfter)
        const others = areOthersSeen ? o.others : 0
        const row = told({
          ...(areOthersSeen ? { movedBefore: 1 } : {}),
          after: { packets: came + others, errors },
          ours: {
            sent: o.sent,
            received: came - lostAfter,
            lost: lostBefore + lostAfter,
            rtcpSent: 0,
            rtcpReceived: 0,
            edges: o.edges,
          },
        })
        expect(row.lostBefore ?? 0).toBeLessThanOrEqual(lostBefore)
        expect(row.lostAfter ?? 0).toBeLessThanOrEqual(lostAfter)
        if (row.state === 'agree') expect(lostBefore + lostAfter).toBeLessThanOrEqual(2 * (o.edges + errors))
      },
    ),
  )
})

const load = (more: Partial<LoadResult> = {}): LoadResult => ({
  profile: 'busy',
  valid: true,
  generator: { sendLatenessP99Ms: 1, eventLoopLagP99Ms: 1 },
  calls: { started: 10, completed: 10, failed: 0, oneWay: 0 },
  relays: [],
  ...more,
})

describe('what is made of it', () => {
  test('sessions that are left warn, whatever else is well', () => {
    const relayCounts = [
      told({ after: { endedSessions: 8, sessions: 2 }, waitedMs: 33_000 }),
      told({ relays: ['relay-2'] }),
    ]
    expect(breakagesOfLoad(load({ relayCounts }), false)).toMatchObject([
      {
        cause: 'LOAD-SESSIONS-LEFT',
        severity: 'warn',
        gravity: 'harm',
        title: '2 sessions of 10 calls are left at relay-1 after all calls are over',
        rule: { actual: 'relay-1: 2 after 33 s' },
        relays: ['relay-1'],
        count: 2,
      },
    ])
    expect(breakagesOfLoad(load({ relayCounts }), true)).toEqual([])
  })

  test('counts that differ, a relay that is not reached or was started again, break nothing', () => {
    const rows = [
      told({ ours: { received: 6_667 } }),
      told({ after: { packets: 20_000 } }),
      told({ after: { uptimeS: 3 } }),
      relayCountsOf({ ...facts(), after: undefined, why: 'nothing answers' }),
    ]
    expect(rows.map(({ state }) => state)).toEqual(['differ', 'shared', 'restarted', 'not-reached'])
    expect(breakagesOfLoad(load({ relayCounts: rows }), false)).toEqual([])
  })

  test('where audio is lost, the finding has the relay’s own word on which side', () => {
    const relays = ['relay-1', 'relay-2'].map((name, index) => ({
      name,
      address: name,
      calls: 10,
      packetsSent: 10_000,
      packetsReceived: index === 0 ? 9_000 : 10_000,
      packetsLost: index === 0 ? 1_000 : 0,
      jitterP95Ms: 1,
      oneWayCalls: 0,
    }))
    const relayCounts = [told({ ours: { received: 9_000, lost: 1_000 } })]
    const [found] = relayTroubles({ ...load({ relays }), relayCounts })
    expect(found?.actual).toBe(
      "relay-1: 1000 of 10000 packets lost (by the relay's own counters 900 or more in it or after it)",
    )
  })

  test('parts of a load are one: what one part took for others’ is the other part’s', () => {
    const half = { sent: 5_000, received: 5_000, rtcpSent: 20, rtcpReceived: 20, calls: 5, edges: 50 }
    // The second begins and ends later; each sees what the other did meanwhile.
    const parts = [
      told({ partial: true, ours: half, after: { packets: 9_000, endedSessions: 8 } }),
      told({
        partial: true,
        ours: half,
        before: { at: T + 5_000, uptimeS: 1005, packets: 700 },
        after: { at: T + 65_000, uptimeS: 1065 },
      }),
    ]
    expect(parts.map(({ state }) => state)).toEqual(['shared', 'shared'])
    const loads = parts.map((row) => load({ relayCounts: [row] }))
    expect(joinedRelayCounts(loads, false).relayCounts).toMatchObject([
      { state: 'agree', took: 10_040, sessions: 10, ours: { calls: 10, sent: 10_000 } },
    ])
    expect(joinedRelayCounts(loads, true).relayCounts).toMatchObject([{ state: 'shared' }])
    expect(joinedRelayCounts([...loads, load()], false).relayCounts).toMatchObject([{ state: 'shared' }])
    expect(joinedRelayCounts([load(), load()], false)).toEqual({})
    const mute = relayCountsOf({ ...facts(), after: undefined, why: 'nothing answers' })
    expect(joinedRelayCounts([...loads, load({ relayCounts: [mute] })], false).relayCounts).toMatchObject([
      { state: 'not-reached', text: 'Not reached: nothing answers.' },
    ])
  })
})
