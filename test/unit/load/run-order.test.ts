/** Orders for runs of scenarios: what is taken, and what is refused with which words. */
import { describe, expect, test } from 'vitest'
import { BadOrderError } from '../../../src/load/call-order.js'
import type { PushableScenario } from '../../../src/load/runs/run-protocol.js'
import { runsOf, Turns } from '../../../src/load/runs/run-order.js'
import type { Variant } from '../../../src/scenario/variant.js'

const udp: Variant = { transport: 'udp', family: 'ipv4' }
const tls: Variant = { transport: 'tls', family: 'ipv4' }
const old: Variant = { transport: 'udp', family: 'ipv6' }

const scenario = (id: string, more: Partial<PushableScenario> = {}): PushableScenario => ({
  id,
  devices: { alice: {} },
  variants: [{ variant: udp }, { variant: old, why: 'the target has no IPv6' }, { variant: tls }],
  ...more,
})
const all = [
  scenario('media/echo'),
  scenario('media/two-way'),
  scenario('registrar/binding-ends', { unfit: 'takes 160 s' }),
  scenario('ipv6/echo', { variants: [{ variant: old, why: 'the target has no IPv6' }] }),
]
const order = (body: object, turns = new Turns()) => runsOf(body, all, turns)
const refusal = (body: object) => {
  try {
    order(body)
  } catch (error) {
    if (error instanceof BadOrderError) return [error.status, error.field, error.message]
    throw error
  }
  return undefined
}

describe('one run', () => {
  test('begins at once, its variant by turns among those that the target has', () => {
    const turns = new Turns()
    const taken = [1, 2, 3].map(() => order({ scenario: 'media/echo' }, turns))
    expect(taken.map(({ isWave, runs }) => [isWave, runs.length, runs[0]?.atMs])).toEqual(
      [1, 2, 3].map(() => [false, 1, 0]),
    )
    expect(taken.map(({ runs }) => runs[0]?.variant)).toEqual([udp, tls, udp])
  })

  test('has the variant that was asked for, or part of it', () => {
    for (const variant of [{ transport: 'tls' }, tls])
      expect(order({ scenario: 'media/echo', variant }).runs[0]?.variant).toEqual(tls)
  })
})

test.each<[string, object, unknown[]]>([
  ['nothing', {}, [400, 'scenario', "expected either 'scenario' or 'mix'"]],
  [
    'what there is not',
    { scenario: 'media/ecco' },
    [400, 'scenario', "there is no scenario 'media/ecco'; did you mean 'media/echo'?"],
  ],
  [
    'what is not fit',
    { scenario: 'registrar/binding-ends' },
    [
      400,
      'scenario',
      "'registrar/binding-ends' cannot be run as load: it takes 160 s. Fit for load are: media/echo, media/two-way, ipv6/echo",
    ],
  ],
  [
    'what the target lacks',
    { mix: [{ scenario: 'media/echo' }, { scenario: 'ipv6/echo' }], count: 2 },
    [400, 'mix.1.scenario', "'ipv6/echo' cannot be run on this target: the target has no IPv6"],
  ],
  [
    'a variant that it has not',
    { scenario: 'media/echo', variant: { transport: 'tcp' } },
    [400, 'variant', "'media/echo' has no such variant; it has udp/ipv4, udp/ipv6, tls/ipv4"],
  ],
  [
    'a pattern of nothing',
    { scenario: 'nat/*' },
    [400, 'scenario', "'nat/*': of the scenarios that are fit for load none is called so"],
  ],
  [
    'a mix without a number',
    { mix: [{ scenario: 'media/echo' }] },
    [400, 'count', "expected 'count' with 'mix' and 'overMs': how many runs"],
  ],
  [
    'another field',
    { scenario: 'media/echo', cnt: 3 },
    [400, 'cnt', expect.stringMatching(/no such field; there are scenario, .*count/)],
  ],
])('%s is refused with the field and what to do', (_what, body, expected) => {
  expect(refusal(body)).toEqual(expected)
})

describe('a wave', () => {
  const count = (runs: readonly { scenario: PushableScenario }[], id: string) =>
    runs.filter(({ scenario: { id: one } }) => one === id).length

  test('has each scenario as often as its weight asks for, also over waves of one', () => {
    const turns = new Turns()
    const mix = [{ scenario: 'media/echo', weight: 3 }, { scenario: 'media/two-way' }]
    const whole = order({ mix, count: 40 })
    expect([count(whole.runs, 'media/echo'), count(whole.runs, 'media/two-way')]).toEqual([30, 10])
    const single = Array.from({ length: 8 }, () => order({ mix, count: 1 }, turns).runs[0])
    expect(single.filter((one) => one?.scenario.id === 'media/echo').length).toBe(6)
  })

  test('spreads its beginnings, and the same seed gives the same', () => {
    const body = { scenario: '*', count: 6, overMs: 600, arrivals: 'poisson', seed: 5 }
    const [one, other] = [order(body).runs, order(body).runs]
    expect(one).toEqual(other)
    expect(one.map(({ atMs }) => atMs)).toEqual(one.map(({ atMs }) => atMs).toSorted((a, b) => a - b))
    expect(new Set(one.map((run) => run.scenario.id))).toEqual(new Set(['media/echo', 'media/two-way']))
  })
})
