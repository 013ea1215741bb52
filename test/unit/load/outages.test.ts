/** When calls stopped working, and when they worked again. */
import { describe, expect, test } from 'vitest'
import type { CallFact } from '../../../src/load/call-facts.js'
import { incidentsOf } from '../../../src/load/incidents.js'
import { type RelaySecond, silencesIn, unansweredIn } from '../../../src/load/outages.js'

const call = (second: number, status = 200): CallFact => ({
  startedAt: 1_000_000 + second * 1000,
  answeredAt: status < 300 ? 1_000_050 + second * 1000 : undefined,
  endedAt: 1_003_000 + second * 1000,
  status,
  setupMs: 50,
  retryAfterS: undefined,
  relay: '',
  refused: status >= 300,
  transport: 'udp',
  family: 'ipv4',
  far: 'echo',
  brokeAt: undefined,
})
const calls = (from: number, count: number, status = 200) =>
  Array.from({ length: count }, (_, at) => call(from + at, status))

describe('calls that do not get through', () => {
  const told = (...facts: CallFact[][]) => unansweredIn(facts.flat(), 1_000_000)

  test('one after another are an outage, with its beginning and its end', () => {
    expect(told(calls(0, 7), calls(7, 6, 408), calls(13, 2, 503), calls(15, 4))).toEqual([
      {
        atMs: 7_000,
        text: 'no call got through any more: 8 that began within 7 s (no answer: 6, 503: 2); calls got through again from 15.0 s on',
      },
    ])
  })
  test('without an end are told so', () => {
    expect(told(calls(0, 3), calls(3, 5, 408))).toEqual([
      {
        atMs: 3_000,
        text: 'no call got through any more: 5 that began within 4 s (no answer: 5); none got through again',
      },
    ])
  })
  test('in the order in which they ended are put in that in which they began', () => {
    const all = [...calls(0, 3), ...calls(3, 5, 408)]
    expect(unansweredIn(all.toReversed(), 1_000_000)).toEqual(unansweredIn(all, 1_000_000))
  })
  test('now and then are none', () => {
    expect(told(calls(0, 3), calls(3, 4, 408), calls(7, 3), calls(10, 4, 503), calls(14, 1))).toEqual([])
  })
  test('because this machine could not make them say nothing', () => {
    expect(
      told(
        calls(0, 3),
        calls(3, 9, 0).map((one) => ({ ...one, refused: false })),
      ),
    ).toEqual([])
  })
})

describe('relays that fall silent', () => {
  const seconds = (relay: string, received: readonly number[], up = 4): RelaySecond[] =>
    received.map((count, at) => ({
      atMs: at * 1000,
      relay,
      calls: up,
      received: count,
      missed: count === 0 ? 50 * up : 0,
    }))

  test('are named, with the moment and the calls, and whether it came back', () => {
    expect(
      silencesIn([...seconds('relay-1', [200, 200, 200, 200, 200]), ...seconds('relay-2', [200, 200, 0, 0, 200])]),
    ).toEqual([
      {
        atMs: 2_000,
        relay: 'relay-2',
        text: 'no audio any more through relay-2, with 4 calls up; it came back at 4.0 s',
      },
    ])
  })
  test('all at once are the target', () => {
    const all = ['relay-1', 'relay-2'].flatMap((relay) => seconds(relay, [200, 200, 0, 0, 0]))
    expect(silencesIn(all)).toEqual([
      { atMs: 2_000, text: 'no audio any more from the target, with 8 calls up; it did not come back' },
    ])
  })
  test('for a second with two calls, or without a call are none', () => {
    expect(silencesIn(seconds('relay-1', [200, 200, 0, 200], 2))).toEqual([])
    expect(silencesIn(seconds('relay-1', [200, 0, 0, 0], 0))).toEqual([])
  })
  test('in which nothing is missed are none: calls that have just begun, and such as wait for the answer to their BYE', () => {
    const nothingMissed = (one: RelaySecond): RelaySecond => ({ ...one, missed: 9 })
    expect(silencesIn(seconds('relay-1', [200, 0, 0, 200, 0]).map(nothingMissed))).toEqual([])
  })
  test('last as long as nothing comes, also when nothing more is missed', () => {
    const [missed, ...later] = seconds('relay-1', [0, 0, 0, 200])
    const samples = [missed, ...later.map((one) => ({ ...one, missed: 9 }))].filter((one) => one !== undefined)
    expect(silencesIn(samples)).toEqual([
      { atMs: 0, text: 'no audio any more from the target, with 4 calls up; it came back at 3.0 s' },
    ])
  })
  test('for a second, with several calls up, are the target', () => {
    expect(silencesIn(seconds('relay-1', [200, 0, 200]))).toEqual([
      { atMs: 1_000, text: 'no audio any more from the target, with 4 calls up; it came back at 2.0 s' },
    ])
  })
})

test('what is told in any case is not pushed out by failed calls', () => {
  const failed = Array.from({ length: 300 }, (_, at) => ({
    atMs: at * 1000,
    relay: '',
    transport: 'udp',
    why: 'no final answer',
  }))
  const all = incidentsOf([], failed, { series: [], relays: 1, transports: 1 }, [
    { atMs: 290_000, text: 'a thread died' },
  ])
  expect(all).toHaveLength(101)
  expect(all.map(({ text }) => text)).toContain('a thread died')
  expect(all.at(-1)?.text).toBe('201 more incidents')
})
