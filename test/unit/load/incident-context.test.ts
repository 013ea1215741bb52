import { describe, expect, test } from 'vitest'
import { contextOf, type Moment } from '../../../src/load/incident-context.js'
import { incidentsOf } from '../../../src/load/incidents.js'
import type { LoadResult } from '../../../src/result/load-result.js'

type Point = NonNullable<LoadResult['series']>[number]

/** A minute of 10 calls a second, 100 at a time, but for what is given of some seconds. */
const minute = (others: Readonly<Record<number, Partial<Point>>> = {}): Point[] =>
  Array.from({ length: 60 }, (_, second) => ({
    atMs: (second + 1) * 1000,
    activeCalls: 100,
    callsPerSecond: 10,
    ...others[second],
  }))
const at = (second: number, o: Partial<Moment> = {}): Moment => ({
  fromMs: second * 1000 + 200,
  toMs: second * 1000 + 700,
  transports: ['udp'],
  ...o,
})
const facts = (series: Point[]) => ({ series, relays: 5, transports: 2 })

describe('what else was going on', () => {
  test('nothing else', () => {
    expect(contextOf([at(30, { transports: ['udp', 'tls'] })], facts(minute()))).toEqual([
      'calls were as many as before',
    ])
  })
  test('one relay, one transport', () => {
    expect(contextOf([at(30, { relay: 'relay-3', transports: ['tls'] })], facts(minute()))).toEqual([
      'on none of the other 4 relays, only over TLS; calls were as many as before',
    ])
    const both = [at(30, { relay: 'relay-3', transports: [] }), at(31, { relay: 'relay-4', transports: [] })]
    expect(contextOf(both, facts(minute()))[0]).toMatch(/^on 2 of 5 relays at once; /)
  })
  test('more calls: once may be coincidence, and each time is none', () => {
    const rise = { callsPerSecond: 30 }
    expect(contextOf([at(30)], facts(minute({ 30: rise })))[0]).toContain(
      'calls a second had risen from 10 to 30 (may be coincidence)',
    )
    const often = [10, 25, 40, 55]
    const series = minute(Object.fromEntries(often.map((second) => [second, rise])))
    expect(
      contextOf(
        often.map((second) => at(second)),
        facts(series),
      )[3],
    ).toContain('calls a second had risen from 10 to 30 (as in 4 of 4 incidents)')
    // It rises as often without anything going wrong.
    expect(contextOf([at(10)], facts(series))[0]).toContain('(may be coincidence)')
  })
  test('what came before is no change: the rate has been high for long', () => {
    const high = Object.fromEntries(Array.from({ length: 40 }, (_, second) => [second + 20, { callsPerSecond: 30 }]))
    expect(contextOf([at(50)], facts(minute(high)))[0]).toContain('calls were as many as before')
  })
  test('where we were late ourselves, that is said first', () => {
    const series = minute({ 30: { eventLoopLagMs: 130, sendLatenessP99Ms: 5 } })
    expect(contextOf([at(30)], facts(series))[0]).toBe(
      'only over UDP; this generator was 130 ms late itself then, so that it may be ours; calls were as many as before',
    )
    expect(contextOf([at(40)], facts(series))[0]).not.toContain('ours')
  })
})

test('each incident has its line', () => {
  const failed = { atMs: 30_400, relay: 'relay-3', transport: 'udp', why: 'rejected: 503' }
  const lost = { atMs: 31_000, relay: 'relay-3', received: 900, lost: 100 }
  expect(incidentsOf([lost], [failed], { series: minute(), relays: 5, transports: 1 })).toEqual([
    {
      atMs: 30_400,
      relay: 'relay-3',
      text: 'a call failed: rejected: 503',
      also: 'on none of the other 4 relays; calls were as many as before',
    },
    {
      atMs: 31_000,
      relay: 'relay-3',
      text: '100 packets (10.0 %) lost within 1 s on relay-3',
      also: 'on none of the other 4 relays; calls were as many as before',
    },
  ])
})
