import { describe, expect, test } from 'vitest'
import { untested, untestedWords } from '../../../src/report/untested.js'
import { worstRelay } from '../../../src/report/worst-relay.js'
import { emptyRun, passingRun } from './fixtures.js'

describe('what was not tested', () => {
  const run = {
    ...passingRun(),
    notAskedFor: [],
    notRun: [
      { id: 'a/one', kind: 'slow' as const, why: 'takes 95 s' },
      { id: 'a/two', kind: 'slow' as const, why: 'takes 10 min' },
      { id: 'a/three', kind: 'policy' as const, count: 3, why: 'only where …' },
      { id: 'others', kind: 'not selected' as const, count: 144, why: '144 scenarios were not selected' },
      { id: 'a/four', why: 'a reason of an older release' },
    ],
  }

  test('is told by kind, counted, with what would get it tested', () => {
    expect(untestedWords(run)).toEqual([
      '1 test left out for other reasons',
      '2 tests take longer than 40 s each (run with --slow)',
      '144 tests not selected on the command line (run without options that narrow the run, such as --only)',
      '3 tests are for targets that treat several devices on one account differently',
    ])
  })

  test('loses nothing: each entry is in one kind', () => {
    const entries = untested(run).flatMap((one) => one.entries)
    expect(entries.map(({ why }) => why).toSorted()).toEqual(run.notRun.map(({ why }) => why).toSorted())
  })

  test('names the published relays that no call met', () => {
    const base = emptyRun()
    const relays = ['relay-1', 'relay-2', 'relay-3'].map((name) => ({ name, addresses: [] }))
    const [scenario] = passingRun().scenarios
    const through = (...met: string[]) => ({
      ...base,
      target: { ...base.target, relays },
      scenarios: met.map((name) => ({ ...scenario!, relays: [name] })),
    })
    const words = (...met: string[]) => untestedWords(through(...met)).filter((one) => /relays(?:,|:)/.test(one))
    expect(words('relay-1', 'relay-3')).toEqual([
      '1 of 3 published relays, which no call of this run was led over: relay-2',
    ])
    expect(words('relay-1', 'relay-2', 'relay-3')).toEqual([])
    expect(words('203.0.113.9')).toEqual(['all published relays: no audio of this run went through any of them'])
  })

  test('a run without a load says so, and a load without conformance', () => {
    expect(untestedWords(emptyRun())).toEqual([
      'behaviour under load, and how the relays compare: this run tested conformance only',
    ])
    const { load } = passingRun()
    expect(untestedWords({ ...emptyRun(), command: 'load', ...(load ? { load } : {}) })).toEqual([
      'conformance: this run was a load test only',
    ])
  })
})

describe('the worst relay', () => {
  const relay = {
    name: 'a',
    address: '',
    calls: 4,
    packetsSent: 9,
    packetsReceived: 9,
    packetsLost: 0,
    jitterP95Ms: 1,
    oneWayCalls: 0,
  }

  test('is the one with the worst kind of trouble, not with the most of a lesser one', () => {
    const lossy = { ...relay, name: 'lossy', packetsLost: 5 }
    const oneWay = { ...relay, name: 'one-way', oneWayCalls: 1 }
    const silent = { ...relay, name: 'silent', packetsReceived: 0 }
    expect(worstRelay([relay, lossy])).toEqual({ name: 'lossy', why: '35.7 % of its packets lost' })
    expect(worstRelay([relay, lossy, oneWay])).toEqual({ name: 'one-way', why: '1 of 4 calls one-way' })
    expect(worstRelay([oneWay, silent])?.name).toBe('silent')
  })

  test('is hardly worse than the others where all have the same', () => {
    const lossy = { ...relay, packetsLost: 5 }
    expect(worstRelay([lossy, lossy])?.why).toBe('35.7 % of its packets lost; the others are hardly better')
  })

  test('is none where all are well, or unused', () => {
    expect(worstRelay([relay])).toBeUndefined()
    expect(worstRelay([{ ...relay, calls: 0, packetsReceived: 0 }])).toBeUndefined()
  })
})
