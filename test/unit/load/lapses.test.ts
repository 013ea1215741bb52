import { expect, test } from 'vitest'
import type { CallFact } from '../../../src/load/call-facts.js'
import { outagesOf } from '../../../src/load/lapses.js'
import { outageInWords } from '../../../src/verdict/outages.js'

const START = 1_000_000
/** A call each second of `seconds`, on two relays by turns. */
const calls = (seconds: number, of: (second: number) => Partial<CallFact> = () => ({})): CallFact[] =>
  Array.from({ length: seconds }, (_, second) => {
    const startedAt = START + second * 1000
    return {
      startedAt,
      answeredAt: startedAt + 50,
      endedAt: startedAt + 4_000,
      status: 200,
      setupMs: 50,
      retryAfterS: undefined,
      relay: `relay-${1 + (second % 2)}`,
      refused: false,
      brokeAt: undefined,
      transport: 'udp',
      family: 'ipv4',
      far: 'account',
      ...of(second),
    }
  })
const failing = (second: number): Partial<CallFact> => ({ brokeAt: START + second * 1000 })

test('calls that fail for a while, and are well before and afterwards', () => {
  const found = outagesOf(
    calls(60, (second) => {
      if (second >= 20 && second < 30) return { ...failing(second), answeredAt: undefined, relay: '' }
      // Two that were up lost their audio when it began.
      return second === 17 || second === 18 ? { brokeAt: START + 19_900 } : {}
    }),
    START,
  )
  expect(found).toEqual([{ fromMs: 19_900, lastedMs: 10_100, calls: 10, failed: 10, cut: 2, survived: 2 }])
  expect(found.map(outageInWords)).toEqual([
    'From 20 s on calls failed for 10 s: 10 of 10 that began; 2 of 4 calls that were up lost their audio.',
  ])
})

test('of one relay, its own calls tell when it was well again', () => {
  const isAway = (second: number) => second % 2 === 0 && second >= 20 && second < 30
  const found = outagesOf(
    calls(60, (second) => (isAway(second) ? failing(second) : {})),
    START,
  )
  expect(found).toEqual([
    { fromMs: 20_000, lastedMs: 10_000, calls: 9, failed: 5, cut: 0, survived: 1, relay: 'relay-1' },
  ])
})

test('no outage is a call that fails now and then, or a load that fails to its end', () => {
  expect(
    outagesOf(
      calls(60, (second) => (second % 20 === 5 ? failing(second) : {})),
      START,
    ),
  ).toEqual([])
  expect(
    outagesOf(
      calls(60, (second) => (second > 30 ? failing(second) : {})),
      START,
    ),
  ).toEqual([])
})
