import { describe, expect, it } from 'vitest'
import type { LoadResult } from '../../../src/result/load-result.js'
import { type GeneratorFacts, problemsOf, validityOf } from '../../../src/verdict/load-validity.js'

const sound: GeneratorFacts = {
  sendLatenessP99Ms: 20,
  eventLoopLagP99Ms: 40,
  socketDrops: 0,
  packetsSent: 100_000,
  sendErrors: 100,
  troubles: new Map(),
  crashes: [],
  brokenOff: undefined,
}
const pace = (began: number, ordered = 10, calls = 100) => ({ pace: { ordered, began, calls } })
const neighbour = (ranMs: number, waitedMs: number) => ({ neighbour: { ms: 10_000, ranMs, waitedMs } })
const machine = (loadAverage: number) => ({ machine: { loadAverage, cores: 2 } })

describe('what was wrong with the generator', () => {
  it.each<[string, Partial<GeneratorFacts>]>([
    ['everything at its limit', {}],
    ['a load without audio', { sendLatenessP99Ms: undefined, packetsSent: 0, sendErrors: 0 }],
    // 37 calls at 7.4 a second take 5 s; they may take a quarter and three seconds more: 9.25 s.
    ['a pace just fast enough', pace(4, 7.4, 37)],
    ['few calls that waited for their turn', pace(0.3, 1, 1)],
    ['a busy machine that was in time', machine(100)],
    ['a target on this machine that works more than it waits', neighbour(4000, 7900)],
    ['a target on this machine that has little to do, and waits for little', neighbour(10, 1000)],
  ])('nothing: %s', (_, facts) => expect(problemsOf({ ...sound, ...facts })).toEqual([]))

  it.each<[string, Partial<GeneratorFacts>, string[]]>([
    [
      'late packets',
      { sendLatenessP99Ms: 20.6 },
      ['the generator was too slow: 1 % of its packets left 21 ms or more behind their time (allowed: 20 ms)'],
    ],
    [
      'a late event loop',
      { eventLoopLagP99Ms: 40.6 },
      ['the generator was too busy: its event loop lagged by up to 41 ms (99th percentile, allowed: 40 ms)'],
    ],
    [
      'a target on this machine that hardly gets its turns',
      neighbour(700, 4300),
      [
        "other programs kept this machine's cores busy: the target, which runs on it, too, worked for 0.7 s and waited 4.3 s for its turns, so that its delays are not its own",
      ],
    ],
    [
      'calls that began too slowly',
      pace(6.4, 12),
      ['calls began at 6.4 a second instead of 12: the target was loaded less than was ordered'],
    ],
    [
      'calls that began too slowly, ten a second',
      pace(10, 50, 1000),
      ['calls began at 10 a second instead of 50: the target was loaded less than was ordered'],
    ],
    [
      'datagrams that nobody read',
      { socketDrops: 7 },
      [
        "7 packets reached this machine and were dropped by its kernel, since the generator did not read them in time: its losses are not the target's",
      ],
    ],
    ['datagrams that were not sent', { sendErrors: 101 }, ['the kernel did not send 101 of 100101 packets']],
    [
      'calls that were not made',
      {
        troubles: new Map([
          ['no port was free', 1],
          ['no descriptor was free', 2],
        ]),
      },
      [
        '1 call was not made because of this machine: no port was free',
        '2 calls were not made because of this machine: no descriptor was free',
      ],
    ],
    [
      'a thread that died, without its stack',
      { crashes: ['RangeError: out of bounds\n    at x (y.js:1)'] },
      ['a thread of the call agent crashed: RangeError: out of bounds'],
    ],
    ['a load that was broken off', { brokenOff: 'k6 ended with code 107' }, ['k6 ended with code 107']],
    [
      'other programs, which explain it',
      { brokenOff: 'k6 ended with code 107', socketDrops: 0, eventLoopLagP99Ms: 90, ...machine(3.04) },
      [
        'the generator was too busy: its event loop lagged by up to 90 ms (99th percentile, allowed: 40 ms)',
        'other programs compete for this machine: load average 3.0 on 2 cores',
        'k6 ended with code 107',
      ],
    ],
    [
      'nobody else, where as many programs ran as the machine bears',
      { eventLoopLagP99Ms: 90, ...machine(3) },
      ['the generator was too busy: its event loop lagged by up to 90 ms (99th percentile, allowed: 40 ms)'],
    ],
  ])('%s', (_, facts, problems) => expect(problemsOf({ ...sound, ...facts })).toEqual(problems))
})

describe('whether a load is valid', () => {
  const counted = (agents: number, ok = agents === 30): NonNullable<LoadResult['reconciliation']>[number] => ({
    what: 'calls started',
    k6: 30,
    agents,
    ok,
  })
  const late = 'the generator was too busy: its event loop lagged by up to 90 ms (99th percentile, allowed: 40 ms)'
  const differ =
    'k6 and the call agents counted differently (calls started: 30 and 29; calls started: 30 and 28): one of them lost calls'

  it.each<[string, Partial<GeneratorFacts>, LoadResult['reconciliation'], ReturnType<typeof validityOf>]>([
    ['nothing wrong', {}, undefined, { valid: true, sound: true, problems: [] }],
    ['nothing wrong, counts agree', {}, [counted(30)], { valid: true, sound: true, problems: [] }],
    ['a late generator', { eventLoopLagP99Ms: 90 }, [counted(30)], { valid: false, sound: false, problems: [late] }],
    // The agents' records are the target's all the same.
    ['counts differ', {}, [counted(29), counted(30), counted(28)], { valid: false, sound: true, problems: [differ] }],
  ])('%s', (_, facts, reconciliation, validity) =>
    expect(validityOf({ ...sound, ...facts }, reconciliation)).toEqual(validity),
  )
})
