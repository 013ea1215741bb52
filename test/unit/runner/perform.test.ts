import { ScenarioRecord } from '../../../src/evidence/record.js'
import { describe, expect, it } from 'vitest'
import { perform } from '../../../src/runner/perform.js'
import type { Stages } from '../../../src/worlds/stages.js'
import type { PlanEntry } from '../../../src/runner/plan.js'
import { targetOf } from '../../../src/target/target-file.js'

const document = targetOf({
  name: 'two',
  domain: 'example.net',
  endpoints: { udp: { host: '192.0.2.1' } },
  accounts: ['1', '2'].map((user) => ({ user, password: 'x' })),
})

/** What the runner looks at, and nothing else. */
const partOf = (value: object) => Object.assign(JSON.parse('{}'), value)

const entry = (id: string, devices: object = { alice: {} }): PlanEntry =>
  partOf({ definition: { id, devices, seconds: 1 }, variant: { transport: 'udp', family: 'ipv4' } })

/** A shared stage on which every story is over at once, as soon as others get a turn. */
const stages = (betweenStarts?: () => Promise<void>, silent: () => boolean = () => false): Stages =>
  partOf({
    wire: 'memory',
    separate: false,
    on: async (id: string) => {
      await Promise.resolve()
      const result = { id, evidence: [] }
      const record = new ScenarioRecord()
      return { result, silence: silent(), record, read: () => ({ result, notes: [], record }) }
    },
    betweenStarts,
  })

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('perform', () => {
  it('ends although the last story was over before the pause after its start', async () => {
    const done = await perform({ document, stages: stages(turn) }, [entry('a'), entry('b'), entry('c')])
    expect(done.size).toBe(3)
  })

  it('comes back to what had to wait for an account', async () => {
    const done = await perform({ document, stages: stages() }, [
      entry('a'),
      entry('b', { alice: {}, bob: {} }),
      entry('c'),
    ])
    expect(done.size).toBe(3)
  })

  it('lends an account that is free again to the longest that waits for it', async () => {
    const begun: string[] = []
    const long = (id: string, seconds: number, devices?: object): PlanEntry => {
      const { definition, ...rest } = entry(id, devices)
      return { ...rest, definition: { ...definition, seconds } }
    }
    const both = { alice: {}, bob: {} }
    let starts = 0
    // Both that hold an account give it back after the second start.
    const pause = () => (++starts === 2 ? turn() : Promise.resolve())
    await perform(
      {
        document,
        stages: stages(pause),
        reporter: partOf({ begins: ({ definition }: PlanEntry) => begun.push(definition.id) }),
      },
      [long('longest', 9), long('waits for two', 8, both), long('short', 1), long('shorter', 0.5)],
    )
    expect(begun).toEqual(['longest', 'short', 'waits for two', 'shorter'])
  })

  it('leaves out what no account is there for, instead of waiting for ever', async () => {
    const done = await perform({ document, stages: stages(turn) }, [entry('a'), entry('b', { pbx: { role: 'trunk' } })])
    expect(done.size).toBe(1)
  })
  it('begins nothing more when the target does not answer any more, and asks only where there was silence', async () => {
    const asked: number[] = []
    const entries = ['a', 'b', 'c', 'd', 'e'].map((id) => entry(id))
    let told = 0
    const done = await perform(
      {
        document,
        stages: stages(turn, () => (told += 1) > 1),
        stillThere: () => Promise.resolve(asked.push(told) < 2),
      },
      entries,
    )
    expect(asked).toEqual([2, 3])
    expect(done.size).toBe(3)
  })
})
