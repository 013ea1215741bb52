/** What the calls of a run tell of each relay, whatever they are about. */
import { describe, expect, it } from 'vitest'
import type { FaultName } from '../../src/provider/embedded-provider.js'
import { runConformance } from '../../src/runner/run.js'
import { relaysOfRun } from '../../src/verdict/relays.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { allScenarios, inFirstVariant } from './detection.js'
import { blurred, type MakeLine, through } from './peculiar-media.js'

const scenarios = inFirstVariant(await allScenarios())

async function relaysMet(only: RegExp, o: { faults?: readonly FaultName[]; line?: MakeLine } = {}) {
  const { stages, document } = await virtualStages({ seed: 1, faults: o.faults ?? [] })
  const { line } = o
  const on: typeof stages.on = (key, story) =>
    stages.on(key, (world) => story(line ? { ...world, network: through(world.network, world.clock, line) } : world))
  const outcome = await runConformance({
    scenarios: scenarios.filter(({ definition: { id } }) => only.test(id)),
    document,
    stages: { ...stages, on },
    selection: {},
    brief: true,
    confirms: false,
  })
  const relays = relaysOfRun(outcome.scenarios, document.published?.relays ?? [])
  const rows = relays.flatMap(({ name, directions }) => directions.map((one) => ({ name, ...one })))
  return { relays, rows, outcome }
}

const CALLS = /^media\/(?:every-relay|two-way|echo)$/

describe('relays that work', () => {
  it('are all met, and nothing is said against them by any scenario', async () => {
    const { relays, rows, outcome } = await relaysMet(/^(?:media|nat|srtp|dtmf|dialog|retransmission|services)\//)
    expect(outcome.scenarios.length).toBeGreaterThan(80)
    const met = relays.filter(({ directions }) => directions.length === 2).map(({ name }) => name)
    expect(met).toEqual(expect.arrayContaining(['relay-1', 'relay-2', 'relay-3', 'relay-4', 'relay-5']))
    expect(relays.filter(({ published }) => published !== true)).toEqual([])
    const counts = rows.map(({ oneWay, wrong, altered, unrecognised, lost }) => [
      oneWay,
      wrong,
      altered,
      unrecognised,
      lost,
    ])
    expect(counts).toEqual(counts.map(() => [0, 0, 0, 0, 0]))
    expect(rows.filter(({ name, listened }) => /^relay-.$/.test(name) && listened === 0)).toEqual([])
  }, 120_000)
})

describe('a relay that does not work is told from the others', () => {
  const sick = (rows: Awaited<ReturnType<typeof relaysMet>>['rows'], isSick: (row: (typeof rows)[number]) => boolean) =>
    rows.filter(isSick).map(({ name, to }) => `${name} to ${to}`)

  it('deaf in one direction', async () => {
    const { rows } = await relaysMet(CALLS, { faults: ['one-relay-one-way'] })
    expect(sick(rows, ({ oneWay }) => oneWay > 0)).toEqual(['relay-5 to caller'])
  })
  it('losing packets', async () => {
    const { rows } = await relaysMet(CALLS, { faults: ['one-relay-loses'] })
    expect(sick(rows, ({ lost }) => lost > 0)).toEqual(['relay-5 to caller', 'relay-5 to called'])
  })
  it('altering audio', async () => {
    const { rows } = await relaysMet(CALLS, { faults: ['relay-garbles-audio'] })
    expect(rows.length).toBeGreaterThan(8)
    expect(sick(rows, ({ altered, listened }) => altered !== listened)).toEqual([])
  })
  it('with sound that was not recognised', async () => {
    const { rows } = await relaysMet(CALLS, { line: blurred })
    expect(rows.length).toBeGreaterThan(8)
    expect(
      sick(rows, ({ unrecognised, altered, oneWay, listened }) => unrecognised !== listened || altered + oneWay > 0),
    ).toEqual([])
  })
  it('whatever the scenario is about', async () => {
    const { outcome } = await relaysMet(/^retransmission\/invite-after-answer$/, { faults: ['relay-one-way'] })
    expect(outcome.scenarios[0]).toMatchObject({
      verdict: 'pass',
      audio: [{ to: 'caller', listened: 1, oneWay: 1 }, {}],
    })
  })
})

it('packets that a story holds back are nobody’s losses', async () => {
  const { rows } = await relaysMet(/^media\/reports$/)
  expect(rows.length).toBeGreaterThan(0)
  for (const { packets, lost, expected } of rows) expect([packets > 100, lost, expected]).toEqual([true, 0, 0])
})
